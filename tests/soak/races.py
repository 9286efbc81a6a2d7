"""Everything that reads before it writes, raced by eight threads, over two databases' connections of its own each.

On SQLite the threads work through two `Database`s on one file, as two processes do. Each race says how many may win.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any, Final

import httpx
from sqlalchemy import text

from fundraise import inbox, outbox
from fundraise.assembly import build_parts
from fundraise.errors import Refusal
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.begin_gift import Giver, begin_gift
from fundraise.flows.connect import connect_account
from fundraise.flows.follow_up import follow_up
from fundraise.flows.give import open_page
from fundraise.flows.import_statement import Upload, import_statement
from fundraise.flows.match_by_hand import match_with_payout
from fundraise.flows.payout import settle_payout
from fundraise.flows.settle import settle_payment
from fundraise.flows.staff_entry import enter, make_link
from fundraise.flows.undo_match import undo_match
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.gateways.stripe.in_process import InProcessClient
from fundraise.inbox import Arrival
from fundraise.job_runs import take
from fundraise.parts import Parts
from fundraise.sandbox import Sandbox
from fundraise.sandbox.post import signature
from fundraise.settings import Settings
from fundraise.settlements.rules import keep_transactions
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from tests.soak.errands import Desk, clear, line_of, payouts, with_account
from tests.soak.fleet import Process, free_port
from tests.soak.house import SkewedClock, own_engines
from tests.soak.report import Report
from tests.soak.town import CAMPAIGN, SECRET, SLUG, Town
from tests.statements.bank_files import reader
from tests.world import ask

THREADS: Final = 8
ROUNDS: Final = 200
COPIES: Final = 1_000
SENDERS: Final = 32
FORM: Final = {"amount": "20", "email": "mara@example.org"}

Run = Callable[[Parts, int], Any]


@dataclass
class Track:
    """Where a race is run: the parts of two processes, the local Stripe, and who stands at the start."""

    desk: Desk
    both: tuple[Parts, Parts]
    sandbox: Sandbox
    threads: ThreadPoolExecutor
    barrier: Barrier
    broke: list[str] = field(default_factory=list)

    def run(self, what: Run) -> list[Any]:
        """Let all threads do it at one moment; return what each brought back, None for a refusal."""

        def one(number: int) -> Any:
            self.barrier.wait()
            try:
                return what(self.both[number % 2], number)
            except Refusal:
                return None
            except Exception as problem:
                self.broke.append(f"{type(problem).__name__}: {str(problem).splitlines()[0][:160]}")
                return None

        return list(self.threads.map(one, range(THREADS)))

    def count(self, statement: str) -> int:
        with self.both[0].db.read() as session:
            return int(session.execute(text(statement)).scalar_one())


Race = Callable[[Track, int], str]
RACES: Final[dict[str, Race]] = {}


def race(function: Race) -> Race:
    RACES[function.__name__.replace("_", " ")] = function
    return function


@race
def one_form_is_one_gift(track: Track, number: int) -> str:
    token = f"race{number:05d}"

    def give(parts: Parts, _number: int) -> Any:
        begun = begin_gift(parts, CAMPAIGN, FORM, Giver(token))
        return asyncio.run(open_page(parts, begun.ref))

    urls = {where.url for where in track.run(give) if where is not None}
    gifts = track.count(f"SELECT COUNT(*) FROM donation WHERE form_token = '{token}'")
    return "" if (gifts, len(urls)) == (1, 1) else f"{gifts} gifts and {len(urls)} payment pages"


@race
def no_more_gifts_than_one_network_may_begin(track: Track, number: int) -> str:
    most = 3
    limited = [
        build_parts(
            parts.settings.model_copy(update={"gifts_per_address_per_hour": most}), clock=parts.clock,
            payments=parts.payments,
        )
        for parts in track.both
    ]  # fmt: skip
    origin = f"network {number}"

    def give(parts: Parts, place: int) -> Any:
        chosen = limited[0] if parts is track.both[0] else limited[1]
        return begin_gift(chosen, CAMPAIGN, FORM, Giver(f"limit{number:05d}of{place}", origin))

    try:
        taken = len([begun for begun in track.run(give) if begun is not None])
    finally:
        for parts in limited:
            parts.db.close()
    return "" if taken == most else f"{taken} gifts were begun, {most} may be"


@race
def a_link_lets_one_person_in(track: Track, _number: int) -> str:
    token = make_link(track.both[0], "race").rpartition("/")[2]
    entered = len([session for session in track.run(lambda parts, _: enter(parts, token)) if session])
    return "" if entered == 1 else f"{entered} came in by one link"


@race
def a_slot_is_taken_by_one(track: Track, number: int) -> str:
    job = f"race {number}"
    slot = track.both[0].clock.now()
    leases = len([lease for lease in track.run(lambda parts, n: take(parts.db, job, slot, f"{n}")) if lease])
    return "" if leases == 1 else f"{leases} took one slot"


@race
def a_notice_is_kept_once_and_claimed_by_one(track: Track, number: int) -> str:
    now = track.both[0].clock.now()
    arrival = Arrival(SLUG, f"evt_race{number}", "charge.updated", "charge", "ch_race", "pi_race", now)

    def keep_and_claim(parts: Parts, _number: int) -> list[int]:
        inbox.keep(parts.db, [arrival], now)
        with parts.db.write("soak") as session:
            return [notice.id for notice in inbox.claim(session, now, 10) if notice.event_id == arrival.event_id]

    claims = [claim for found in track.run(keep_and_claim) for claim in found or []]
    with track.both[0].db.write("soak") as session:
        inbox.mark_handled(session, claims, "race", now)
    return "" if len(claims) == 1 else f"one notice was claimed {len(claims)} times"


@race
def a_letter_is_claimed_by_one(track: Track, number: int) -> str:
    now = track.both[0].clock.now()
    key = f"race:{number}"

    def write_and_claim(parts: Parts, _number: int) -> list[str]:
        with parts.db.write("soak") as session:
            outbox.write(session, key, "receipt", donation_id=None, host="localhost", now=now)
        with parts.db.write("soak") as session:
            return [letter.key for letter in outbox.claim(session, now, 10) if letter.key == key]

    claims = [claim for found in track.run(write_and_claim) for claim in found or []]
    with track.both[0].db.write("soak") as session:
        session.execute(text(f"UPDATE letter SET sent_at = written_at WHERE key = '{key}'"))
    return "" if len(claims) == 1 else f"one letter was claimed {len(claims)} times"


@race
def an_account_is_connected_once(track: Track, number: int) -> str:
    def connect(parts: Parts, _number: int) -> Any:
        return connect_account(
            parts, slug=f"race-{number}", body_slug=SLUG, mode="own-key", key=track.desk.town.key,
            webhook_secrets=("whsec_x",), account_ref=f"acct_race{number}",
        )  # fmt: skip

    track.run(connect)
    made = track.count(f"SELECT COUNT(*) FROM stripe_account WHERE slug = 'race-{number}'")
    with track.both[0].db.write("soak") as session:  # So that later gifts go to the town's own account.
        session.execute(text(f"DELETE FROM stripe_account WHERE slug = 'race-{number}'"))
    return "" if made == 1 else f"{made} accounts of one name"


@race
def a_bank_account_is_told_of_once(track: Track, number: int) -> str:
    track.run(lambda parts, _: add_bank_account(parts, name=f"race-{number}", body_slug=SLUG, currency="GBP"))
    made = track.count(f"SELECT COUNT(*) FROM bank_account WHERE name = 'race-{number}'")
    return "" if made == 1 else f"{made} accounts of one name"


def account_of(track: Track) -> tuple[int, Any]:
    with track.both[0].db.read() as session:
        account = account_by_slug(session, SLUG)
        return account.id, key_of(account, track.both[0].sealer)


@race
def a_payment_is_settled_once_by_all_who_look(track: Track, number: int) -> str:
    """Eight workers look at one payment, while four of them also fetch the balance it is in."""
    begun = begin_gift(track.both[0], CAMPAIGN, FORM, Giver(f"look{number:05d}"))
    where = asyncio.run(open_page(track.both[0], begun.ref))
    paid = track.sandbox.control("pay", {"session": where.url.rpartition("/")[2] if where else ""})
    track.sandbox.advance(10)
    since = track.both[0].clock.now() - timedelta(minutes=1)
    account_id, key = account_of(track)

    def look(parts: Parts, place: int) -> None:
        if place >= THREADS // 2:
            found = list(parts.payments.transactions(key, since))
            with parts.db.write("soak") as session:
                keep_transactions(session, account_id, found, now=parts.clock.now())
        settle_payment(parts, account_id, key, paid["payment_intent"])

    track.run(look)
    booked = track.count(f"SELECT COUNT(*) FROM ledger_entry WHERE key = 'payment:{paid['charge']}'")
    settled = track.count(
        "SELECT COUNT(*) FROM ledger_entry e JOIN balance_transaction t ON e.key = 'settled:' || t.stripe_id "
        f"WHERE t.source_id = '{paid['charge']}' AND t.donation_id IS NOT NULL"
    )
    return "" if (booked, settled) == (1, 1) else f"booked {booked} times, settled {settled} times"


@race
def a_payout_is_booked_once_by_all_who_look(track: Track, number: int) -> str:
    track.sandbox.control("balance-row", {"type": "topup", "category": "topup", "amount": 1000 + number})
    made = track.sandbox.control("payout", {"currency": "gbp"})
    account_id, key = account_of(track)
    track.run(lambda parts, _: settle_payout(parts, account_id, key, made["id"]))
    booked = track.count(f"SELECT COUNT(*) FROM ledger_entry WHERE key = 'payout:{made['id']}'")
    rows = track.count(f"SELECT COUNT(*) FROM payout WHERE stripe_id = '{made['id']}'")
    return "" if (booked, rows) == (1, 1) else f"booked {booked} times, in {rows} rows"


@race
def receipts_are_numbered_without_gaps(track: Track, number: int) -> str:
    """Eight gifts are paid, and eight workers settle them while each hears of all of them."""
    for place in range(THREADS):
        begun = begin_gift(track.both[0], CAMPAIGN, FORM, Giver(f"paid{number:05d}of{place}"))
        where = asyncio.run(open_page(track.both[0], begun.ref))
        track.sandbox.control("pay", {"session": where.url.rpartition("/")[2] if where else ""})
    track.sandbox.advance(10)
    for delivery in track.sandbox.take_due_deliveries():
        track.sandbox.delivery_result(delivery.id, 200)
    now = track.both[0].clock.now()
    events = track.sandbox.world.accounts[track.desk.town.account]["events"].rows[-THREADS * 12 :]
    charges = [event for event in events if event["type"] == "charge.succeeded"][-THREADS:]
    ids = [event["_data"].split('"id": "')[1].split('"')[0] for event in charges]
    arrivals = [
        Arrival(SLUG, f"evt_paid{number}{charge}{copy}", "charge.updated", "charge", charge, "", now)
        for charge in ids
        for copy in range(2)
    ]
    inbox.keep(track.both[0].db, arrivals, now)
    track.run(lambda parts, _: follow_up(parts))
    numbers = "SELECT COUNT(*) - COALESCE(MAX(number), 0) FROM receipt"
    paid = track.count("SELECT COUNT(*) FROM donation WHERE state = 'paid'")
    entries = track.count("SELECT COUNT(*) FROM ledger_entry WHERE kind = 'payment'")
    receipts = track.count("SELECT COUNT(*) FROM receipt")
    gaps = track.count(numbers)
    if gaps or not paid == entries == receipts:
        return f"{paid} paid gifts, {entries} payments booked, {receipts} receipts, {gaps} gaps"
    return "" if paid % THREADS == 0 else f"{paid} gifts are paid"


@race
def a_payout_is_matched_and_its_match_undone_once(track: Track, number: int) -> str:
    """Eight hands match one line with one payout; then eight hands undo it."""
    if number == 0:
        payouts(track.desk)
        import_statement(track.both[0], Upload("current", "x.xml", with_account(track.desk).raw, "race"), reader=reader)
    line = line_of(track.both[0], 7000)
    payout = track.count("SELECT id FROM payout WHERE stripe_id = 'po_two'")
    matched = [made for made in track.run(lambda parts, _: match_with_payout(parts, line, payout, by="race")) if made]
    if len(matched) != 1:
        return f"one line was matched {len(matched)} times"

    def undo(parts: Parts, _number: int) -> bool:
        undo_match(parts, matched[0], by="race", why="another race")
        return True

    undone = len([done for done in track.run(undo) if done])
    return "" if undone == 1 else f"one match was undone {undone} times"


def race_often(town: Town, database: str, run: Race, rounds: int) -> list[str]:
    """Run one race so many times on a fresh database; return what went wrong."""
    with own_engines(), tempfile.TemporaryDirectory(prefix="races-") as made, ThreadPoolExecutor(THREADS) as threads:
        settings = town.sqlite(Path(made)) if database == "sqlite" else town.postgresql(f"races_{os.getpid()}")
        sandbox = town.new_sandbox(1)
        both = (_parts(settings, sandbox), _parts(settings, sandbox))
        track = Track(Desk(both[0], sandbox, town), both, sandbox, threads, Barrier(THREADS))
        problems = []
        for number in range(rounds):
            problem = run(track, number)
            if problem or track.broke:
                problems.append(f"race {number}: {problem} {'; '.join(track.broke[:2])}".strip())
            track.broke.clear()
        clear(track.desk)
        for parts in both:
            parts.db.close()
    return problems


def _parts(settings: Settings, sandbox: Sandbox) -> Parts:
    client = InProcessClient(ask(sandbox))
    gateway = StripeGateway(settings.stripe_api_base, http_client=client, async_client=lambda: client)
    return build_parts(settings, clock=SkewedClock(sandbox), payments=gateway)


def a_thousand_copies(report: Report, town: Town, database: str, copies: int) -> None:
    """Send one event so many times by 32 threads to two web processes (goal 7)."""
    with tempfile.TemporaryDirectory(prefix="copies-") as made:
        folder = Path(made)
        settings = town.sqlite(folder) if database == "sqlite" else town.postgresql("copies")
        webs = [Process(settings, folder, free_port()) for _ in range(2)]
        for web in webs:
            web.start(wait=False)
        try:
            for web in webs:
                web.wait_until_ready()
            answers = _send_copies([web.url for web in webs], copies)
        finally:
            for web in webs:
                web.kill()
        parts = build_parts(settings)
        with parts.db.read() as session:
            kept = session.execute(text("SELECT COUNT(*) FROM inbox_notice")).scalar_one()
        parts.db.close()
    problems = [f"answered {status} {count} times" for status, count in answers.items() if status != 200]
    problems += [] if kept == 1 else [f"kept {kept} times"]
    report.check(f"{copies} copies of one event by {SENDERS} threads over two processes on {database}", problems)


def _send_copies(urls: list[str], copies: int) -> dict[int, int]:
    now = int(time.time())
    event = {"id": "evt_copy", "object": "event", "type": "charge.updated", "created": now, "livemode": False,
             "data": {"object": {"id": "ch_copy", "object": "charge", "payment_intent": "pi_copy"}}}  # fmt: skip
    body = json.dumps(event).encode()
    headers = {"stripe-signature": signature(body, [SECRET], now)}

    def send(number: int) -> int:
        with httpx.Client(timeout=60, trust_env=False) as client:
            return client.post(f"{urls[number % 2]}/webhooks/stripe/{SLUG}", content=body, headers=headers).status_code

    with ThreadPoolExecutor(SENDERS) as senders:
        answers = list(senders.map(send, range(copies)))
    return {status: answers.count(status) for status in set(answers)}
