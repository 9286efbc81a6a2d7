"""Where Alembic meets the tables. `fundraise.migrations` hands in an open connection; nothing else starts this."""

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import AutoString

from fundraise.columns import UtcDateTime
from fundraise.tables import metadata


def render_item(kind: str, item: object, _autogen_context: object) -> str | bool:
    """Write the types of ours and of SQLModel into a new migration as what the databases see."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    return False


def compare_type(
    _context: object,
    _inspected: object,
    _column: object,
    inspected_type: TypeEngine[object],
    our_type: TypeEngine[object],
) -> bool | None:
    """A moment is a date and time on SQLite; everything else is compared as usual."""
    if isinstance(our_type, UtcDateTime):
        return type(inspected_type).__name__ not in {"DATETIME", "TIMESTAMP"}
    return None


def run(connection: Connection) -> None:
    """Run in one transaction, so that a migration that fails leaves the schema as it was."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        compare_type=compare_type,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
