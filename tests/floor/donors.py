"""Donors as the plainest thing to be written, a death of the process, and who is there afterwards."""

from sqlalchemy import text

from fundraise.db import Database


class Death(BaseException):
    """The process ends here."""


def names(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.execute(text("SELECT name FROM donor")).scalars())
