"""500 random sequences, 400 of them in the soak: each seeded discrepancy is found by its name, and nothing else is.

A sequence is what happens on one account until reconciliation looks: gifts, and up to three things that no message
tells of. Accounts live side by side in a world, so that one run looks at many sequences; then the next ones begin.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import col, select

from fundraise.differences.tables import Difference
from fundraise.flows.reconcile import questions, reconcile_all
from fundraise.sandbox import ApiRequest
from fundraise.stripe_accounts.tables import StripeAccount
from tests.databases import fresh_postgresql, fresh_sqlite
from tests.stories.test_moments_of_money import charge_of
from tests.world import Gift, World, small_world

ACCOUNTS, ROUNDS = 25, 4
WORLDS = [
    ("postgresql", 4),
    *(pytest.param("sqlite", seed, marks=pytest.mark.long) for seed in range(4)),
]


@dataclass
class Account:
    """One account with what was given on it while news still came, and what must be found."""

    slug: str
    at_stripe: str
    key: str
    faults: Sequence["Fault"]
    gifts: list[Gift] = field(default_factory=list)
    payout: str = ""
    expected: Counter[str] = field(default_factory=Counter)


Fault = Callable[[World, Account], None]


def unheard_gift(world: World, account: Account) -> None:
    world.pay(world.give(account.slug, amount="20"))
    account.expected["MISSING_WEBHOOK"] += 1


def unheard_refund(world: World, account: Account) -> None:
    world.sandbox.control("refund", {"charge": charge_of(world, account.gifts.pop().session), "amount": 1000})
    account.expected["REFUND_NOT_RECORDED"] += 1


def unheard_dispute(world: World, account: Account) -> None:
    world.sandbox.control("dispute", {"do": "open", "charge": charge_of(world, account.gifts.pop().session)})
    account.expected.update(["DISPUTE_NOT_RECORDED", "DISPUTE_OPEN"])


def stranger(world: World, account: Account) -> None:
    world.sandbox.control("external-charge", {"account": account.at_stripe, "amount": 1234, "currency": "gbp"})
    account.expected["ORPHAN_CHARGE"] += 1


def own_fee(world: World, account: Account) -> None:
    details = {"account": account.at_stripe, "amount": 150, "currency": "gbp", "description": "Radar"}
    world.sandbox.control("stripe-fee", details)
    account.expected["FEE_UNALLOCATED"] += 1


def row_of(kind: str, category: str, code: str, minor: int) -> Fault:
    def fault(world: World, account: Account) -> None:
        row = {"account": account.at_stripe, "type": kind, "category": category, "amount": minor, "currency": "gbp"}
        world.sandbox.control("balance-row", row)
        account.expected[code] += 1

    return fault


def other_amount(world: World, account: Account) -> None:
    gift = world.give(account.slug, amount="20")
    reference = world.stripe_object("checkout/sessions", gift.session)["metadata"]["donation_id"]
    body = (
        f"mode=payment&metadata[donation_id]={reference}&payment_intent_data[metadata][donation_id]={reference}"
        "&success_url=http://x/&cancel_url=http://x/&line_items[0][quantity]=1"
        "&line_items[0][price_data][currency]=gbp&line_items[0][price_data][unit_amount]=3500"
        "&line_items[0][price_data][product_data][name]=x"
    )
    headers = {"authorization": f"Bearer {account.key}", "content-type": "application/x-www-form-urlencoded"}
    made = world.sandbox.handle(ApiRequest("POST", "/v1/checkout/sessions", b"", body.encode(), headers)).json()
    world.pay(Gift(made["id"], gift.token))
    account.expected["AMOUNT_MISMATCH"] += 1


def payout_fails(world: World, account: Account) -> None:
    world.sandbox.control("payout-fail", {"account": account.at_stripe, "payout": account.payout})
    account.expected["PAYOUT_PAID_THEN_FAILED"] += 1


FAULTS: Sequence[Fault] = (
    unheard_gift,
    unheard_refund,
    unheard_dispute,
    stranger,
    own_fee,
    row_of("topup", "topup", "TOPUP", 500),
    row_of("reserve_transaction", "risk_reserved_funds", "RESERVE_HELD", -300),
    row_of("adjustment", "other_adjustment", "UNCLASSIFIED", -120),
    other_amount,
    payout_fails,
)


# What may come again and again, without a gift or a payout kept ready for it.
COMES_AGAIN: Sequence[Fault] = (unheard_gift, stranger, own_fee, FAULTS[5], FAULTS[7], other_amount)


def opened(world: World, chance: random.Random, seed: int) -> list[Account]:
    """Open the accounts and let each have a gift, and more where the faults to come need them; everything is heard."""
    accounts = []
    for number in range(ACCOUNTS):
        slug = f"s{seed}x{number}"
        body = world.body(slug)
        made = world.account(body)
        world.campaign(body, slug=slug)
        faults = chance.sample(FAULTS, chance.randint(0, 3))
        accounts.append(Account(slug, made["id"], made["keys"][0], faults))
        world.pay(world.give(slug, amount="100"))
    world.settle()
    world.advance(days=8)
    for account in accounts:
        if payout_fails in account.faults:
            details = {"account": account.at_stripe, "currency": "gbp"}
            account.payout = str(world.sandbox.control("payout", details)["id"])
        for fault in (unheard_refund, unheard_dispute):
            if fault in account.faults:
                account.gifts.append(world.give(account.slug, amount="100"))
                world.pay(account.gifts[-1])
    world.settle()
    world.advance(days=8)
    world.settle()
    return accounts


def found(world: World) -> dict[str, Counter[str]]:
    by_account: dict[str, Counter[str]] = {}
    with world.parts.db.read() as session:
        statement = select(Difference.code, StripeAccount.slug).join(
            StripeAccount, col(StripeAccount.id) == col(Difference.stripe_account_id)
        )
        for code, slug in session.exec(statement):
            by_account.setdefault(slug, Counter())[code] += 1
    return by_account


def seed_faults(world: World, accounts: Sequence[Account]) -> None:
    """Let it all happen while the webhook is down."""
    for account in accounts:
        for fault in account.faults:
            fault(world, account)
    world.advance(60)
    world.sandbox.take_due_deliveries()


def wrong(world: World, accounts: Sequence[Account]) -> list[str]:
    """Reconcile, and name the accounts of which something else was found than was seeded."""
    reconcile_all(world.parts, by="test")
    named = found(world)
    return [
        f"{account.slug}: {account.expected} {named.get(account.slug)}"
        for account in accounts
        if named.get(account.slug, Counter()) != account.expected
    ]


@pytest.mark.parametrize(("database", "seed"), WORLDS)
def test_every_seeded_discrepancy_is_found_by_its_name_and_nothing_else_is(
    database: str, seed: int, tmp_path: Path
) -> None:
    with (
        fresh_sqlite(tmp_path) if database == "sqlite" else fresh_postgresql() as settings,
        small_world(settings) as world,
    ):
        chance = random.Random(seed)
        accounts = opened(world, chance, seed)
        for _ in range(ROUNDS):
            seed_faults(world, accounts)
            assert wrong(world, accounts) == []
            for account in accounts:
                account.faults = chance.sample(COMES_AGAIN, chance.randint(0, 3))
        # Looking once more finds nothing more, and nothing twice.
        assert wrong(world, accounts) == []


def test_control_without_a_question_its_discrepancies_are_missed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = tuple(each for each in questions.QUESTIONS if each.code not in {"ORPHAN_CHARGE", "TOPUP", "DISPUTE_OPEN"})
    monkeypatch.setattr("fundraise.flows.reconcile.compare.QUESTIONS", fewer)
    monkeypatch.setattr(__name__ + ".ACCOUNTS", 3)
    accounts = opened(world, random.Random(1), 1)
    for account in accounts:
        account.faults = [stranger, COMES_AGAIN[3]]
    seed_faults(world, accounts)
    assert len(wrong(world, accounts)) == 3
