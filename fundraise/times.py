"""Moments as people read them, always with their zone where a clock time is given."""

from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.dates import format_date, format_datetime

LOCALE = "en_GB"
_AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
_TYPED = "%Y-%m-%dT%H:%M"


class LocalTimeError(ValueError):
    """What somebody typed is no time of a clock there; the message is for them."""


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; ValueError for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError(f"{name!r} is not a time zone") from None


@cache
def zone_names() -> tuple[str, ...]:
    """List the zones people live in, by name; UTC comes first."""
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in _AREAS))


def typed(moment: datetime, where: str) -> str:
    """Return `2026-12-04T19:30`, the clock time of a place as a form holds it."""
    return moment.astimezone(zone(where)).strftime(_TYPED)


def at_local(text: str, where: str, *, late: bool = False) -> datetime:
    """Read the clock time of a place as a form sends it.

    An hour that comes twice, when clocks go back, means its first coming, or its second with `late`. Raises
    `LocalTimeError` for what is no time, and for an hour that is left out when clocks go forward.
    """
    place = zone(where)
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise LocalTimeError("Please write a day and a time, like 2026-12-04 19:30.") from None
    if local.tzinfo is not None or not 1970 <= local.year <= 9000:  # noqa: PLR2004  Far from the ends of what can be kept.
        raise LocalTimeError("Please write a day and a time of that place, like 2026-12-04 19:30.")
    moment = local.replace(tzinfo=place, fold=1 if late else 0).astimezone(UTC)
    if moment.astimezone(place).replace(tzinfo=None) != local:
        before = local.replace(tzinfo=place, fold=1).astimezone(UTC).astimezone(place)
        after = local.replace(tzinfo=place, fold=0).astimezone(UTC).astimezone(place)
        raise LocalTimeError(
            f"The clocks go forward that night, so there is no {local:%H:%M} on {day(before, where)}. "
            f"Did you mean {before:%H:%M} or {after:%H:%M}?"
        )
    return moment


def day(moment: datetime, where: str = "UTC") -> str:
    """Return `22 November 2026`."""
    return day_said(moment.astimezone(zone(where)).date())


@lru_cache(maxsize=10_000)
def day_said(day_itself: date) -> str:
    """Return a calendar day as people read it: `22 November 2026`."""
    return str(format_date(day_itself, "d MMMM y", locale=LOCALE))


def clock(moment: datetime, where: str = "UTC") -> str:
    """Return `14:05 UTC`."""
    return f"{moment.astimezone(zone(where)):%H:%M} {_abbreviation(moment, where)}"


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
