"""Eight bugs of the kinds that lose or double money, each put in where the protection lies.

A simulation that does not find them within a few hundred sequences proves nothing by being green.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import text
from sqlmodel import Session

from fundraise import inbox
from fundraise.donations.tables import Donation
from fundraise.figures import public
from fundraise.flows import follow_up, payment_page, settle, sync
from fundraise.gateways.stripe import client
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.payments import AccountKey, CheckoutRequest, Payment
from fundraise.web.hot import webhooks

_numbers = itertools.count(1)


@contextmanager
def no_dedupe_key() -> Iterator[None]:
    """Entries of payments are keyed by nothing: each look books them again."""
    booked, post = settle.is_booked, settle.post

    def is_booked(session: Session, key: str) -> bool:
        return not key.startswith("payment:") and booked(session, key)

    def posted(session: Session, key: str, *rest: Any, **more: Any) -> bool:
        again = f":{next(_numbers)}" if key.startswith("payment:") and booked(session, key) else ""
        return post(session, key + again, *rest, **more)

    with patch.object(settle, "is_booked", is_booked), patch.object(settle, "post", posted):
        yield


@contextmanager
def effect_outside_the_transaction() -> Iterator[None]:
    """The receipt and its letter are written in a transaction of their own, after the gift is paid."""
    issue, letter = settle.issue_receipt, settle.write_to_donor
    later: list[Callable[[Session], Any]] = []

    def settle_payment(
        parts: Parts, account_id: int, key: AccountKey, payment_id: str, notice_ids: Sequence[int] = ()
    ) -> str:
        later.clear()
        payment = parts.payments.payment(key, payment_id)
        with parts.db.write("settle") as session:
            outcome = settle.settle(parts, session, account_id, payment)
            inbox.mark_handled(session, notice_ids, outcome, parts.clock.now())
        with parts.db.write("settle") as session:
            for effect in later:
                effect(session)
                session.flush()
        return outcome

    def issued(_session: Session, *rest: Any) -> None:
        later.append(lambda session: issue(session, *rest))

    def written(parts: Parts, _session: Session, *rest: Any, **more: Any) -> None:
        later.append(lambda session: letter(parts, session, *rest, **more))

    with ExitStack() as stack:
        stack.enter_context(patch.object(settle, "issue_receipt", issued))
        stack.enter_context(patch.object(settle, "write_to_donor", written))
        for module in (settle, follow_up, sync):
            stack.enter_context(patch.object(module, "settle_payment", settle_payment))
        yield


@contextmanager
def acknowledged_before_the_commit() -> Iterator[None]:
    """The webhook's door answers first and keeps afterwards."""
    keep = webhooks._Keeper.keep

    async def kept(self: Any, arrival: Any) -> None:
        asyncio.ensure_future(keep(self, arrival))  # noqa: RUF006
        await asyncio.sleep(0)

    with patch.object(webhooks._Keeper, "keep", kept):
        yield


@contextmanager
def order_assumed() -> Iterator[None]:
    """Each look is taken to bring one refund more, the newest: as if every notice came, and in order."""
    payment = client.StripeGateway.payment

    def newest(self: Any, *rest: Any) -> Payment:
        found = payment(self, *rest)
        return replace(found, refunds=found.refunds[-1:])

    with patch.object(client.StripeGateway, "payment", newest):
        yield


@contextmanager
def livemode_ignored() -> Iterator[None]:
    """Nobody looks whether news and payments are of the account's mode."""
    payment, verify = client.StripeGateway.payment, client.StripeGateway.verify

    def same_mode(self: Any, *rest: Any) -> Payment:
        return replace(payment(self, *rest), livemode=False)

    def any_mode(self: Any, *rest: Any) -> Any:
        return replace(verify(self, *rest), livemode=False)

    with (
        patch.object(client.StripeGateway, "payment", same_mode),
        patch.object(client.StripeGateway, "verify", any_mode),
    ):
        yield


@contextmanager
def amount_not_compared() -> Iterator[None]:
    """Whatever was paid is taken for what was asked."""
    mismatch = settle.mismatch

    def compared(account: Any, donation: Donation, payment: Payment) -> tuple[str, str] | None:
        asked = Money(donation.total_minor, donation.currency)
        charge = payment.charge
        if charge is not None:
            charge = replace(charge, amount=asked, transaction=None)
        return mismatch(account, donation, replace(payment, amount=asked, charge=charge))

    with patch.object(settle, "mismatch", compared):
        yield


@contextmanager
def a_counter_instead_of_the_sum() -> Iterator[None]:
    """The total is counted up in a column whenever a look finds a gift paid, and down at refunds."""
    settle_payment = settle.settle_payment

    def counting(parts: Parts, *rest: Any, **more: Any) -> str:
        with parts.db.read() as session:
            before = _standing(session)
        outcome = settle_payment(parts, *rest, **more)
        with parts.db.read() as session:
            change = _standing(session) - before
        if change:
            with parts.db.write("count up") as session:
                counted = "UPDATE campaign SET goal_minor = COALESCE(goal_minor, 0) + :change"
                session.execute(text(counted), {"change": change})
        return outcome

    total = public._total

    def column(campaign: Any, *rest: Any) -> Any:
        return replace(total(campaign, *rest), amount=Money(campaign.goal_minor or 0, campaign.currency))

    with ExitStack() as stack:
        for module in (settle, follow_up, sync):
            stack.enter_context(patch.object(module, "settle_payment", counting))
        stack.enter_context(patch.object(public, "_total", column))
        yield


def _standing(session: Session) -> int:
    found = session.execute(text("SELECT COALESCE(SUM(-minor), 0) FROM ledger_line WHERE counts AND currency = 'GBP'"))
    return int(found.scalar_one())


@contextmanager
def no_key_on_retry() -> Iterator[None]:
    """A payment page is asked for under a fresh key each time."""
    request = payment_page._request

    def other_key(*rest: Any) -> CheckoutRequest:
        return replace(request(*rest), key=f"key{next(_numbers)}")

    with patch.object(payment_page, "_request", other_key):
        yield


BUGS: Final[dict[str, Callable[[], Any]]] = {
    "no dedupe key": no_dedupe_key,
    "effect outside the transaction": effect_outside_the_transaction,
    "200 before commit": acknowledged_before_the_commit,
    "order assumed": order_assumed,
    "livemode ignored": livemode_ignored,
    "amount not compared": amount_not_compared,
    "a counter instead of the sum": a_counter_instead_of_the_sum,
    "no idempotency key on retry": no_key_on_retry,
}
