"""Two workers may look at one payment and act in the other order. Whatever the order, the books end the same.

Reliability goal 8: the orders of six happenings of one gift, every sixth of them here and all 720 in the soak.
"""

import itertools
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from fundraise.donations.tables import Donation
from fundraise.flows.payout import book_payout
from fundraise.flows.settle import settle
from fundraise.payments import BalanceTransaction, NotThereYet, Payment, Payout
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from tests.world import World


def six_looks(world: World) -> tuple[list[Payment], Payout]:
    """Live one gift's life at Stripe, looking after each happening: paid, refunded twice, disputed, won, paid out."""
    gift = world.give(amount="50", cover_fee="1")
    paid = world.pay(gift)
    with world.parts.db.read() as session:
        key = key_of(account_by_slug(session, "shelter"), world.parts.sealer)

    def look() -> Payment:
        return world.parts.payments.payment(key, paid["payment_intent"])

    looks = [look()]
    world.advance(days=8)
    for amount in (1000, 500):
        world.sandbox.control("refund", {"charge": paid["charge"], "amount": amount})
        looks.append(look())
    world.sandbox.control("dispute", {"do": "open", "charge": paid["charge"], "amount": 3000})
    looks.append(look())
    world.sandbox.control("dispute", {"do": "win", "charge": paid["charge"]})
    looks.append(look())
    world.advance(days=8)
    world.sandbox.control("payout", {"currency": "gbp"})
    sent = world.events("payout.created")[-1]["data"]["object"]["id"]
    world.sandbox.take_due_deliveries()
    return looks, world.parts.payments.payout(key, sent)


@pytest.mark.parametrize("count", [120, pytest.param(720, marks=pytest.mark.long)])
def test_every_order_of_six_looks_leads_to_one_state(shelter: World, count: int) -> None:
    looks, payout = six_looks(shelter)
    orders = list(itertools.permutations(range(6)))[:: 720 // count]
    assert len(orders) == count
    with shelter.parts.db.write("test: the same gift many times") as session:
        account_id = account_by_slug(session, "shelter").id
        copies = copy_gifts(session, looks[0].reference or "", len(orders))
    for order, ref in zip(orders, copies, strict=True):
        too_early = [place for place in order if not act(shelter, account_id, ref, looks, payout, place)]
        if too_early:  # What showed a consequence before its cause is looked at again, as the inbox does.
            assert act(shelter, account_id, ref, looks, payout, 4)
    ended = Counter(shapes(shelter).values())
    assert len(ended) == 1, ended
    assert shelter.total_minor() == 3500 * len(orders)
    assert shelter.total()["gifts"] == len(orders)


def act(world: World, account_id: int, ref: str, looks: list[Payment], payout: Payout, place: int) -> bool:
    now = world.now()
    try:
        with world.parts.db.write("test") as session:
            if place == 5:
                book_payout(session, account_id, replace(payout, id=f"po_{ref}"), None, now)
            else:
                assert settle(world.parts, session, account_id, renamed(looks[place], ref)) == "settled"
    except NotThereYet:
        return False
    return True


def renamed(payment: Payment, ref: str) -> Payment:
    """Return the same look at another gift: every id ends with the gift's own reference."""

    def row(found: BalanceTransaction | None) -> BalanceTransaction | None:
        return replace(found, id=f"{found.id[:20]}{ref}") if found is not None else None

    charge = payment.charge
    assert charge is not None
    return replace(
        payment,
        id=f"pi_{ref}",
        reference=ref,
        charge=replace(charge, id=f"ch_{ref}", payment_id=f"pi_{ref}", transaction=row(charge.transaction)),
        refunds=tuple(
            replace(refund, id=f"{refund.id[:20]}{ref}", transaction=row(refund.transaction))
            for refund in payment.refunds
        ),
        disputes=tuple(
            replace(
                dispute,
                id=f"{dispute.id[:20]}{ref}",
                transactions=tuple(replace(each, id=f"{each.id[:20]}{ref}") for each in dispute.transactions),
            )
            for dispute in payment.disputes
        ),
    )


def copy_gifts(session: Session, ref: str, count: int) -> list[str]:
    original = session.exec(select(Donation).where(col(Donation.ref) == ref)).one()
    values = original.model_dump(exclude={"id", "payment_id", "checkout_id"})
    refs = [f"copy{number:012d}" for number in range(count)]
    rows: list[dict[str, Any]] = [{**values, "ref": each, "group_ref": each, "form_key": each} for each in refs]
    session.execute(insert(Donation), rows)
    return refs


def shapes(world: World) -> dict[int, Any]:
    """Return what each copy came to: its state, its refunds and dispute, and its balances by account."""
    with world.parts.db.read() as session:
        rows = session.execute(
            text(
                "SELECT d.id, d.state, l.account, SUM(l.minor), SUM(l.gifts), COUNT(DISTINCT l.entry_id), "
                "(SELECT COUNT(*) FROM refund r WHERE r.donation_id = d.id AND r.state = 'succeeded'), "
                "(SELECT state FROM dispute p WHERE p.donation_id = d.id) "
                "FROM donation d JOIN ledger_line l ON l.donation_id = d.id WHERE d.ref LIKE 'copy%' "
                "GROUP BY d.id, d.state, l.account ORDER BY d.id, l.account"
            )
        ).all()
    found: dict[int, Any] = {}
    for donation_id, *shape in rows:
        found[donation_id] = (*found.get(donation_id, ()), tuple(str(part) for part in shape))
    return found
