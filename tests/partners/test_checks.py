"""Rows of a total are only added to, and whoever changes one all the same is found by the checks of the books."""

import inspect
import re
from datetime import date

import psycopg
import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fundraise.flows.check_combined import CHECKS_OF_TOTALS
from fundraise.settings import Settings
from tests.partners.browsing import page_at
from tests.partners.fellowship import Fellowship

FRIDAY, MAY = date(2026, 11, 20), date(2026, 5, 31)


@pytest.fixture
def whole(fellowship: Fellowship) -> Fellowship:
    """An appeal in dollars: gifts here that were converted, a partner with two figures, a transfer to it."""
    fellowship.set_up(currency="USD")
    fellowship.rates("ECB", MAY, USD="1.1172", GBP="0.8338")
    fellowship.world.paid_gift("50")
    fellowship.rates("ECB", FRIDAY, USD="1.1172", GBP="0.8338")
    fellowship.partner("coc")
    fellowship.transfer("body:shelter", "partner:coc", "10.00", "EUR", MAY, reference="OUR-1")
    fellowship.accepted("coc", "100.00", MAY, our_transfers="all")
    fellowship.accepted("coc", "150.00", FRIDAY, our_transfers="all")
    assert fellowship.world.findings() == []
    return fellowship


@pytest.mark.parametrize("table", ["increment", "own_increment"])
@pytest.mark.parametrize("change", ["UPDATE {} SET display_minor = 1", "DELETE FROM {}"])
def test_rows_of_a_total_are_only_added_to(whole: Fellowship, table: str, change: str) -> None:
    with pytest.raises(DBAPIError), whole.world.parts.db.write("test") as session:
        session.execute(text(change.format(table)))
    assert whole.world.findings() == []


def by_force(settings: Settings, table: str, statement: str) -> None:
    """Do as somebody with the owner's rights, or with the file in their hands, could."""
    if settings.database_url.startswith("postgresql"):
        with psycopg.connect(settings.migration_database_url, autocommit=True) as connection:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # type: ignore[call-overload]
            connection.execute(statement)  # type: ignore[call-overload]
        return
    connection = sqlite.connect(settings.database_url.removeprefix("sqlite:///"))
    for action in ("update", "delete"):
        connection.execute(f"DROP TRIGGER IF EXISTS {table}_no_{action}")
    connection.execute(statement)
    connection.commit()
    connection.close()


BREAKS = [
    (
        "increment",
        "UPDATE increment SET total_display_minor = total_display_minor + 1 WHERE id = 2",
        "partner_sums_differ",
    ),
    ("increment", "UPDATE increment SET total_waiting_minor = 5 WHERE id = 1", "partner_sums_differ"),
    ("increment", "UPDATE increment SET amount_minor = amount_minor + 1 WHERE id = 1", "partner_sums_differ"),
    ("increment", "UPDATE increment SET display_minor = display_minor + 1 WHERE id = 1", "converted_wrongly"),
    ("increment", "UPDATE increment SET factor = '2' WHERE id = 2", "converted_wrongly"),
    ("increment", "UPDATE increment SET follows_id = 9 WHERE id = 2", "partner_sums_differ"),
    ("increment", "DELETE FROM increment WHERE id = 1", "partner_sums_differ"),
    ("increment", "DELETE FROM increment WHERE id = 2", "part_differs"),
    ("own_increment", "UPDATE own_increment SET total_display_minor = 1", "own_sums_differ"),
    ("own_increment", "UPDATE own_increment SET display_minor = 1", "converted_wrongly"),
    ("partner_report", "UPDATE partner_report SET amount_minor = 1 WHERE id = 2", "part_differs"),
    ("partner_report", "UPDATE partner_report SET state = 'accepted' WHERE id = 1", "reports_accepted"),
    ("partner_report", "UPDATE partner_report SET state = 'rejected'", "part_without_report"),
    ("report_step", "DELETE FROM report_step WHERE step = 'accepted'", "reports_accepted"),
    ("transfer", "UPDATE transfer SET sent_minor = 1", "part_differs"),
]


@pytest.mark.parametrize(("table", "statement", "check"), BREAKS)
def test_what_was_changed_is_found(whole: Fellowship, table: str, statement: str, check: str) -> None:
    whole.world.books_are_broken = True
    by_force(whole.world.settings, table, statement)
    assert any(finding.startswith(check) for finding in whole.world.findings())


def test_every_check_has_its_break() -> None:
    raised = {
        name for check in CHECKS_OF_TOTALS for name in re.findall(r'Finding\(\s*"(\w+)"', inspect.getsource(check))
    }
    assert raised == {check for _, _, check in BREAKS}


def test_no_public_page_names_a_partner_that_is_not_named(fellowship: Fellowship) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("lantern", is_unnamed=True)
    fellowship.partner("coc", is_beneficiary=True)
    ref = fellowship.transfer("partner:lantern", "partner:coc", "10.00", "EUR", MAY)
    fellowship.arrived(ref, "10.00", "EUR", MAY)
    came = fellowship.accepted("lantern", "100.00", MAY, evidence="https://lantern.example", submitted_by="L. Lantern")
    assert came
    fellowship.accepted("coc", "50.00", MAY, our_transfers="all")
    browser = fellowship.world.donor
    for stage in ("collected", "received"):
        fellowship.set_up(headline_stage=stage)
        for address in ("", "/counted", "/counted/1", "?as_of=2026-11-22"):
            assert "lantern" not in page_at(browser, f"/a/winter-appeal{address}").text.lower()
        assert "lantern" not in browser.get("/api/v1/appeals/winter-appeal/total").text.lower()
    assert "lantern" not in page_at(browser, "/").text.lower()
