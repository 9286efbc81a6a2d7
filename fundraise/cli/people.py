"""Commands that let people and accounts in: the staff's link, Stripe accounts."""

from typing import Annotated

import typer

from fundraise.cli.opening import opened
from fundraise.flows.connect import connect_account
from fundraise.flows.staff_entry import make_link
from fundraise.stripe_accounts.tables import PLATFORM_SLUG, AccountMode

staff_app = typer.Typer(no_args_is_help=True, help="The staff pages.")
stripe_app = typer.Typer(no_args_is_help=True, help="Stripe accounts.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(staff_app, name="staff")
    app.add_typer(stripe_app, name="stripe")


@staff_app.command("link")
def staff_link(
    name: Annotated[str, typer.Option(help="Who will use it; stands beside what they do.")] = "staff",
) -> None:
    """Print a link that opens the staff pages once, within half an hour."""
    with opened() as parts:
        typer.echo(make_link(parts, name))


@stripe_app.command("connect")
def connect(  # noqa: PLR0913, PLR0917  Each is something only the operator knows.
    slug: Annotated[str, typer.Argument(help="A name for the account here; the end of its webhook address.")],
    charity: Annotated[str, typer.Option(help="Whose account it is: the charity's or society's name here.")],
    key: Annotated[str, typer.Option(help="The API key; a restricted one is best.", prompt=True, hide_input=True)],
    webhook_secret: Annotated[
        list[str], typer.Option(help="The webhook's signing secret; twice while it is being rolled.")
    ],
    mode: Annotated[AccountMode, typer.Option(help="own-key or connected.")] = AccountMode.OWN_KEY,
    account: Annotated[str, typer.Option(help="The account's id, acct_…; needed in connected mode.")] = "",
    statement_prefix: Annotated[str, typer.Option(help="What card statements begin with.")] = "",
    fee_percent: Annotated[float | None, typer.Option(help="The usual card fee, like 1.5.", min=0, max=20)] = None,
    fee_fixed_minor: Annotated[int | None, typer.Option(help="Its fixed part in minor units, like 20.", min=0)] = None,
) -> None:
    """Connect a Stripe account, or renew its key and secrets."""
    with opened() as parts:
        connect_account(
            parts,
            slug=slug,
            body_slug=charity,
            mode=mode,
            key=key,
            webhook_secrets=tuple(webhook_secret),
            account_ref=account,
            statement_prefix=statement_prefix,
            fee_basis_points=round(fee_percent * 100) if fee_percent is not None else None,
            fee_fixed_minor=fee_fixed_minor,
        )
        end = PLATFORM_SLUG if mode is AccountMode.CONNECTED else slug
        typer.echo(f"Connected. In Stripe, send webhooks to {parts.settings.base_url}/webhooks/stripe/{end}")
