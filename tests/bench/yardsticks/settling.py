"""The rows that settling a gift writes, written by bare SQL with one commit for each notice."""

from pysqlite3 import dbapi2 as sqlite

from tests.bench.gifts import PAID_AT, payment_id_of, payment_of, ref_of

_NOW = PAID_AT.replace(tzinfo=None).isoformat(" ") + ".000000"
_LINE = (
    "INSERT INTO ledger_line (entry_id, body_id, account, minor, currency, campaign_id, donation_id, held_at, counts, "
    "gifts) VALUES (?, 1, ?, ?, 'GBP', 1, ?, ?, ?, ?)"
)
_ENTRY = "INSERT INTO ledger_entry (key, kind, occurred_at, booked_at, why) VALUES (?, ?, ?, ?, ?)"


def settle_all(path: str, many: int) -> None:
    """Settle each notice in a transaction of its own."""
    connection = sqlite.connect(path, isolation_level=None)
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on"):
        connection.execute(f"PRAGMA {pragma}")
    run = connection.execute
    for number in range(many):
        payment = payment_of(number)
        charge = payment.charge
        if charge is None or charge.transaction is None:
            raise AssertionError(payment)
        moved = charge.transaction
        run("BEGIN IMMEDIATE")
        donation, donor, amount = run(
            "SELECT id, donor_id, gift_minor + fee_cover_minor FROM donation WHERE ref = ?", (ref_of(number),)
        ).fetchone()
        run(
            "UPDATE donation SET state = 'paid', paid_at = ?, payment_id = ?, charge_id = ?, descriptor = ? "
            "WHERE id = ?",
            (_NOW, payment.id, charge.id, charge.descriptor, donation),
        )
        run("INSERT INTO donation_step (donation_id, step, at, by) VALUES (?, 'paid', ?, 'stripe')", (donation, _NOW))
        run(
            "INSERT INTO balance_transaction (stripe_account_id, stripe_id, type, category, source_id, amount_minor, "
            "fee_minor, net_minor, fee_parts_minor, currency, exchange_rate, description, status, created_at, "
            "available_at, donation_id, seen_at) VALUES (1, ?, 'charge', 'charge', ?, ?, ?, ?, ?, 'GBP', '', '', "
            "'available', ?, ?, ?, ?)",
            (
                moved.id,
                charge.id,
                amount,
                moved.fee_minor,
                moved.net_minor,
                moved.fee_minor,
                _NOW,
                _NOW,
                donation,
                _NOW,
            ),
        )
        entry = run(_ENTRY, (f"payment:{charge.id}", "payment", _NOW, _NOW, f"gift {ref_of(number)} paid")).lastrowid
        run(_LINE, (entry, "1115", amount, donation, "stripe:1", 0, 0))
        run(_LINE, (entry, "4110", -amount, donation, "", 1, 1))
        entry = run(_ENTRY, (f"settled:{moved.id}", "settled", _NOW, _NOW, "fee and net known")).lastrowid
        run(_LINE, (entry, "1110", moved.net_minor, donation, "stripe:1", 0, 0))
        run(_LINE, (entry, "5110", moved.fee_minor, donation, "", 0, 0))
        run(_LINE, (entry, "1115", -amount, donation, "stripe:1", 0, 0))
        run("UPDATE body SET last_receipt_number = last_receipt_number + 1 WHERE id = 1")
        run(
            "INSERT INTO receipt (donation_id, body_id, number, issued_at, legal_name, registration_number, regulator) "
            "SELECT ?, 1, last_receipt_number, ?, legal_name, registration_number, regulator FROM body WHERE id = 1",
            (donation, _NOW),
        )
        if donor == 1:
            run(
                "INSERT INTO letter (key, kind, message_id, donation_id, about, written_at, tries, next_try_at, "
                "last_error) VALUES (?, 'receipt', ?, ?, '', ?, 0, ?, '')",
                (f"receipt:{ref_of(number)}", f"<receipt.{ref_of(number)}@localhost>", donation, _NOW, _NOW),
            )
        run(
            "UPDATE inbox_notice SET handled_at = ?, outcome = 'settled' WHERE account = 'shelter' AND event_id = ?",
            (_NOW, f"evt_settle_{number}"),
        )
        run("COMMIT")
    if run("SELECT COUNT(*) FROM inbox_notice WHERE outcome = 'settled'").fetchone()[0] != many:
        raise AssertionError("some notices are not settled")
    if run("SELECT COUNT(*) FROM donation WHERE payment_id = ?", (payment_id_of(many - 1),)).fetchone()[0] != 1:
        raise AssertionError("the last gift is not settled")
    connection.close()
