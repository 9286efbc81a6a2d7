"""Commands for partners, what they pass on, and the rates their figures are converted at."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlmodel import Session

from fundraise import money
from fundraise.appeals.tables import Appeal
from fundraise.cli.opening import opened
from fundraise.errors import FieldErrors, Refusal, SetupError
from fundraise.flows.add_partner import NewPartner, add_partner, new_key, renew_link, report_link
from fundraise.flows.import_rates import RatesImported, import_rates, seed_rates
from fundraise.flows.record_transfer import (
    LINK,
    Arrived,
    Sent,
    acknowledge_transfer,
    receivers_currency,
    record_transfer,
)
from fundraise.jobs.rates import SEEDED_FROM
from fundraise.partners.questions import all_partners, partner_by_slug
from fundraise.published_rates import LARGEST_RATES_FILE_BYTES, RateSource
from fundraise.transfers.questions import transfer_with_reference

partner_app = typer.Typer(no_args_is_help=True, help="Partner charities and their figures.")
transfer_app = typer.Typer(no_args_is_help=True, help="What participants pass on to each other.")
rates_app = typer.Typer(no_args_is_help=True, help="Exchange rates.")
_BY = "the command line"
T = TypeVar("T")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(partner_app, name="partner")
    app.add_typer(transfer_app, name="transfer")
    app.add_typer(rates_app, name="rates")
    app.command("report-link")(print_link)


@partner_app.command("add")
def add(
    slug: Annotated[str, typer.Argument(help="A name for it here: small letters, digits and hyphens.")],
    appeal: Annotated[str, typer.Option(help="The appeal it takes part in.")],
    name: Annotated[str, typer.Option(help="Its name, as the public reads it.")],
    currency: Annotated[str, typer.Option(help="The currency it reports in, like EUR.")],
    unnamed: Annotated[bool, typer.Option(help="Count it without naming it to the public.")] = False,  # noqa: FBT002
    beneficiary: Annotated[bool, typer.Option(help="The appeal's money is finally for it.")] = False,  # noqa: FBT002
    email: Annotated[str, typer.Option(help="Where its treasurer is reached.")] = "",
) -> None:
    """Add a partner to an appeal."""
    new = NewPartner(
        slug=slug.strip().lower(),
        appeal=appeal,
        name=name,
        currency=currency,
        is_unnamed=unnamed,
        is_beneficiary=beneficiary,
        contact_email=email,
    )
    with opened() as parts:
        _said_plainly(lambda: add_partner(parts, new, by=_BY))
        typer.echo(report_link(parts, new.slug))


@partner_app.command("list")
def list_partners() -> None:
    """Show the partners."""
    with opened() as parts, parts.db.read() as session:
        found = all_partners(session)
        for partner in found:
            appeal = session.get_one(Appeal, partner.appeal_id).slug
            typer.echo(f"{partner.slug}: {partner.name}, {appeal}, {partner.currency}")
    if not found:
        typer.echo("No partner yet. Add one with: fundraise partner add SLUG --appeal SLUG --name … --currency EUR")


@partner_app.command("key")
def print_key(slug: Annotated[str, typer.Argument(help="The partner's name here.")]) -> None:
    """Print a new key for the partner's programs; the old one opens nothing any more."""
    with opened() as parts:
        typer.echo(new_key(parts, slug, by=_BY))


def print_link(
    partner: Annotated[str, typer.Argument(help="The partner's name here.")],
    renew: Annotated[bool, typer.Option(help="Make the old link useless.")] = False,  # noqa: FBT002
) -> None:
    """Print the link on which a partner reports its figure."""
    with opened() as parts:
        typer.echo(renew_link(parts, partner, by=_BY) if renew else report_link(parts, partner))


@transfer_app.command("record")
def record(  # noqa: PLR0913, PLR0917  Each is something only staff know.
    appeal: Annotated[str, typer.Option(help="The appeal whose money it is.")],
    sender: Annotated[str, typer.Option(help="body:NAME or partner:NAME.")],
    receiver: Annotated[str, typer.Option(help="body:NAME or partner:NAME.")],
    amount: Annotated[str, typer.Option(help="What was sent, like 2000.00.")],
    currency: Annotated[str, typer.Option(help="The currency it was sent in.")],
    sent_on: Annotated[str, typer.Option(help="The day it was sent, like 2017-05-12.")],
    reference: Annotated[str, typer.Option(help="What stands on both bank statements.")] = "",
    expected: Annotated[str, typer.Option(help="What is expected to arrive, in the receiver's currency.")] = "",
) -> None:
    """Record a transfer and print the link on which the receiver says that it arrived."""
    with opened() as parts:
        with parts.db.read() as session:
            arrives = _expected(session, receiver, expected) if expected else None
        sent = Sent(
            appeal=appeal,
            sender=sender,
            receiver=receiver,
            sent=_amount(amount, currency.upper()),
            sent_on=_day(sent_on),
            reference=reference,
            expected=arrives,
        )
        ref = _said_plainly(lambda: record_transfer(parts, sent, by=_BY))
        typer.echo(f"{parts.settings.base_url}/t/{parts.sealer.link_token(LINK, ref)}")


@transfer_app.command("arrived")
def arrived(
    reference: Annotated[str, typer.Argument(help="The transfer's reference.")],
    amount: Annotated[str, typer.Option(help="What arrived, in the receiver's currency, like 1999.50.")],
    on: Annotated[str, typer.Option(help="The day it arrived, like 2017-05-15.")],
    note: Annotated[str, typer.Option(help="How it is known: a letter, a call.")] = "",
) -> None:
    """Record that a transfer arrived, where the receiver said so without its link."""
    with opened() as parts:
        with parts.db.read() as session:
            transfer = transfer_with_reference(session, reference)
            currency = receivers_currency(session, transfer)
        said = Arrived(amount=_amount(amount, currency), on=_day(on), said_by=_BY, note=note)
        is_new = _said_plainly(lambda: acknowledge_transfer(parts, transfer.ref, said, by=_BY))
    typer.echo("Recorded." if is_new else "That was said before.")


@rates_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A file of the European Central Bank's or HMRC's, XML or CSV.")],
) -> None:
    """Keep the rates in a file. The same file twice adds nothing; a bad file changes nothing."""
    try:
        with file.open("rb") as opened_file:
            raw = opened_file.read(LARGEST_RATES_FILE_BYTES + 1)
    except OSError as problem:
        raise SetupError(f"{file} cannot be read: {problem.strerror}.") from None
    with opened() as parts:
        _say(import_rates(parts, file.name, raw, by=_BY))


@rates_app.command("seed")
def seed(
    since: Annotated[str, typer.Option(help="The first day, like 2017-01-01.")] = SEEDED_FROM.isoformat(),
    source: Annotated[RateSource | None, typer.Option(help="Only of this publisher.")] = None,
) -> None:
    """Keep the rates that were installed along with the product; no network is needed."""
    with opened() as parts:
        for each in [source] if source is not None else list(RateSource):
            _say(seed_rates(parts, each, _day(since), by=_BY), f"{each}: ")


def _say(done: RatesImported, before: str = "") -> None:
    typer.echo(f"{before}{done.sheets} days or months, {done.new} new. Converted because of them: {done.converted}.")


def _said_plainly(work: Callable[[], T]) -> T:
    """Say the problems of a form in one line, since a command has no fields to mark."""
    try:
        return work()
    except FieldErrors as problem:
        raise Refusal(" ".join(f"{field}: {message}" for field, message in problem.errors.items())) from None


def _expected(session: Session, receiver: str, typed: str) -> money.Money:
    kind, _, slug = receiver.partition(":")
    if kind != "partner":
        raise Refusal("Only what arrives at a partner is in another currency.")
    return _amount(typed, partner_by_slug(session, slug).currency)


def _amount(typed: str, currency: str) -> money.Money:
    if not money.is_currency(currency):
        raise Refusal(f"{currency[:20]!r} is no currency we know, like EUR.")
    try:
        return money.parse(typed, currency)
    except money.AmountError as problem:
        raise Refusal(str(problem)) from None


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Refusal(f"{typed[:20]!r} is no day like 2017-04-30.") from None
