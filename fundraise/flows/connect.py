"""Connecting a Stripe account: whose it is, and how we reach it. The key and the secrets are sealed at once."""

from sqlmodel import col, select

from fundraise.bodies.questions import body_by_slug
from fundraise.db import note, one_after_the_other
from fundraise.errors import SetupError
from fundraise.parts import Parts
from fundraise.staff.rules import note_act
from fundraise.stripe_accounts.tables import PLATFORM_SLUG, AccountMode, StripeAccount
from fundraise.text import TextError, clean_slug

_KEY_STARTS = ("sk_test_", "rk_test_", "sk_live_", "rk_live_")


def connect_account(  # noqa: PLR0913  Each is something the operator says.
    parts: Parts,
    *,
    slug: str,
    body_slug: str,
    mode: str,
    key: str,
    webhook_secrets: tuple[str, ...],
    account_ref: str = "",
    statement_prefix: str = "",
    fee_basis_points: int | None = None,
    fee_fixed_minor: int | None = None,
    by: str = "the command line",
) -> StripeAccount:
    """Connect an account, or renew what we know of one; raises `SetupError` and `NotFound`.

    Connected later than another account of the same body, it takes that body's new gifts; late refunds and disputes
    of the other one still arrive there.
    """
    name = _checked_slug(slug)
    _check(parts, mode, key, webhook_secrets, account_ref)
    with parts.db.write("connect") as session:
        one_after_the_other(session, "connect")
        body = body_by_slug(session, body_slug)
        account = session.exec(select(StripeAccount).where(col(StripeAccount.slug) == name)).first()
        if account is not None and account.body_id != body.id:
            raise SetupError(f"{name} is another body's account. Choose another name.")
        if account is None:
            account = StripeAccount(
                slug=name,
                body_id=body.id,
                mode=mode,
                sealed_key="",
                sealed_webhook_secrets="",
                livemode="_live_" in key,
                created_at=parts.clock.now(),
            )
        if account.livemode != ("_live_" in key):
            raise SetupError(f"{name} was connected with a {'live' if account.livemode else 'test'} key before.")
        account.mode, account.account_ref = mode, account_ref
        account.sealed_key = parts.sealer.seal(key)
        account.sealed_webhook_secrets = parts.sealer.seal("\n".join(webhook_secrets))
        account.statement_prefix = statement_prefix or account.statement_prefix
        account.fee_basis_points = account.fee_basis_points if fee_basis_points is None else fee_basis_points
        account.fee_fixed_minor = account.fee_fixed_minor if fee_fixed_minor is None else fee_fixed_minor
        is_new = account.id is None
        session.add(account)
        session.flush()
        done = "connected the Stripe account" if is_new else "renewed the key of the Stripe account"
        note_act(session, f"{done} {name}"[:60], f"body:{body.id}", by=by, at=parts.clock.now())
        note(session, "public")
    return account


def _checked_slug(slug: str) -> str:
    try:
        name = clean_slug(slug)
    except TextError as problem:
        raise SetupError(f"{slug!r} will not do as a name. {problem}") from None
    if name == PLATFORM_SLUG:
        raise SetupError(f"{PLATFORM_SLUG!r} is the webhook address connected accounts share; choose another name.")
    return name


def _check(parts: Parts, mode: str, key: str, webhook_secrets: tuple[str, ...], account_ref: str) -> None:
    if mode not in set(AccountMode):
        raise SetupError("The mode is own-key or connected.")
    if not key.startswith(_KEY_STARTS):
        raise SetupError("A Stripe key begins with rk_live_, sk_live_, rk_test_ or sk_test_. A restricted key is best.")
    if "_live_" in key and parts.settings.stripe_api_base:
        raise SetupError("A live key is never used with a local Stripe. Unset FUNDRAISE_STRIPE_API_BASE first.")
    if not webhook_secrets or any(not secret.strip() for secret in webhook_secrets):
        raise SetupError("A webhook secret is needed: without it nobody could tell Stripe's notices from others'.")
    if mode == AccountMode.CONNECTED and not account_ref.startswith("acct_"):
        raise SetupError("A connected account needs its id: --account acct_…")
