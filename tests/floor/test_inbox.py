"""Notices that wait are kept many in a statement: each once, however they fall into statements."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from fundraise import inbox
from fundraise.db import Database
from fundraise.inbox import Arrival, KeptNotice
from fundraise.settings import Settings

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def arrival(event_id: str) -> Arrival:
    """Return a notice of a payment."""
    return Arrival("acct_1", event_id, "charge.updated", "charge", "ch_1", "pi_1", NOW)


@pytest.mark.parametrize("most", [1, 2, 3, 200])
def test_notices_are_kept_once_wherever_a_statement_ends(
    settings: Settings, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_IN_ONE", most)
    names = ["evt_1", "evt_2", "evt_1", "evt_3", "evt_2", "evt_4", "evt_1"]
    db = Database(settings.database_url)
    try:
        assert inbox.keep(db, [arrival(name) for name in names], NOW) == 4
        assert inbox.keep(db, [arrival(name) for name in reversed([*names, "evt_5"])], NOW) == 1
        with db.read() as session:
            kept = session.exec(select(KeptNotice.event_id).order_by(KeptNotice.event_id)).all()
    finally:
        db.close()
    assert kept == ["evt_1", "evt_2", "evt_3", "evt_4", "evt_5"]
