"""Questions about Stripe accounts."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from fundraise.errors import NotFound
from fundraise.payments import AccountKey
from fundraise.sealing import Sealer
from fundraise.stripe_accounts.tables import AccountMode, StripeAccount


def account_of(session: Session, body_id: int) -> StripeAccount | None:
    """Return the account a body takes gifts with now: the one connected last and not closed."""
    return session.exec(
        select(StripeAccount)
        .where(col(StripeAccount.body_id) == body_id, col(StripeAccount.closed_at).is_(None))
        .order_by(col(StripeAccount.id).desc())
        .limit(1)
    ).first()


def account_by_slug(session: Session, slug: str) -> StripeAccount:
    """Return an account by its name here; `NotFound`."""
    found = session.exec(select(StripeAccount).where(col(StripeAccount.slug) == slug)).first()
    if found is None:
        raise NotFound("There is no Stripe account of this name.")
    return found


def all_accounts(session: Session) -> Sequence[StripeAccount]:
    """List all accounts, closed ones too: late refunds and disputes still arrive there."""
    return session.exec(select(StripeAccount).order_by(col(StripeAccount.slug))).all()


def connected_accounts(session: Session) -> Sequence[StripeAccount]:
    """List the accounts reached through a platform's key."""
    return session.exec(select(StripeAccount).where(col(StripeAccount.mode) == AccountMode.CONNECTED)).all()


def key_of(account: StripeAccount, sealer: Sealer) -> AccountKey:
    """Return how to reach an account; raises `SetupError` when its key was sealed with another secret."""
    return key_to(account.slug, account.sealed_key, account.mode, account.account_ref, sealer)


def key_to(slug: str, sealed_key: str, mode: str, account_ref: str, sealer: Sealer) -> AccountKey:
    """Return how to reach an account that was asked for in plain SQL; see `key_of`."""
    connected_account = account_ref if mode == AccountMode.CONNECTED else None
    return AccountKey(slug=slug, api_key=sealer.unseal(sealed_key), connected_account=connected_account)


def secrets_of(account: StripeAccount, sealer: Sealer) -> tuple[str, ...]:
    """Return the webhook secrets in use; two while one is being rolled."""
    return tuple(secret for secret in sealer.unseal(account.sealed_webhook_secrets).split("\n") if secret)
