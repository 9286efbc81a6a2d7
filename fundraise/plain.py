"""Plain statements, for the few questions that are asked hundreds of times a second.

SQLAlchemy takes a tenth of a millisecond for each statement and the ORM half of one, the databases a hundredth
(measured). What is said here goes to the driver itself, inside the session's transaction. It does not make the session
flush: what a statement refers to must be in the database already. Moments are bound with `at` and read with `moment`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlmodel import Session

_DRIVER = f"{__name__}: driver"
_IS_SQLITE = f"{__name__}: is SQLite"
_ROWS_AT_ONCE = 5000  # From PostgreSQL, which is asked for so many each time.
_PLACE = re.compile(r"(?<![:']):([a-z_][a-z0-9_]*)")  # Neither a cast nor the beginning of a text.


def ask(session: Session, statement: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, whose places are written `:name`."""
    rows: list[tuple[Any, ...]] = _cursor(session, statement, values).fetchall()
    return rows


def ask_by_name(
    session: Session, statement: str, values: Mapping[str, Any] | None = None
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a statement by the names of their columns."""
    cursor = _cursor(session, statement, values)
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        yield dict(zip(names, row, strict=True))


def stream(session: Session, statement: str, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement as they are taken, so that a million take no more memory than a few."""
    driver = _driver(session)
    if _is_sqlite(session):
        yield from on_sqlite(driver, statement, values)
        return
    with driver.cursor("rows") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(_as_psycopg(statement), values)
        yield from cursor


def run(session: Session, statement: str, values: Mapping[str, Any] | None = None) -> int:
    """Run a statement that yields no rows; return how many it wrote."""
    return int(_cursor(session, statement, values).rowcount)


def run_many(session: Session, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement for each of some rows."""
    cursor = _driver(session).cursor()
    if _is_sqlite(session):
        written, names = _as_sqlite(statement)
        cursor.executemany(written, [[row[name] for name in names] for row in rows])
    else:
        cursor.executemany(_as_psycopg(statement), rows)


def listed(name: str, values: Iterable[object]) -> tuple[str, dict[str, object]]:
    """Return places for any number of values, as `IN (…)` wants them, and the values by the names of those places."""
    named = {f"{name}_{place}": value for place, value in enumerate(values)}
    return ", ".join(f":{place}" for place in named) or "NULL", named


def at(session: Session, moment: datetime) -> object:
    """Return a moment as a plain statement binds it: SQLite keeps moments as text in UTC."""
    return at_on("sqlite", moment) if _is_sqlite(session) else moment


def at_on(dialect: str, moment: datetime) -> object:
    """Return a moment as a plain statement binds it on this database, for who has no session."""
    if dialect != "sqlite":
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def moment(value: str | datetime) -> datetime:
    """Return the moment that a plain statement yields."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


def day(value: str | date) -> date:
    """Return the day that a plain statement yields."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _cursor(session: Session, statement: str, values: Mapping[str, Any] | None) -> Any:
    driver = _driver(session)
    if _is_sqlite(session):
        return on_sqlite(driver, statement, values or {})
    return driver.execute(_as_psycopg(statement), values or {})


def on_sqlite(driver: Any, statement: str, values: Mapping[str, Any]) -> Any:
    """Run a statement by SQLite's driver; return its cursor."""
    written, names = _as_sqlite(statement)
    return driver.execute(written, [values[name] for name in names])


def _driver(session: Session) -> Any:
    """Return the driver's own connection."""
    known = session.info.get(_DRIVER)
    if known is None:  # A session of ours has one transaction in its life, so it keeps its connection.
        known = session.info[_DRIVER] = session.connection().connection.driver_connection
    return known


def _is_sqlite(session: Session) -> bool:
    """Tell the databases apart; asked a dozen times a session, so the session remembers."""
    known = session.info.get(_IS_SQLITE)
    if known is None:
        known = session.info[_IS_SQLITE] = session.get_bind().dialect.name == "sqlite"
    return bool(known)


@cache
def _as_sqlite(statement: str) -> tuple[str, tuple[str, ...]]:
    """Write the places without names, and return the names in their order.

    Where values have names, SQLite's driver gives the interpreter away for each of them and waits to have it back.
    """
    return _PLACE.sub("?", statement), tuple(_PLACE.findall(statement))


@cache
def _as_psycopg(statement: str) -> str:
    """Write the places as psycopg wants them."""
    return _PLACE.sub(r"%(\1)s", statement)
