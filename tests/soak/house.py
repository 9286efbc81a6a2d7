"""The product of one sequence, in this process: opened, knocked at, killed, opened again on the same database."""

import asyncio
import smtplib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI

from fundraise import engines, faults
from fundraise.app import routed_app, with_hot_doors
from fundraise.assembly import build_parts
from fundraise.gateways.mail.smtp import SmtpMailer
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.gateways.stripe.in_process import InProcessClient
from fundraise.jobs.runner import run_now, run_slot
from fundraise.jobs.timetable import job_named
from fundraise.parts import Parts
from fundraise.sandbox import Sandbox
from fundraise.settings import Settings
from tests.soak.weather import Killed, Weather
from tests.world import ask


@dataclass(frozen=True)
class Answer:
    """What a door answered; status 0 when the process died before it did."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


NO_ANSWER = Answer(0, {}, b"")
FAULT = 500
_ENGINES = (engines.sqlite_engine, engines.postgresql_engine)


class SkewedClock:
    """The product's clock: the local Stripe's, wrong by so many seconds."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.skew_seconds = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._sandbox.world.clock.now(), UTC) + timedelta(seconds=self.skew_seconds)


class PostOffice(SmtpMailer):
    """The product's own mailer, talking to a mail server in this process."""

    def __init__(self, letters: list[EmailMessage]) -> None:
        super().__init__("smtp://localhost")
        self._letters = letters
        self.refuses = 0

    @contextmanager
    def _connect(self) -> Any:  # type: ignore[override]
        yield self

    def send_message(self, message: EmailMessage) -> None:
        if self.refuses:
            self.refuses -= 1
            raise smtplib.SMTPServerDisconnected("went away")
        self._letters.append(message)


def keep_engines() -> None:
    """Let every database opened in this process at one address share what SQLAlchemy has compiled.

    A connection is closed and opened anew as ever; only the translation of statements is remembered.
    """
    engines.sqlite_engine, engines.postgresql_engine = cache(_ENGINES[0]), cache(_ENGINES[1])


@contextmanager
def own_engines() -> Iterator[None]:
    """Let every database opened in this block have connections of its own, as another process has."""
    kept = engines.sqlite_engine, engines.postgresql_engine
    engines.sqlite_engine, engines.postgresql_engine = _ENGINES
    try:
        yield
    finally:
        engines.sqlite_engine, engines.postgresql_engine = kept


class House:
    """One process of the product. `knock` and `run` return, or the process is dead and opened again."""

    _app: FastAPI | None = None  # Routes and templates are the same for every sequence of this process.

    def __init__(self, settings: Settings, sandbox: Sandbox, weather: Weather, loop: asyncio.AbstractEventLoop) -> None:
        self.settings = settings
        self.sandbox = sandbox
        self.weather = weather
        self.clock = SkewedClock(sandbox)
        self.letters: list[EmailMessage] = []
        self.post_office = PostOffice(self.letters)
        self.deaths = 0
        self.unexplained: list[str] = []  # Faults the product answered with though nothing had failed under it.
        self._loop = loop
        self._death: asyncio.Future[None] | None = None
        weather.on_death = self._on_death
        self.parts = self._open()

    def _open(self) -> Parts:
        client = InProcessClient(ask(self.sandbox))
        gateway = StripeGateway(self.settings.stripe_api_base, http_client=client, async_client=lambda: client)
        parts = build_parts(self.settings, clock=self.clock, payments=gateway, mailer=self.post_office)
        if House._app is None:
            House._app = routed_app(parts, runs_jobs=False)
        House._app.state.parts = parts
        self._doors = with_hot_doors(House._app, parts)
        return parts

    def reopen(self) -> None:
        """Begin again as a new process would, with nothing but the database."""
        self.parts.db.close()
        self.weather.reborn()
        self.parts = self._open()

    def close(self) -> None:
        self.parts.db.close()

    def knock(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Knock at a door; a process that dies over it is opened again, and does not answer."""
        sent = dict(headers or {})
        if form is not None:
            body = urlencode(form).encode()
            sent["content-type"] = "application/x-www-form-urlencoded"
        failed = self.weather.failed
        with faults.listening(self.weather):
            answer = self._loop.run_until_complete(self._ask(method, path, body, sent))
        if self.weather.is_dead:
            self._bury()
            return NO_ANSWER
        if answer.status == FAULT and self.weather.failed == failed:
            self.unexplained.append(f"{method} {path.partition('/d/')[0]} broke with no reason")
        return answer

    def work(self, what: Callable[[Parts], Any]) -> Any:
        """Do something in this process; None when it died over it, or was refused."""
        with faults.listening(self.weather):
            try:
                return what(self.parts)
            except Killed:
                self._bury()
                return None

    def job(self, name: str) -> None:
        """Run a job's slot, as the timetable would."""
        job = job_named(name)
        slot = job.when.slot(self.clock.now())
        self._seen_by_the_scheduler(name, lambda parts: run_slot(parts, job, slot, "soak"))

    def job_now(self, name: str) -> None:
        """Run a job by a person's wish, or because a commit woke it."""
        job = job_named(name)
        self._seen_by_the_scheduler(name, job.run if job.woken_by else lambda parts: run_now(parts, job))

    def _seen_by_the_scheduler(self, name: str, what: Callable[[Parts], Any]) -> None:
        """Work as a job does: what it raises is logged, and the next slot tries again."""

        def body(parts: Parts) -> None:
            try:
                what(parts)
            except Exception as problem:
                self.weather.tell(f"      {name}: {type(problem).__name__}: {str(problem)[:200]}")

        self.work(body)

    def _on_death(self) -> None:
        if self._death is not None:
            self._loop.call_soon_threadsafe(_set, self._death)

    def _bury(self) -> None:
        self.deaths += 1
        self.reopen()

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in {"host": "127.0.0.1:8000", "content-length": str(len(body)), **headers}.items()
            ],
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 8000),
        }
        incoming = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Any] = []
        gone = asyncio.Event()

        async def receive() -> Any:
            if incoming:
                return incoming.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        self._death = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(self._doors(scope, receive, send))
        await asyncio.wait({task, self._death}, return_when=asyncio.FIRST_COMPLETED)
        self._death = None
        if self.weather.is_dead:
            await _end_everything()
            return NO_ANSWER
        with suppress(Exception):  # What the door has answered already, a server would only log.
            await task
        begun = next(message for message in sent if message["type"] == "http.response.start")
        answered = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        return Answer(begun["status"], {name.decode(): value.decode() for name, value in begun["headers"]}, answered)


async def _end_everything() -> None:
    """End what the dead process was doing: nothing of it may go on."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
