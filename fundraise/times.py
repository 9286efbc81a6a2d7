"""Moments as people read them, always with their zone where a clock time is given."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_time

LOCALE = "en_GB"


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; ValueError for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError(f"{name!r} is not a time zone") from None


def day(moment: datetime, where: str = "UTC") -> str:
    """Return `22 November 2026`."""
    return str(format_date(moment.astimezone(zone(where)), "d MMMM y", locale=LOCALE))


def clock(moment: datetime, where: str = "UTC") -> str:
    """Return `14:05 UTC`."""
    return f"{format_time(moment.astimezone(zone(where)), 'HH:mm', locale=LOCALE)} {_abbreviation(moment, where)}"


def full(moment: datetime, where: str = "UTC") -> str:
    """Return `22 November 2026, 14:05 UTC`."""
    return f"{day(moment, where)}, {clock(moment, where)}"


def weekday(moment: datetime, where: str = "UTC") -> str:
    """Return `Friday 4 December 2026, 19:30 GMT`."""
    local = moment.astimezone(zone(where))
    return f"{format_datetime(local, 'EEEE d MMMM y, HH:mm', locale=LOCALE)} {_abbreviation(moment, where)}"


def iso(moment: datetime) -> str:
    """Return `2026-11-22T14:05:00Z`, for machines."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age(since: datetime, now: datetime) -> str:
    """Return how long ago something was: `3 days`, `2 hours`, `just now`."""
    passed = max(now - since, timedelta())
    for seconds, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count = int(passed.total_seconds() // seconds)
        if count:
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return "just now"


def business_days_after(moment: datetime, days: int) -> datetime:
    """Return the moment so many weekdays later; bank holidays are not known here."""
    step = 1 if days >= 0 else -1
    while days:
        moment += timedelta(days=step)
        if moment.weekday() < 5:  # noqa: PLR2004  Saturday is 5.
            days -= step
    return moment


def _abbreviation(moment: datetime, where: str) -> str:
    name = moment.astimezone(zone(where)).tzname() or where
    return f"UTC{name}" if name[:1] in "+-" else name
