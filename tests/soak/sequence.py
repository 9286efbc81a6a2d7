"""One seeded sequence: a life of the product, from a fresh database to one reconciliation and one check."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import text

from fundraise import faults
from fundraise.assembly import build_parts
from fundraise.flows.check_books import check_books
from fundraise.flows.follow_up import follow_up
from fundraise.flows.hear import HEARD
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.gateways.stripe.in_process import InProcessClient
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import balances
from fundraise.money import parse
from fundraise.sandbox.post import Delivery
from fundraise.settings import Settings
from tests.soak.acts import ACTS, BETWEEN, Form, Page, quietly
from tests.soak.house import House
from tests.soak.town import CAMPAIGN, Town
from tests.soak.truth import Promise, expected, held
from tests.soak.weather import Killed, Tell, Weather
from tests.world import ask

LENGTHS = (16, 22, 28, 36)
LAST_WAIT_SECONDS = 16 * 86_400


class Violation(Exception):  # noqa: N818
    """The promise was broken."""


@dataclass
class Outcome:
    """What a sequence came to."""

    seed: int
    violation: str = ""
    deliveries: int = 0
    deaths: int = 0
    gifts: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    died: Counter[str] = field(default_factory=Counter)


class Life:
    """One sequence under way. Acts draw from `dice` alone, so a seed always tells the same story."""

    def __init__(self, seed: int, town: Town, settings: Settings, points: list[str], tell: Tell) -> None:
        self.dice = Random(seed)
        self.town = town
        self.tell = tell
        self.sandbox = town.new_sandbox(seed)
        post = {"drop_rate": 0.1, "duplicate_rate": 0.4, "twin_rate": 0.1, "shuffle": True, "delay_seconds": [0, 3]}
        self.sandbox.control("deliveries", post)
        targets = set(self.dice.sample(points, min(3, len(points))))
        self.weather = Weather(Random(seed + 1), targets, tell, between=self._others)
        self.loop = asyncio.new_event_loop()
        self.house = House(settings, self.sandbox, self.weather, self.loop)
        self.forms: list[Form] = []
        self.pages: list[Page] = []
        self.promises: dict[str, Promise] = {}
        self.forged: dict[str, str] = {}
        self.acknowledged: list[Delivery] = []
        self.delivered = 0
        self.live_events = 0
        self.receipts_asked_for = 0

    # --- what acts use --------------------------------------------------------------------------------------------

    def fail(self, why: str) -> None:
        raise Violation(why)

    def stripe(self, action: str, **details: Any) -> Any:
        return quietly(self, action, details)

    def pick(self, rows: list[Any]) -> Any:
        return self.dice.choice(rows) if rows else None

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.sandbox.world.accounts[self.town.account][table].rows

    def is_open(self, session_id: str) -> bool:
        return self.sandbox.world.accounts[self.town.account]["sessions"].get(session_id)["status"] == "open"

    def charges(self) -> list[dict[str, Any]]:
        return [row for row in self.rows("charges") if row["status"] == "succeeded" and row["balance_transaction"]]

    def arrived(self, form: Form, session_id: str) -> None:
        """Note what the donor agreed to pay on the page they came to."""
        session = self.sandbox.world.accounts[self.town.account]["sessions"].get(session_id)
        own = re.search(r"/d/[^/?]+", session["success_url"])
        if own is None:
            raise Violation(f"{session_id} leads to no page of its own")
        fields = form.fields
        gift = parse(fields["amount"], fields.get("currency", "GBP"))
        content = " ".join(f"{name}={fields[name]}" for name in sorted(fields))
        promise = Promise(content, gift.currency, gift.minor, session["amount_total"], fields["email"])
        if self.promises.setdefault(session_id, promise) != promise:
            raise Violation(f"{session_id} stands for two forms")
        covers = session["amount_total"] != gift.minor
        if covers != ("cover_fee" in fields) or session["currency"].upper() != gift.currency:
            raise Violation(f"{session_id} asks for {session['amount_total']} {session['currency']}, not {fields}")
        if all(page.session != session_id for page in self.pages):
            self.pages.append(Page(session_id, own.group()))

    # --- the story ------------------------------------------------------------------------------------------------

    def live(self) -> None:
        weights = [weight for weight, _ in ACTS]
        steps = [function for _, function in ACTS]
        for number in range(self.dice.choice(LENGTHS)):
            step = self.dice.choices(steps, weights)[0]
            self.tell(f"{number:>4}  {step.__name__.replace('_', ' ')}")
            self.step(step)
        self.end()

    def step(self, act: Callable[["Life"], None]) -> None:
        """Do one thing, with everything that may go wrong on the way."""
        with faults.listening(self.weather):
            act(self)

    def _others(self) -> None:
        """Let Stripe move on, or another worker act, in the middle of what the product is doing."""
        if self.dice.random() < 0.3:
            self._another_worker()
        else:
            self.dice.choice(BETWEEN)(self)

    def _another_worker(self) -> None:
        client = InProcessClient(ask(self.sandbox))
        gateway = StripeGateway("http://127.0.0.1:9", http_client=client, async_client=lambda: client)
        parts = build_parts(self.house.settings, clock=self.house.clock, payments=gateway)
        follow_up(parts)
        self.tell("      another worker acted on the notices")

    def end(self) -> None:
        """Let everything at Stripe come to rest, lose what was not delivered, start anew, and reconcile once."""
        self.tell("      the end: rest, one reconciliation, one check")
        with faults.listening(self.weather), self.weather.calm():
            self.house.clock.skew_seconds = 0
            self.house.post_office.refuses = 0
            self.sandbox.control("fault", {"clear": True})
            self.sandbox.advance(LAST_WAIT_SECONDS)
            self.house.reopen()
            for name in ("reconcile", "outbox"):
                self.house.job_now(name)

    def verify(self) -> int:
        """Compare the product with what must be so; return the number of gifts. Raises `Violation`."""
        truth = expected(self.sandbox, self.town.account, self.promises, self.forged)
        problems = [*self._of_the_books(truth), *self._of_the_notices(), *self._of_stripe(), *self._of_letters(truth)]
        problems += self.house.unexplained
        if problems:
            raise Violation("; ".join(problems))
        return truth.gifts

    def _of_the_books(self, truth: Any) -> list[str]:
        shown = self.house.knock("GET", f"/api/v1/campaigns/{CAMPAIGN}")
        with self.house.parts.db.read() as session:
            findings = [f"{finding.check}: {finding.message}" for finding in check_books(session)]
            found = balances(session, ["currency"], account=Account.STRIPE_BALANCE)
            at_stripe = {balance.key[0]: balance.minor for balance in found if balance.minor}
            receipts = session.execute(text("SELECT COUNT(*) FROM receipt")).scalar_one()
            open_now = {
                ("PAYOUT_FAILED" if code == "PAYOUT_PAID_THEN_FAILED" else code, object_id)
                for code, object_id in session.execute(
                    text("SELECT code, object_id FROM difference WHERE state = 'open'")
                )
            }
            run = session.execute(
                text("SELECT state, error FROM reconciliation_run ORDER BY id DESC LIMIT 1")
            ).one_or_none()
        total = _json(shown)["total"]
        problems = findings
        if total["amount_minor"] != truth.total_minor:
            problems.append(f"the page says {total['amount_minor']}, Stripe {truth.total_minor}")
        if total["gifts"] != truth.gifts:
            problems.append(f"the page counts {total['gifts']} gifts, Stripe {truth.gifts}")
        if at_stripe != held(self.sandbox, self.town.account):
            problems.append(f"account 1110 is {at_stripe}, Stripe holds {held(self.sandbox, self.town.account)}")
        if receipts != truth.receipts:
            problems.append(f"{receipts} receipts for {truth.receipts} paid gifts")
        if run is None or run[0] == "failed":
            problems.append(f"the reconciliation did not end well: {run}")
        for code, object_id in sorted(open_now - truth.differences):
            problems.append(f"a difference that is none: {code} {object_id}")
        for code, object_id in sorted(truth.differences - open_now):
            problems.append(f"a difference not found: {code} {object_id}")
        return problems

    def _of_the_notices(self) -> list[str]:
        with self.house.parts.db.read() as session:
            kept = Counter(session.execute(text("SELECT event_id FROM inbox_notice")).scalars())
        problems = [f"{event} is kept {count} times" for event, count in kept.items() if count > 1]
        problems += [f"{event} is of the other mode and was kept" for event in kept if event.startswith("evt_live_")]
        for delivery in self.acknowledged:
            if delivery.event_id not in kept and is_heard(delivery):
                problems.append(f"{delivery.event_type} {delivery.event_id} was acknowledged and is lost")
        return problems

    def _of_stripe(self) -> list[str]:
        pages = Counter(
            row["client_reference_id"] for row in self.rows("sessions") if row["client_reference_id"] is not None
        )
        problems = [f"gift {ref} has {count} payment pages" for ref, count in pages.items() if count > 1]
        paid = Counter(
            self.promises[row["id"]].form
            for row in self.rows("sessions")
            if row["id"] in self.promises and row["payment_status"] == "paid"
        )
        return problems + [f"one form was paid {count} times: {form}" for form, count in paid.items() if count > 1]

    def _of_letters(self, truth: Any) -> list[str]:
        receipts: Counter[str] = Counter()
        seen: dict[str, str] = {}
        problems = []
        for letter in self.house.letters:
            recipient, name = str(letter["To"]), str(letter["Message-ID"])
            if seen.setdefault(name, recipient) != recipient:
                problems.append(f"{name} went to {seen[name]} and {recipient}")
        with self.house.parts.db.read() as session:
            asked_for = text("SELECT message_id FROM letter WHERE key LIKE 'receipt:%:%'")
            again = set(session.execute(asked_for).scalars())
        if len(again) > self.receipts_asked_for:
            problems.append(f"{len(again)} receipts went again, {self.receipts_asked_for} were asked for")
        for name, recipient in seen.items():
            if name.startswith("<receipt.") and name not in again:
                receipts[recipient] += 1
        if receipts != truth.letters:
            problems.append(f"receipts went to {dict(receipts)}, not to {dict(truth.letters)}")
        return problems

    def close(self) -> None:
        self.house.close()
        self.loop.close()


def run(seed: int, town: Town, settings: Settings, points: list[str], tell: Tell = lambda _line: None) -> Outcome:
    """Live one sequence and verify it."""
    outcome = Outcome(seed)
    life = Life(seed, town, settings, points, tell)
    try:
        life.live()
        with faults.listening(life.weather), life.weather.calm():
            outcome.gifts = life.verify()
    except Violation as violation:
        outcome.violation = str(violation)
    except Killed as killed:
        outcome.violation = f"a death went unnoticed: {killed}"
    finally:
        life.close()
    outcome.deliveries, outcome.deaths = life.delivered, life.house.deaths
    outcome.passed, outcome.died = life.weather.passed, life.weather.died
    return outcome


def _json(answer: Any) -> Any:
    if answer.status != 200:
        raise Violation(f"the API answered {answer.status}")
    return json.loads(answer.body)


def is_heard(delivery: Delivery) -> bool:
    kind = re.search(rb'"object": "([a-z_.]+)"', delivery.body.partition(b'"data"')[2])
    return kind is not None and kind.group(1).decode() in HEARD
