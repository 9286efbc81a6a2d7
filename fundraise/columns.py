"""Column types that mean the same on SQLite and PostgreSQL, and the naming rule for constraints."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Dialect, Integer, LargeBinary, String, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

# One name for one constraint on both databases, so that migrations can speak of it.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")
Minor = BigInteger()
CurrencyCode = String(3)
Bytes = LargeBinary()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Takes only moments with a zone, keeps UTC, and gives UTC back, on SQLite too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone: it would mean another moment on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)

    @property
    def python_type(self) -> type[Any]:
        """The type of the values."""
        return datetime


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return a CHECK that holds a text column to its words; SQLModel itself does not validate tables."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


__all__ = ["Bytes", "CurrencyCode", "Id", "Minor", "String", "Text", "UtcDateTime", "one_of"]
