"""What a measurement comes to, and how two works are measured so that a noisy machine hits both alike."""

import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Work = TypeVar("Work")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, beside what, and whether the limit holds."""

    name: str
    measured: str
    yardstick: str
    ratio: str
    limit: str
    holds: bool


def at_least(name: str, measured: float, yardstick: float, least: float, unit: str) -> Row:
    """Return a row that holds when what was measured is at least so many times the yardstick."""
    ratio = measured / yardstick
    return Row(
        name, _figure(measured, unit), _figure(yardstick, unit), f"{ratio:.2f}", f"≥ {least:g} ×", ratio >= least
    )


def in_turn_at_least(
    name: str, rounds: int, measured: Callable[[], float], yardstick: Callable[[], float], least: float, unit: str
) -> Row:
    """Run two works in turn, so many rounds, and return a row of the median of each and of the rounds' ratios.

    A machine is slower for seconds at a time, which hits both works of a round alike and not those of another.
    """
    taken: list[tuple[float, float]] = []
    for turn in range(rounds):
        if turn % 2:
            theirs = yardstick()
            taken.append((measured(), theirs))
        else:
            taken.append((measured(), yardstick()))
    ratio = statistics.median(ours / theirs for ours, theirs in taken)
    ours, theirs = (statistics.median(figures) for figures in zip(*taken, strict=True))
    return Row(name, _figure(ours, unit), _figure(theirs, unit), f"{ratio:.2f}", f"≥ {least:g} ×", ratio >= least)


def at_most(name: str, measured: float, yardstick: float, most: float, unit: str) -> Row:
    """Return a row that holds when what was measured is at most so many times the yardstick."""
    ratio = measured / yardstick
    return Row(name, _figure(measured, unit), _figure(yardstick, unit), f"{ratio:.2f}", f"≤ {most:g} ×", ratio <= most)


def bounded(name: str, measured: float, most: float, unit: str) -> Row:
    """Return a row that holds when what was measured is at most an absolute figure."""
    return Row(name, _figure(measured, unit), "", "", f"≤ {_figure(most, unit)}", measured <= most)


def missing(name: str, why: str) -> Row:
    """Return a row that does not hold, since something that measures it is not there."""
    return Row(name, "not measured", why, "", "", holds=False)


def growth(name: str, seconds: Sequence[tuple[int, float]], most: float = 1.3) -> Row:
    """Return a row that holds when the time grows at most 1.3 times as fast as the size, over each step and over all.

    Small works are measured with whatever they cost to begin with, so the steps are judged from the smallest size whose
    time is more than beginning.
    """
    worst, shown = 0.0, ""
    for place, (small, before) in enumerate(seconds):
        for large, after in seconds[place + 1 :]:
            times = (after / before) / (large / small)
            if times > worst:
                worst, shown = times, f"{large // small} × the size takes {after / before:.1f} × the time"
    sizes = f"{seconds[0][0]:,} to {seconds[-1][0]:,}"
    return Row(f"{name}, growth {sizes}", shown, "linear", f"{worst:.2f}", f"≤ {most:g} ×", worst <= most)


def least(rounds: int, works: Mapping[Work, Callable[[], float]]) -> dict[Work, float]:
    """Run works of seconds in turn, so many rounds, and return the least of each.

    What else a machine does only adds, and it does so for minutes: sizes that are compared with each other are
    measured in turn too.
    """
    taken: dict[Work, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(work())
    return {name: min(figures) for name, figures in taken.items()}


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long a work took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peak_mb() -> float:
    """Return the most memory this process ever held, in megabytes.

    The figure of `getrusage` would count what the process that started this one held.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    if found is None:
        raise RuntimeError("this system does not say how much memory a process held")
    return int(found.group(1)) / 1024


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table, as Markdown."""
    yield "| what | measured | yardstick | ratio | limit | |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for row in rows:
        verdict = "ok" if row.holds else "**miss**"
        yield f"| {row.name} | {row.measured} | {row.yardstick} | {row.ratio} | {row.limit} | {verdict} |"


def _figure(value: float, unit: str) -> str:
    if value >= 100:
        return f"{value:,.0f} {unit}"
    return f"{value:.3g} {unit}" if value < 10 else f"{value:.1f} {unit}"
