"""`kill -9` of web processes and of the timetable, under load: on SQLite, and on PostgreSQL as two hosts."""

import tempfile
import time
from pathlib import Path
from random import Random
from typing import Final

from fundraise.sandbox import Sandbox
from fundraise.sandbox.clock import RunningClock
from fundraise.sandbox.web import create_sandbox_app
from fundraise.settings import Settings
from tests.sandbox.driving import served
from tests.soak.fleet import READY_SECONDS, Process, free_port
from tests.soak.load import Load, problems_of, wait_until_handled
from tests.soak.report import Report
from tests.soak.town import Town

KILLS_ON_SQLITE: Final = 30
KILLS_ON_POSTGRESQL: Final = 20


def kill_under_load(report: Report, town: Town, database: str, kills: int, seed: int) -> None:
    """Kill so many processes, one after the other, while gifts are given; compare everything afterwards."""
    dice = Random(seed)
    with tempfile.TemporaryDirectory(prefix="kills-") as made:
        folder = Path(made)
        settings = town.sqlite(folder) if database == "sqlite" else town.postgresql(f"kills_{seed}")
        sandbox = _running_sandbox(town, seed)
        with served(create_sandbox_app(sandbox, deliveries="manual")) as stripe_url:
            settings = _reaching(settings, stripe_url)
            webs, jobs = _fleet(settings, folder, stripe_url, jobs=1 if database == "sqlite" else 2)
            load = Load(town, sandbox, [web.url for web in webs])
            try:
                allowed = _allowed_seconds(report, webs[0])
                load.start()
                slow = _kill_one_after_the_other(report, dice, webs, jobs, kills, allowed)
                load.stop()
                sandbox.advance(150)  # Beyond what the dead had claimed.
                left = wait_until_handled(settings)
            finally:
                for process in (*webs, *jobs):
                    process.kill()
            problems = problems_of(load, settings)
            problems += [f"{left} notices are still waiting"] if left else []
    sent, paid = len(load.acknowledged), len(load.promises)
    report.say(f"{paid} gifts, {sent} deliveries acknowledged, other answers {dict(load.answers)}")
    report.check(f"{kills} kills under load on {database}: nothing acknowledged was lost or counted twice", problems)
    report.check(f"ready again within {allowed:.1f} s after each kill on {database}", slow)


def _allowed_seconds(report: Report, web: Process) -> float:
    """Return how long a process may take: 5 s, or twice what this machine takes for it when nothing else happens."""
    web.kill()
    web.start()
    report.say(f"a start with nothing beside it takes {web.seconds_to_ready:.1f} s here")
    return max(READY_SECONDS, 2 * web.seconds_to_ready)


def _kill_one_after_the_other(
    report: Report, dice: Random, webs: list[Process], jobs: list[Process], kills: int, allowed_seconds: float
) -> list[str]:
    slow = []
    for number in range(1, kills + 1):
        time.sleep(dice.uniform(0.2, 1.2))
        victim = dice.choice([*webs, *jobs])
        victim.kill()
        victim.start()
        if victim.seconds_to_ready > allowed_seconds:
            slow.append(f"kill {number}: {victim.seconds_to_ready:.1f} s")
        if number % 10 == 0 or number == kills:
            report.say(f"{number} kills")
    return slow


def _running_sandbox(town: Town, seed: int) -> Sandbox:
    sandbox = Sandbox(clock=RunningClock())
    sandbox.load(Path(town.folder) / "stripe.json")
    sandbox.world.random.seed(seed)
    sandbox.control("deliveries", {"duplicate_rate": 0.2, "shuffle": True, "signing_time": "sandbox"})
    return sandbox


def _reaching(settings: Settings, stripe_url: str) -> Settings:
    return settings.model_copy(update={"stripe_api_base": stripe_url, "clock_url": stripe_url})


def _fleet(settings: Settings, folder: Path, stripe_url: str, *, jobs: int) -> tuple[list[Process], list[Process]]:
    """Start two web processes and the timetable, with nothing shared but the database."""
    more = {"CLOCK_URL": stripe_url, "MAIL_URL": (folder / "mail").as_uri()}
    webs = [Process(settings, folder, free_port(), more) for _ in range(2)]
    timetables = [Process(settings, _own(folder, number), 0, more) for number in range(jobs)]
    for process in (*webs, *timetables):
        process.start(wait=False)
    for process in (*webs, *timetables):
        process.wait_until_ready()
    return webs, timetables


def _own(folder: Path, number: int) -> Path:
    own = folder / f"host{number}"
    own.mkdir()
    return own
