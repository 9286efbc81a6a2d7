"""What leaves Stripe in one batch and arrives as one line: every minor unit of it is matched, or has a name.

Fees that changed, refunds and disputes, heard of or not, each with its payout and the bank's file.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import col, select

from fundraise.differences.tables import Difference, DifferenceState
from fundraise.flows import payout as payouts
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.reconcile import fetch, reconcile_all
from fundraise.ledger.accounts import Account as Accounts
from fundraise.ledger.balances import balances
from fundraise.settlements.tables import BalanceTransactionRow, PayoutRow
from fundraise.statements.tables import BankLine, BankMatch
from fundraise.stripe_accounts.tables import StripeAccount
from tests.statements.teller import Teller
from tests.stories.test_moments_of_money import charge_of
from tests.world import Gift, World


@dataclass
class Batch:
    """One account whose gifts leave in one payout, what happens to them before, and what must be named then."""

    slug: str
    at_stripe: str
    body_id: int
    happens: "Happens"
    unheard: bool
    gifts: list[Gift] = field(default_factory=list)
    stays: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)


Happens = Callable[[World, Batch], None]


def nothing(world: World, batch: Batch) -> None:
    pass


def fee_changed(world: World, batch: Batch) -> None:
    """Stripe asks six times as much from now on."""
    world.sandbox.control("account", {"account": batch.at_stripe, "tariff": {"percent_bp": 900, "fixed_minor": 120}})
    gift = world.give(batch.slug, amount="35")
    world.pay(gift)
    batch.stays["FEE_UNEXPECTED"] += 1
    batch.mended["MISSING_WEBHOOK"] += batch.unheard


def refund(world: World, batch: Batch, amount_minor: int) -> None:
    world.sandbox.control("refund", {"charge": charge_of(world, batch.gifts[0].session), "amount": amount_minor})
    batch.mended["REFUND_NOT_RECORDED"] += batch.unheard


def dispute(world: World, batch: Batch, gift: int, ends: str = "", *, whole: bool = False) -> None:
    """Dispute what is left of a gift, or all of it whatever was given back."""
    charge = charge_of(world, batch.gifts[gift].session)
    amount = world.stripe_object("charges", charge)["amount"] if whole else None
    world.sandbox.control("dispute", {"do": "open", "charge": charge, "amount": amount})
    if ends:
        world.sandbox.control("dispute", {"do": ends, "charge": charge})
    else:
        batch.stays["DISPUTE_OPEN"] += 1
    batch.mended["DISPUTE_NOT_RECORDED"] += batch.unheard


def chargeback_and_refund(world: World, batch: Batch) -> None:
    refund(world, batch, 1_234)
    dispute(world, batch, 1)


def both_of_one_gift(world: World, batch: Batch) -> None:
    refund(world, batch, 700)
    dispute(world, batch, 0, "lose")


def more_than_was_given_goes_back(world: World, batch: Batch) -> None:
    """The donor's bank takes all of a gift of which a part was given back already."""
    refund(world, batch, 700)
    dispute(world, batch, 0, "lose", whole=True)
    batch.stays["OVER_REFUND"] += 1


def refund_and_a_dispute_that_is_won(world: World, batch: Batch) -> None:
    refund(world, batch, 50)
    dispute(world, batch, 1, "win")


HAPPENS: tuple[Happens, ...] = (
    nothing,
    fee_changed,
    chargeback_and_refund,
    both_of_one_gift,
    more_than_was_given_goes_back,
    refund_and_a_dispute_that_is_won,
)


def opened(world: World, seed: int) -> list[Batch]:
    """Open an account for each thing that may happen, heard of and not, and let each be given to."""
    chance = random.Random(seed)
    found = []
    for unheard in (False, True):
        for happens in HAPPENS:
            slug = f"{happens.__name__.replace('_', '-')}-{'un' * unheard}heard"
            body = world.body(slug)
            made = world.account(body, slug=slug)
            world.campaign(body, slug=slug)
            add_bank_account(world.parts, name=slug, body_slug=slug, currency="GBP")
            batch = Batch(slug, made["id"], body.id, happens, unheard)
            for _ in range(2):
                batch.gifts.append(world.give(slug, amount=f"{chance.randint(40, 400)}.{chance.randint(0, 99):02d}"))
                world.pay(batch.gifts[-1])
            found.append(batch)
    world.settle()
    world.advance(days=8)
    world.settle()
    return found


def pay_out(world: World, batches: list[Batch]) -> None:
    """Let everything that is available leave, arrive, and stand on the bank's files."""
    world.advance(days=8)
    for batch in batches:
        world.sandbox.control("payout", {"account": batch.at_stripe, "currency": "gbp"})
    world.advance(days=5)
    for number, batch in enumerate(batches):
        kind = "csv" if number % 2 else "camt.053"
        written = world.sandbox.control("bank-statement", {"account": batch.at_stripe, "format": kind})["content"]
        Teller(world, 0).bring(str(written).encode(), account=batch.slug)


def named(world: World, slug: str, state: DifferenceState) -> Counter[str]:
    with world.parts.db.read() as session:
        statement = select(Difference.code).join(
            StripeAccount, col(StripeAccount.id) == col(Difference.stripe_account_id)
        )
        return Counter(session.exec(statement.where(col(StripeAccount.slug) == slug, col(Difference.state) == state)))


def test_a_batch_is_matched_with_its_line_whatever_left_in_it(world: World) -> None:
    batches = opened(world, seed=len(world.parts.db.dialect))
    for unheard in (False, True):
        for batch in batches:
            if batch.unheard == unheard:
                batch.happens(world, batch)
        world.advance(60)
        if not unheard:
            world.hear()
    world.sandbox.take_due_deliveries()
    pay_out(world, batches)
    world.sandbox.take_due_deliveries()  # Of the payouts nothing is heard either: the run fetches them.
    reconcile_all(world.parts, by="test")
    for batch in batches:
        assert named(world, batch.slug, DifferenceState.OPEN) == +batch.stays, batch.slug
        assert named(world, batch.slug, DifferenceState.FIXED) == +batch.mended, batch.slug
    with world.parts.db.read() as session:
        lines = session.exec(select(BankLine.id)).all()
        matches = session.exec(select(BankMatch).where(col(BankMatch.stands))).all()
        in_transit = balances(session, ["body_id"], account=Accounts.PAYOUTS_IN_TRANSIT)
        whole = session.exec(select(PayoutRow.items_known)).all()
    assert (len(lines), len(matches), in_transit) == (len(batches), len(batches), [])
    assert whole == [True] * len(batches)


# --- what a payout is made of -----------------------------------------------------------------------------------------


def paid_out(world: World) -> dict[str, Any]:
    """Two gifts leave in one payout and arrive; Stripe says what it is made of, and nobody has asked yet."""
    for amount in ("20", "30"):
        world.paid_gift(amount)
    world.advance(days=8)
    world.settle()
    payout = world.sandbox.control("payout", {"currency": "gbp"})
    world.advance(days=2)
    return dict(payout)


def open_codes(world: World) -> Counter[str]:
    reconcile_all(world.parts, by="test")
    return named(world, "shelter", DifferenceState.OPEN)


@pytest.mark.parametrize("by", ["the notices", "the run"])
def test_a_row_that_stripe_lists_later_is_missed_and_found_by_the_next_run(shelter: World, by: str) -> None:
    payout = paid_out(shelter)
    late = {"kind": "late_row", "path": "/v1/balance_transactions", "query": f"payout={payout['id']}", "times": 10}
    shelter.sandbox.control("fault", late)
    if by == "the notices":
        shelter.hear()
    else:
        shelter.sandbox.take_due_deliveries()
    assert open_codes(shelter) == Counter(["PAYOUT_SUM"])
    with shelter.parts.db.read() as session:
        (difference,) = session.exec(select(Difference)).all()
        linked = session.exec(select(BalanceTransactionRow).where(col(BalanceTransactionRow.payout_id) > 0)).all()
    assert difference.object_id == payout["id"]
    assert difference.minor == payout["amount"] - sum(row.net_minor for row in linked) != 0
    shelter.sandbox.control("fault", {"clear": True})
    shelter.advance(days=1)
    assert open_codes(shelter) == Counter()
    assert named(shelter, "shelter", DifferenceState.FIXED) == Counter(["PAYOUT_SUM"])


def test_control_without_asking_again_the_row_stays_missed(shelter: World, monkeypatch: pytest.MonkeyPatch) -> None:
    payout = paid_out(shelter)
    late = {"kind": "late_row", "path": "/v1/balance_transactions", "query": f"payout={payout['id']}"}
    shelter.sandbox.control("fault", late)
    shelter.sandbox.take_due_deliveries()
    for module in (fetch, payouts):
        monkeypatch.setattr(module, "adds_up", lambda *_: True)
    assert open_codes(shelter) == Counter(["PAYOUT_SUM"])
    assert open_codes(shelter) == Counter(["PAYOUT_SUM"])
