"""The question behind matching is answered over indexes, however many lines there are, as the database plans it."""

import re
from datetime import date, timedelta

import psycopg
import pytest
from sqlalchemy import text

from fundraise.flows.match_payouts import match_payouts, pairs_sql
from tests.statements.bank_files import Movement, camt053
from tests.statements.teller import Teller

MONDAY = date(2026, 11, 23)
# Lines of other money, over some years, as cheaply as they can be made.
LINES = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) INSERT INTO bank_line "
        "(bank_account_id, file_id, position, booked_on, minor, currency, text, counterparty, reference, bank_id, "
        "occurrence, identity) SELECT {account}, 1, i, date('2020-01-01', '+' || (i % 2500) || ' days'), 1 + i % 5000, "
        "'GBP', 'STRIPE ' || i, '', '', '', 1, 'grown-' || i FROM n"
    ),
    "postgresql": (
        "INSERT INTO bank_line (bank_account_id, file_id, position, booked_on, minor, currency, text, counterparty, "
        "reference, bank_id, occurrence, identity) SELECT {account}, 1, i, date '2020-01-01' + (i % 2500), "
        "1 + i % 5000, 'GBP', 'STRIPE ' || i, '', '', '', 1, 'grown-' || i FROM generate_series(1, {many}) i"
    ),
}


def grow(teller: Teller, many: int) -> None:
    parts = teller.world.parts
    teller.bring(camt053([Movement(MONDAY, 999_999, "A FIRST LINE")]))
    with parts.db.write("test") as session:
        session.execute(text(LINES[parts.db.dialect].format(many=many, account=teller.account_id)))
    for place in range(20):
        teller.payout(f"po_{place}", 700_000 + place, MONDAY)
    if parts.db.dialect == "postgresql":
        with psycopg.connect(teller.world.settings.migration_database_url, autocommit=True) as connection:
            connection.execute("ANALYZE")


def plan(teller: Teller) -> str:
    parts = teller.world.parts
    explain = "EXPLAIN QUERY PLAN " if parts.db.dialect == "sqlite" else "EXPLAIN "
    with parts.db.read() as session:
        rows = session.execute(text(explain + pairs_sql(parts.db.dialect, of_body=True)), {"body": 1}).all()
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("many", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_matching_never_reads_all_lines(teller: Teller, many: int) -> None:
    grow(teller, many)
    planned = plan(teller)
    assert "ix_bank_line_match" in planned
    # On SQLite the line's amount and days are searched for; on PostgreSQL no step walks through all lines.
    if teller.world.parts.db.dialect == "sqlite":
        searches = re.findall(r"(?:SEARCH|SCAN) l .*", planned)
        assert len(searches) == 2
        assert all("minor=?" in step and "booked_on>?" in step for step in searches)
    else:
        assert "Seq Scan on bank_line" not in planned
        assert "minor = " in planned
    teller.bring(camt053([Movement(MONDAY + timedelta(days=1), 700_003)], opening=0), "with one payout")
    assert list(teller.pairs()) == ["po_3"]
    assert match_payouts(teller.world.parts) == {}
