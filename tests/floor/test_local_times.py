"""Clock times of a place, as a form sends them: also those that a clock shows twice, or never."""

from datetime import UTC, datetime

import pytest

from fundraise import times


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("typed", "zone", "expected"),
    [
        ("2026-12-04T19:30", "Europe/London", utc(2026, 12, 4, 19, 30)),
        ("2026-07-04T19:30", "Europe/London", utc(2026, 7, 4, 18, 30)),
        (" 2026-07-04 19:30 ", "America/New_York", utc(2026, 7, 4, 23, 30)),
        ("2024-02-29T00:00", "Asia/Kathmandu", utc(2024, 2, 28, 18, 15)),
        ("2026-03-29T00:59", "Europe/London", utc(2026, 3, 29, 0, 59)),
        ("2026-03-29T02:00", "Europe/London", utc(2026, 3, 29, 1, 0)),
        ("2026-07-04", "UTC", utc(2026, 7, 4)),
    ],
)
def test_a_clock_time_is_one_moment(typed: str, zone: str, expected: datetime) -> None:
    for late in (False, True):
        assert times.at_local(typed, zone, late=late) == expected
    assert times.at_local(times.typed(expected, zone), zone) == expected


def test_an_hour_that_comes_twice_means_its_first_coming_or_its_second_where_something_ends() -> None:
    typed, zone = "2026-10-25T01:30", "Europe/London"
    assert times.at_local(typed, zone) == utc(2026, 10, 25, 0, 30)
    assert times.at_local(typed, zone, late=True) == utc(2026, 10, 25, 1, 30)
    assert times.full(times.at_local(typed, zone), zone).endswith("01:30 BST")
    assert times.full(times.at_local(typed, zone, late=True), zone).endswith("01:30 GMT")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("typed", "zone", "words"),
    [
        ("2026-03-29T01:30", "Europe/London", "no 01:30 on 29 March 2026. Did you mean 00:30 or 02:30?"),
        ("2026-03-08T02:00", "America/New_York", "no 02:00 on 8 March 2026. Did you mean 01:00 or 03:00?"),
        ("2026-10-04T02:15", "Australia/Lord_Howe", "Did you mean 01:45 or 02:45?"),
    ],
)
def test_an_hour_that_never_comes_is_asked_about(typed: str, zone: str, words: str, late: bool) -> None:  # noqa: FBT001
    with pytest.raises(times.LocalTimeError) as refused:
        times.at_local(typed, zone, late=late)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    ["", "soon", "2026-13-01T10:00", "2026-02-30T10:00", "2026-01-01T24:30", "1969-12-31T23:59", "9999-12-31T23:59",
     "2026-01-01T10:00Z", "2026-01-01T10:00+01:00", "0001-01-01T00:00", "20:30", "²⁰²⁶-01-01"],
)  # fmt: skip
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(times.LocalTimeError):
        times.at_local(typed, "Europe/London")


def test_zones_are_those_of_places() -> None:
    names = times.zone_names()
    assert names[0] == "UTC"
    assert {"Europe/London", "America/New_York", "Asia/Kathmandu"} <= set(names)
    assert not {"Etc/GMT+5", "posixrules", "localtime", "EST5EDT"} & set(names)
