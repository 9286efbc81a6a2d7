"""Donors, and a post that brings Stripe's webhooks, against processes that may die at any moment."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import httpx
from sqlalchemy import text

from fundraise.assembly import build_parts
from fundraise.flows.check_books import check_books
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.gateways.stripe.in_process import InProcessClient
from fundraise.jobs.timetable import job_named
from fundraise.sandbox import Sandbox
from fundraise.sandbox.post import Delivery
from fundraise.settings import Settings
from tests.soak.house import SkewedClock
from tests.soak.sequence import is_heard
from tests.soak.town import CAMPAIGN, SLUG, Town
from tests.soak.truth import Promise, expected, held
from tests.world import ask

DONORS: Final = 3
CARRIERS: Final = 4
_GIFT_MINOR: Final = 2000


@dataclass
class Load:
    """What is sent while processes die, and what was acknowledged."""

    town: Town
    sandbox: Sandbox
    webs: list[str]
    gifts_per_second: float = 3.0
    over: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[Delivery] = field(default_factory=list)
    promises: dict[str, Promise] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(DONORS + CARRIERS + 1))

    def start(self) -> None:
        self._donors = [self._pool.submit(self._give, number) for number in range(DONORS)]
        self._postman = self._pool.submit(self._carry)

    def stop(self) -> None:
        """Let the donors finish, and the post bring what is left; raise what broke in either."""
        self.over.set()
        for giving in self._donors:
            giving.result(60)
        self._postman.result(120)
        self._pool.shutdown()

    def _give(self, donor: int) -> None:
        """Fill in forms, one after the other; one that got no answer is sent again until it has one."""
        dice, number = Random(donor), 0
        with httpx.Client(timeout=10, trust_env=False) as browser:
            while not self.over.is_set():
                number += 1
                form = {"token": f"donor{donor}form{number:06d}", "amount": "20", "email": f"d{donor}@example.org"}
                where = self._sent(browser, dice, form)
                if where:
                    session = where.rpartition("/")[2]
                    content = " ".join(form.values())
                    self.promises[session] = Promise(content, "GBP", _GIFT_MINOR, _GIFT_MINOR, form["email"])
                    self.sandbox.control("pay", {"session": session})
                time.sleep(DONORS / self.gifts_per_second)

    def _sent(self, browser: httpx.Client, dice: Random, form: dict[str, str]) -> str:
        for _ in range(200):
            try:
                answer = browser.post(f"{dice.choice(self.webs)}/c/{CAMPAIGN}/give", data=form)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 303:
                return str(answer.headers["location"])
            self.answers[answer.status_code if answer is not None else 0] += 1
            time.sleep(0.1)
        raise RuntimeError(f"a form was not taken in 200 tries: {form}")

    def _carry(self) -> None:
        """Bring what is due, each delivery to any of the processes; what was not taken is brought again."""
        waiting: list[Delivery] = []
        quiet_since = time.monotonic()
        with ThreadPoolExecutor(CARRIERS) as carriers, httpx.Client(timeout=10, trust_env=False) as client:
            while not self.over.is_set() or waiting or time.monotonic() - quiet_since < 8:
                due = [*waiting, *self.sandbox.take_due_deliveries()]
                waiting = [one for one in carriers.map(lambda each: self._bring(client, each), due) if one is not None]
                if due:
                    quiet_since = time.monotonic()
                time.sleep(0.3 if waiting else 0.05)

    def _bring(self, client: httpx.Client, delivery: Delivery) -> Delivery | None:
        dice = Random(f"{delivery.id} {time.monotonic()}")
        try:
            url = f"{dice.choice(self.webs)}/webhooks/stripe/{SLUG}"
            status = client.post(url, content=delivery.body, headers=delivery.headers).status_code
        except httpx.HTTPError:
            status = 0
        self.answers[status] += 1
        if status == 200:
            self.acknowledged.append(delivery)
            self.sandbox.delivery_result(delivery.id, 200)
            return None
        return delivery


def wait_until_handled(settings: Settings, seconds: float = 180) -> int:
    """Wait until no notice waits any more; return how many still do."""
    parts = build_parts(settings)
    until, left = time.monotonic() + seconds, 1
    while time.monotonic() < until:
        with parts.db.read() as session:
            left = int(session.execute(text("SELECT COUNT(*) FROM inbox_notice WHERE handled_at IS NULL")).scalar_one())
        if not left:
            break
        time.sleep(0.5)
    parts.db.close()
    return left


def problems_of(load: Load, settings: Settings) -> list[str]:
    """Reconcile once and compare everything with what Stripe says."""
    client = InProcessClient(ask(load.sandbox))
    gateway = StripeGateway(settings.stripe_api_base, http_client=client, async_client=lambda: client)
    parts = build_parts(settings, clock=SkewedClock(load.sandbox), payments=gateway)
    load.sandbox.advance(60)
    job_named("reconcile").run(parts)
    truth = expected(load.sandbox, load.town.account, load.promises, {})
    with parts.db.read() as session:
        problems = [f"{finding.check}: {finding.message}" for finding in check_books(session)]
        kept = Counter(session.execute(text("SELECT event_id FROM inbox_notice")).scalars())
        facts = _facts(session)
        integrity = session.execute(text("PRAGMA integrity_check")).scalar() if parts.db.dialect == "sqlite" else "ok"
    parts.db.close()
    problems += [f"{event} is kept {count} times" for event, count in kept.items() if count > 1]
    lost = {one.event_id for one in load.acknowledged if one.event_id not in kept and is_heard(one)}
    problems += [f"{event} was acknowledged and is lost" for event in sorted(lost)]
    wanted = {
        "total": truth.total_minor, "receipts": truth.receipts, "letters": truth.receipts, "differences": 0,
        "at stripe": held(load.sandbox, load.town.account).get("GBP", 0),
    }  # fmt: skip
    problems += [f"{name}: {facts[name]}, not {value}" for name, value in wanted.items() if facts[name] != value]
    pages = Counter(
        row["client_reference_id"] for row in load.sandbox.world.accounts[load.town.account]["sessions"].rows
    )
    problems += [f"gift {ref} has {count} payment pages" for ref, count in pages.items() if count > 1]
    if integrity != "ok":
        problems.append(f"the file is damaged: {integrity}")
    return problems


def _facts(session: Any) -> dict[str, int]:
    asked = {
        "total": "SELECT COALESCE(-SUM(minor), 0) FROM ledger_line WHERE counts",
        "receipts": "SELECT COUNT(*) FROM receipt",
        "letters": "SELECT COUNT(*) FROM letter WHERE kind = 'receipt'",
        "differences": "SELECT COUNT(*) FROM difference WHERE state = 'open'",
        "at stripe": "SELECT COALESCE(SUM(minor), 0) FROM ledger_line WHERE account = '1110'",
    }
    return {name: int(session.execute(text(statement)).scalar_one()) for name, statement in asked.items()}
