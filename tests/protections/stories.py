"""Short stories of protections that no other test tells alone; each is a test itself, and fails without its own.

The races among them are reliability goal 16.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from fundraise import faults, outbox
from fundraise.clock import FrozenClock
from fundraise.db import Database
from fundraise.donations.rules import move
from fundraise.donations.tables import Donation, DonationState
from fundraise.errors import Conflict
from fundraise.flows import staff_entry
from fundraise.flows.follow_up import follow_up
from fundraise.flows.settle import settle, settle_payment
from fundraise.job_runs import LEASE, fence, running, take
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import balances, last_entry_id
from fundraise.ledger.post import Leg, post
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from tests.doors.test_webhook_effects import session_made_elsewhere
from tests.floor.test_db import LEDGER_ROWS, test_the_app_can_only_add_to_the_ledger
from tests.stories.test_moments_of_money import charge_of
from tests.world import Gift, World


class Killed(BaseException):
    """The process died here."""


def nothing_leaves_paid(world: World) -> None:
    """A gift that is paid stays so: what comes back of it are happenings of their own."""
    world.paid_gift("20")
    with world.parts.db.write("test") as session:
        donation = session.get_one(Donation, 1)
        for state in set(DonationState) - {DonationState.PAID}:
            with pytest.raises(Conflict):
                move(session, donation, state, at=world.now(), by="test")


def a_second_charge_goes_to_a_person(world: World) -> None:
    """A paid gift's page is paid a second time, on a page somebody else made: one gift counts, the other waits."""
    world.paid_gift("20", email="mara@example.org")
    with world.parts.db.read() as session:
        reference = session.execute(text("SELECT ref FROM donation")).scalar_one()
    again = Gift(session_made_elsewhere(world, 2000, reference), "")
    world.pay(again)
    world.settle()
    with world.parts.db.read() as session:
        found = session.execute(text("SELECT code, state, minor FROM difference")).all()
    assert [tuple(row) for row in found] == [("DUPLICATE_DONATION", "open", 2000)]
    assert (world.total_minor(), world.total()["gifts"]) == (2000, 1)


def an_older_look_says_nothing_new(world: World) -> None:
    """Two workers looked at a refund, before and after it failed; the one who looked first acts last."""
    gift = world.paid_gift("50")
    world.paid_gift("50")
    world.advance(days=10)
    charge = charge_of(world, gift.session)
    refund = world.sandbox.control("refund", {"charge": charge, "amount": 1000})
    world.settle()
    with world.parts.db.read() as session:
        account = account_by_slug(session, "shelter")
        payment_id = session.execute(text("SELECT payment_id FROM donation WHERE id = 1")).scalar_one()
    earlier = world.parts.payments.payment(key_of(account, world.parts.sealer), payment_id)
    world.sandbox.control("refund-fail", {"refund": refund["id"]})
    world.settle()
    with world.parts.db.write("test") as session:
        settle(world.parts, session, account.id, earlier)
    with world.parts.db.read() as session:
        assert session.execute(text("SELECT state FROM refund")).scalar_one() == "failed"
    assert world.total_minor() == 10000


def raced_changes_are_all_kept(world: World) -> None:
    """Eight writers read a number and write the next, again and again."""

    def count_up(failed: list[BaseException]) -> None:
        try:
            for _ in range(10):
                with world.parts.db.write("test") as session:
                    read = text("SELECT last_receipt_number FROM body FOR UPDATE" if world.parts.db.dialect != "sqlite"
                                else "SELECT last_receipt_number FROM body")  # fmt: skip
                    number = session.execute(read).scalar_one()
                    session.execute(text("UPDATE body SET last_receipt_number = :next"), {"next": number + 1})
        except Exception as problem:
            failed.append(problem)

    failed: list[BaseException] = []
    counting = [threading.Thread(target=count_up, args=(failed,)) for _ in range(8)]
    for thread in counting:
        thread.start()
    for thread in counting:
        thread.join()
    with world.parts.db.write("test") as session:
        reached = session.execute(text("SELECT last_receipt_number FROM body")).scalar_one()
        session.execute(text("UPDATE body SET last_receipt_number = 0"))
    assert (reached, failed) == (80, [])


def receipts_are_numbered_one_by_one(world: World) -> None:
    """Eight workers settle eight paid gifts at the same moment."""
    for place in range(8):
        world.pay(world.give(amount=str(10 + place)))
    with world.parts.db.read() as session:
        account = account_by_slug(session, "shelter")
    key, start = key_of(account, world.parts.sealer), threading.Barrier(8)
    paid = [event["data"]["object"]["payment_intent"] for event in world.events("charge.succeeded")]

    def act(payment_id: str) -> None:
        start.wait()
        settle_payment(world.parts, account.id, key, payment_id)

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(act, paid))
    with world.parts.db.read() as session:
        numbers = list(session.execute(text("SELECT number FROM receipt ORDER BY number")).scalars())
    assert numbers == list(range(1, 9))
    assert world.total_minor() == sum(range(10, 18)) * 100


def a_named_total_never_changes(world: World) -> None:
    """Somebody asks for the total while one entry waits for its commit and another wants to be booked."""
    posted, go_on = threading.Event(), threading.Event()

    def book(key: str, minor: int, *, slow: bool) -> None:
        legs = [Leg(Account.BANK, minor, "GBP", 1), Leg(Account.ONLINE_GIFTS, -minor, "GBP", 1)]
        with world.parts.db.write("test") as session:
            post(session, key, legs, why="test", occurred_at=world.now(), now=world.now())
            if slow:
                posted.set()
                assert go_on.wait(30)

    def named_total(entry_id: int) -> int:
        with world.parts.db.read() as session:
            return sum(
                found.minor for found in balances(session, ["account"], account=Account.BANK, upto_entry_id=entry_id)
            )

    first = threading.Thread(target=book, args=("payment:first", 100), kwargs={"slow": True})
    first.start()
    assert posted.wait(30)
    second = threading.Thread(target=book, args=("payment:second", 30), kwargs={"slow": False})
    second.start()
    second.join(0.5)  # Long enough for one that is not held up; one that is cannot come before `go_on`.
    with world.parts.db.read() as session:
        named = last_entry_id(session)
    before = named_total(named)
    go_on.set()
    first.join()
    second.join()
    assert named_total(named) == before


def a_death_leaves_no_gap_between_receipts(world: World) -> None:
    """The process dies just before a gift's commit; the next try has the number that was drawn then."""

    def dies(point: str) -> None:
        if point == "settle: before commit":
            raise Killed

    gift = world.give(amount="20")
    world.pay(gift)
    world.deliver()
    with faults.listening(dies), pytest.raises(Killed):
        follow_up(world.parts)
    world.advance(minutes=5)
    world.settle()
    assert [finding for finding in world.findings() if "receipts" in finding] == []
    with world.parts.db.read() as session:
        assert session.execute(text("SELECT number FROM receipt")).scalar_one() == 1


def one_letter_for_one_thing(world: World) -> None:
    for _ in range(2):
        with world.parts.db.write("test") as session:
            outbox.write(session, "refund:re_1", "refund", donation_id=None, host="localhost", now=world.now())
    with world.parts.db.read() as session:
        assert session.execute(text("SELECT COUNT(*) FROM letter")).scalar_one() == 1


def a_link_lets_one_in(world: World) -> None:
    """Two press the button of one staff link."""
    token = staff_entry.make_link(world.parts, "Priya").rpartition("/")[2]
    assert staff_entry.enter(world.parts, token)
    with pytest.raises(staff_entry.LinkUsedUp):
        staff_entry.enter(world.parts, token)


def a_slot_is_one_workers(world: World) -> None:
    slot = world.now()
    assert take(world.parts.db, "sweep", slot, "one") is not None
    assert take(world.parts.db, "sweep", slot, "two") is None


def who_lost_the_slot_can_change_nothing(world: World) -> None:
    """A worker stands still until its lease has run out and another one has the slot; then it goes on."""
    clock = FrozenClock(world.now())
    world.parts.db.clock = clock
    lease = take(world.parts.db, "sweep", clock.now(), "one")
    assert lease is not None
    slot = lease.slot
    clock.move(seconds=LEASE.total_seconds() + timedelta(seconds=1).total_seconds())
    assert take(world.parts.db, "sweep", slot, "two") is not None
    token = running.set(lease)
    try:
        with pytest.raises(Exception, match="taken over"), world.parts.db.write("test") as session:
            fence(session, clock.now())
    finally:
        running.reset(token)


def the_ledger_is_only_added_to(world: World) -> None:
    database = Database(world.settings.database_url)
    with database.write("test") as session:
        for statement in LEDGER_ROWS:
            session.execute(text(statement))
    try:
        test_the_app_can_only_add_to_the_ledger(database)
    finally:
        database.close()
