"""Four processes that start at one moment, on an empty database and on an old one."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from fundraise.migrations import differences_to_tables, is_current
from fundraise.settings import Settings
from tests.databases import empty_postgresql, make_as_first_released, settings_for
from tests.soak.fleet import environment
from tests.soak.report import Report

ROUNDS: Final = 5
PROCESSES: Final = 4


def start_at_once(report: Report, rounds: int) -> None:
    """Start them so many times on each kind of database, empty and old."""
    for age in ("an empty", "an old"):
        for database in ("sqlite", "postgresql"):
            problems: list[str] = []
            for _ in range(rounds):
                problems += _round(database, is_old=age == "an old")
            report.check(f"{rounds} × {PROCESSES} processes started at once on {age} database ({database})", problems)


def _round(database: str, *, is_old: bool) -> list[str]:
    if database == "postgresql":
        with empty_postgresql() as settings, tempfile.TemporaryDirectory() as folder:
            return _started(settings, Path(folder), is_old=is_old)
    with tempfile.TemporaryDirectory() as folder:
        return _started(settings_for(f"sqlite:///{folder}/new.db"), Path(folder), is_old=is_old)


def _started(settings: Settings, folder: Path, *, is_old: bool) -> list[str]:
    if is_old:
        make_as_first_released(settings)
    starting = [
        subprocess.Popen(
            [sys.executable, "-m", "fundraise", "db", "upgrade"],
            env=environment(settings, {}), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    said = [process.communicate(timeout=300)[0].decode() for process in starting]
    problems = [text[-500:] for process, text in zip(starting, said, strict=True) if process.returncode != 0]
    changed = sum("is up to date now" in text for text in said)
    if changed != 1:
        problems.append(f"{changed} of them brought the schema up to date")
    if not is_current(settings):
        problems.append("the schema is not up to date")
    problems += [f"the schema differs from the tables: {difference}" for difference in differences_to_tables(settings)]
    return problems
