"""The check that matches and books say the same of every bank account."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlmodel import Session

from fundraise.ledger.check import Finding

_SHOWN = 20


def bank_differs_from_matches(session: Session) -> Iterator[Finding]:
    """Every standing match is in the books, and nothing on a bank account is there without one."""
    rows = session.execute(
        text(
            "SELECT b.name, s.currency, SUM(s.minor) FROM ("
            "SELECT l.bank_account_id AS account, l.currency AS currency, l.minor AS minor FROM bank_match m "
            "JOIN bank_line l ON l.id = m.line_id WHERE m.stands "
            "UNION ALL "
            "SELECT b.id, g.currency, -g.minor FROM bank_account b "
            "JOIN ledger_line g ON g.body_id = b.body_id AND g.account = '1010' "
            "AND g.held_at = 'bank\\:' || CAST(b.id AS VARCHAR(20)) "
            "JOIN ledger_entry e ON e.id = g.entry_id AND e.kind IN ('bank', 'bank-undone')"
            ") s JOIN bank_account b ON b.id = s.account "
            "GROUP BY b.id, b.name, s.currency HAVING SUM(s.minor) <> 0 ORDER BY b.name LIMIT :shown"
        ),
        {"shown": _SHOWN},
    )
    for name, currency, off in rows:
        yield Finding(
            "bank_differs_from_matches",
            f"the matched lines of {name} differ by {off} minor units of {currency} from account 1010",
        )
