"""What is asked for each visitor and each gift is found by an index, however much there is already."""

from pathlib import Path

import pytest
from sqlmodel import Session

from fundraise import plain
from fundraise.db import Database
from fundraise.figures import public
from fundraise.flows import begin_gift
from fundraise.ledger import balances
from tests.databases import fresh_sqlite

TOTAL = balances._statement(
    ("campaign_id", "currency"), ("counts",), "sqlite", 1, has_checkpoint=True, has_as_of=False, has_upto=False
)
VALUES = {
    "campaign_0": 1,
    "counts": True,
    "checkpoint": 1,
    "from_entry": 1,
    "token": "t",
    "campaign": 1,
    "most": 12,
}


def plan(session: Session, statement: str) -> list[str]:
    return [str(row[-1]) for row in plain.ask(session, f"EXPLAIN QUERY PLAN {statement}", VALUES)]


@pytest.mark.parametrize(
    ("statement", "step"),
    [
        (TOTAL, "SEARCH ledger_line USING INDEX ix_ledger_line_entry_id (entry_id>?)"),
        (begin_gift._OF_THIS_FORM, "SEARCH donation USING INDEX ix_donation_form_token (form_token=?)"),
        (public._LATEST, "SEARCH d USING INDEX ix_donation_campaign_paid (campaign_id=? AND paid_at>?)"),
    ],
    ids=["total", "this form's gifts", "latest gifts"],
)
def test_nothing_is_read_that_is_not_needed(tmp_path: Path, statement: str, step: str) -> None:
    with fresh_sqlite(tmp_path) as settings:
        db = Database(settings.database_url)
        with db.read() as session:
            steps = plan(session, statement)
        db.close()
    assert step in steps
    assert not any(found.startswith(("SCAN ledger_line", "SCAN donation", "SCAN d")) for found in steps)
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps


def test_control_without_the_named_index_all_lines_are_read(tmp_path: Path) -> None:
    with fresh_sqlite(tmp_path) as settings:
        db = Database(settings.database_url)
        with db.read() as session:
            steps = plan(session, TOTAL.replace(" INDEXED BY ix_ledger_line_entry_id", ""))
        db.close()
    assert "SEARCH ledger_line USING INDEX ix_ledger_line_entry_id (entry_id>?)" not in steps
