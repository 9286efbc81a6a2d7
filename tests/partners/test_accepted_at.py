"""When a report was accepted stands on the report, and is found where it does not stand there yet."""

from datetime import date, datetime

from alembic import command
from sqlalchemy import text
from sqlmodel import select

from fundraise.figures.partner_parts import partner_parts
from fundraise.migrations import _one_at_a_time, alembic_config, upgrade
from fundraise.partners.tables import PartnerReport
from tests.partners.fellowship import Fellowship

APRIL = date(2026, 4, 30)


def accepted(fellowship: Fellowship) -> list[datetime]:
    with fellowship.world.parts.db.read() as session:
        return [part.accepted_at for part in partner_parts(session, 1).parts]


def on_the_report(fellowship: Fellowship) -> list[datetime | None]:
    with fellowship.world.parts.db.read() as session:
        return list(session.exec(select(PartnerReport.accepted_at).order_by(PartnerReport.id)))


def accept_one(fellowship: Fellowship) -> datetime:
    fellowship.rates("ECB", APRIL, GBP="0.8338")
    fellowship.partner("coc")
    report = fellowship.report("coc", "400.00", APRIL)
    fellowship.world.advance(hours=5)
    when = fellowship.world.now()
    fellowship.accept(report)
    fellowship.world.advance(hours=5)
    return when


def test_it_stands_on_the_report(fellowship: Fellowship) -> None:
    when = accept_one(fellowship)
    assert accepted(fellowship) == on_the_report(fellowship) == [when]
    fellowship.report("coc", "500.00", APRIL)
    assert on_the_report(fellowship) == [when, None]


def test_a_report_accepted_by_the_code_of_before_says_the_same(fellowship: Fellowship) -> None:
    """It writes the step alone: while hosts are renewed one by one, both run."""
    when = accept_one(fellowship)
    with fellowship.world.parts.db.write("test") as session:
        session.execute(text("UPDATE partner_report SET accepted_at = NULL"))
    assert accepted(fellowship) == [when]


def test_what_counts_has_its_report_also_where_that_is_not_accepted_any_more(fellowship: Fellowship) -> None:
    """Such a row is for the checks of the books; the public page shows what counts, and does not fall."""
    when = accept_one(fellowship)
    now_is(fellowship, "superseded")
    with fellowship.world.parts.db.read() as session:
        parts = partner_parts(session, 1).parts
    assert [(part.accepted_at, part.as_of, len(part.sha256)) for part in parts] == [(when, APRIL, 64)]
    now_is(fellowship, "accepted")


def now_is(fellowship: Fellowship, state: str) -> None:
    with fellowship.world.parts.db.write("test") as session:
        session.execute(text("UPDATE partner_report SET state = :state"), {"state": state})


def test_bringing_the_schema_up_to_date_notes_it_on_what_was_accepted_before(fellowship: Fellowship) -> None:
    when = accept_one(fellowship)
    fellowship.report("coc", "500.00", APRIL)
    settings = fellowship.world.settings
    with _one_at_a_time(settings) as connection:
        command.downgrade(alembic_config(connection), "2026_11_29_newest_increment")
        connection.commit()
    assert upgrade(settings)
    assert on_the_report(fellowship) == [when, None]
