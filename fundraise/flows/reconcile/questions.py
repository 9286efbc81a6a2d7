"""What is asked when Stripe, the bank and the books are compared: each question with the name of what it finds.

The names are those of the catalogue in which treasurers' tools agree (ORPHAN_CHARGE, PAYOUT_SUM, …). A statement yields
`object_id`, `minor` and `currency`, and whatever else its sentence says; `{latest_arrival}` in it is the last day on
which the bank may book a payout, in the words of the database. It is asked of rows that are stored already, as joins
over indexes that both databases have; a question about movements that are neither gifts nor payouts, or that do not add
up, says so in the words of the index of those few. What moved before `:counted_since` is part of the opening balance,
also where a later payout lists it. Conversions and bank lines are compared in `conversions.py` and `bank_lines.py`,
what a payment says of itself in `flows/quarantine.py`.

Names of that catalogue which nothing here can yield, and why:

DUPLICATE_EVENT: a notice is kept once by its id, and a repeat changes nothing; the inbox tells how often one came.
METADATA_LOST: a payment without our reference is joined by its Checkout Session, of which we keep the id.
DISPUTE_FEE, DISPUTE_WON, DISPUTE_LOST: booked as they come, each under its own key; DISPUTE_OPEN is what waits.
PAYOUT_IN_TRANSIT: it is where every payout is for days, and its page says so; PAYOUT_OVERDUE is when that is too long.
GIFTAID_CLAIMED_THEN_REFUNDED: nothing is claimed from here yet.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Question:
    """A code, the statement that finds it, and the sentence that says it; `{facts}` are the statement's columns."""

    code: str
    sql: str
    sentence: str


QUESTIONS: Final = (
    Question(
        "ORPHAN_CHARGE",
        # First those of no gift by their index, which are few: SQLite keeps the order of a cross join.
        "SELECT t.source_id AS object_id, t.amount_minor AS minor, t.currency "
        "FROM balance_transaction n CROSS JOIN balance_transaction t WHERE n.donation_id IS NULL AND t.id = n.id "
        "AND t.stripe_account_id = :account AND t.created_at >= :counted_since AND t.category = 'charge' "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'held:' || t.stripe_id) "
        "AND NOT EXISTS (SELECT 1 FROM difference q WHERE q.stripe_account_id = t.stripe_account_id "
        "AND q.object_id = t.source_id AND q.code IN ('AMOUNT_MISMATCH', 'CURRENCY_MISMATCH', 'ACCOUNT_MIX', "
        "'MODE_MIX', 'DUPLICATE_DONATION', 'ARITHMETIC'))",
        "a payment of {amount} on the account belongs to no gift here ({object_id})",
    ),
    Question(
        "REFUND_NOT_RECORDED",
        "SELECT t.source_id AS object_id, t.amount_minor AS minor, t.currency FROM balance_transaction t "
        "WHERE t.stripe_account_id = :account AND t.created_at >= :counted_since "
        "AND t.category NOT IN ('charge', 'payout') AND t.category = 'refund' "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'held:' || t.stripe_id) "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'refund:' || t.source_id)",
        "a refund of {amount} at Stripe is in no gift's books ({object_id})",
    ),
    Question(
        "DISPUTE_NOT_RECORDED",
        "SELECT t.source_id AS object_id, t.amount_minor AS minor, t.currency FROM balance_transaction t "
        "WHERE t.stripe_account_id = :account AND t.created_at >= :counted_since "
        "AND t.category NOT IN ('charge', 'payout') AND t.category = 'dispute' "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'held:' || t.stripe_id) "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'dispute:' || t.source_id || ':opened')",
        "a dispute of {amount} at Stripe is in no gift's books ({object_id})",
    ),
    Question(
        "NET_MISMATCH",
        "SELECT t.stripe_id AS object_id, t.net_minor AS minor, t.currency FROM balance_transaction t "
        "WHERE t.stripe_account_id = :account AND t.donation_id IS NOT NULL AND t.category = 'charge' AND "
        "NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'settled:' || t.stripe_id) "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'debit:' || t.stripe_id)",
        "{amount} reached the balance for a gift, but the books have no entry of it ({object_id})",
    ),
    Question(
        "AMOUNT_MISMATCH",
        "SELECT t.source_id AS object_id, t.amount_minor - d.gift_minor - d.fee_cover_minor AS minor, t.currency, "
        "d.ref AS ref FROM balance_transaction t JOIN donation d ON d.id = t.donation_id "
        "WHERE t.stripe_account_id = :account AND t.category = 'charge' AND t.currency = d.currency "
        "AND t.amount_minor <> d.gift_minor + d.fee_cover_minor",
        "gift {ref} and its movement at Stripe differ by {amount} ({object_id})",
    ),
    Question(
        "NO_BALANCE_TXN",
        "SELECT d.charge_id AS object_id, d.gift_minor + d.fee_cover_minor AS minor, d.currency, d.ref AS ref "
        "FROM donation d WHERE d.stripe_account_id = :account AND d.state = 'paid' AND d.paid_at < :balance_lag "
        "AND NOT EXISTS (SELECT 1 FROM balance_transaction t WHERE t.donation_id = d.id AND t.category = 'charge')",
        "gift {ref} of {amount} is paid, but Stripe's balance shows nothing of it ({object_id})",
    ),
    Question(
        "ARITHMETIC",
        "SELECT t.stripe_id AS object_id, t.amount_minor - t.fee_minor - t.net_minor AS minor, t.currency "
        "FROM balance_transaction t WHERE t.stripe_account_id = :account "
        "AND (t.net_minor <> t.amount_minor - t.fee_minor OR t.fee_minor <> t.fee_parts_minor) "
        "AND t.net_minor <> t.amount_minor - t.fee_minor",
        "a movement at Stripe does not add up by {amount} ({object_id})",
    ),
    Question(
        "FEE_BREAKDOWN",
        "SELECT t.stripe_id AS object_id, t.fee_minor - t.fee_parts_minor AS minor, t.currency "
        "FROM balance_transaction t WHERE t.stripe_account_id = :account "
        "AND (t.net_minor <> t.amount_minor - t.fee_minor OR t.fee_minor <> t.fee_parts_minor) "
        "AND t.fee_minor <> t.fee_parts_minor",
        "the parts of a fee at Stripe differ from the fee by {amount} ({object_id})",
    ),
    Question(
        "FEE_UNEXPECTED",
        # The gift is looked up for what is found alone, not joined with every movement.
        "SELECT t.stripe_id AS object_id, t.fee_minor AS minor, t.currency, "
        "(SELECT d.ref FROM donation d WHERE d.id = t.donation_id) AS ref FROM balance_transaction t "
        "WHERE t.stripe_account_id = :account AND t.donation_id IS NOT NULL AND t.category = 'charge' "
        "AND t.currency = (SELECT b.currency FROM stripe_account a JOIN body b ON b.id = a.body_id "
        "WHERE a.id = :account) AND (:usual_fee_basis_points > 0 OR :usual_fee_minor > 0) "
        # A card from abroad and a conversion make it about three times as much. PostgreSQL takes a number as the
        # smallest type that holds it, and its products would be too large for that.
        "AND t.fee_minor * 10000 > 4 * (t.amount_minor * :usual_fee_basis_points "
        "+ 10000 * CAST(:usual_fee_minor AS BIGINT))",
        "the fee of {amount} on gift {ref} is more than four times the usual one ({object_id})",
    ),
    Question(
        "FEE_UNALLOCATED",
        "SELECT t.stripe_id AS object_id, t.net_minor AS minor, t.currency, t.description AS about "
        "FROM balance_transaction t WHERE t.stripe_account_id = :account AND t.created_at >= :counted_since "
        "AND t.category NOT IN ('charge', 'payout') AND t.category IN ('fee', 'tax', 'network_cost')",
        "Stripe took {amount} that belongs to no gift: {about} ({object_id})",
    ),
    Question(
        "RESERVE_HELD",
        "SELECT t.currency || ' reserve' AS object_id, SUM(t.net_minor) AS minor, t.currency "
        "FROM balance_transaction t WHERE t.stripe_account_id = :account "
        "AND t.created_at >= :counted_since AND t.category NOT IN ('charge', 'payout') "
        "AND t.category = 'risk_reserved_funds' "
        # By what no index has in order: SQLite would take that one, and look at every movement.
        "GROUP BY t.currency || ' reserve', t.currency HAVING SUM(t.net_minor) <> 0",
        "Stripe holds {amount} back as a reserve",
    ),
    Question(
        "TOPUP",
        "SELECT t.stripe_id AS object_id, t.net_minor AS minor, t.currency FROM balance_transaction t "
        "WHERE t.stripe_account_id = :account AND t.created_at >= :counted_since "
        "AND t.category NOT IN ('charge', 'payout') AND t.category IN ('topup', 'topup_reversal')",
        "{amount} was paid into the Stripe balance from outside ({object_id})",
    ),
    Question(
        "UNCLASSIFIED",
        "SELECT t.stripe_id AS object_id, t.net_minor AS minor, t.currency, t.category AS about "
        "FROM balance_transaction t WHERE t.stripe_account_id = :account AND t.created_at >= :counted_since "
        "AND t.category NOT IN ('charge', 'payout') AND t.category NOT IN ('charge', 'charge_failure', 'refund', "
        "'refund_failure', 'dispute', 'dispute_reversal', 'payout', 'payout_reversal', 'fee', 'tax', 'network_cost', "
        "'risk_reserved_funds', 'topup', 'topup_reversal')",
        "a movement of {amount} is of a kind we do not know: {about} ({object_id})",
    ),
    Question(
        "PAYOUT_SUM",
        "SELECT p.stripe_id AS object_id, p.minor - COALESCE(SUM(t.net_minor), 0) AS minor, p.currency FROM payout p "
        "LEFT JOIN balance_transaction t ON t.payout_id = p.id "
        "WHERE p.stripe_account_id = :account AND p.items_known GROUP BY p.id, p.stripe_id, p.minor, p.currency "
        "HAVING p.minor <> COALESCE(SUM(t.net_minor), 0)",
        "what payout {object_id} is made of differs from it by {amount}",
    ),
    Question(
        "PAYOUT_NOT_ITEMISED",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency FROM payout p "
        "WHERE p.stripe_account_id = :account AND NOT p.items_known AND p.state = 'paid' "
        "AND p.arrives_on < :itemising_lag",
        "Stripe does not say what payout {object_id} of {amount} is made of",
    ),
    Question(
        "PAYOUT_OVERDUE",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency FROM payout p "
        "WHERE p.stripe_account_id = :account AND p.state IN ('pending', 'in_transit') AND p.arrives_on < :arrived_by",
        "payout {object_id} of {amount} should have arrived, and Stripe does not call it paid",
    ),
    Question(
        "PAYOUT_FAILED",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency, p.failure AS about FROM payout p "
        "WHERE p.stripe_account_id = :account AND p.state = 'failed' AND NOT p.was_paid",
        "payout {object_id} of {amount} failed: {about}. Check the bank details at Stripe",
    ),
    Question(
        "PAYOUT_PAID_THEN_FAILED",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency, p.failure AS about FROM payout p "
        "WHERE p.stripe_account_id = :account AND p.state = 'failed' AND p.was_paid",
        "payout {object_id} of {amount} failed after Stripe had called it paid: {about}. The money is back at Stripe",
    ),
    Question(
        "PAYOUT_CANCELED",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency FROM payout p "
        "WHERE p.stripe_account_id = :account AND p.state = 'canceled'",
        "payout {object_id} of {amount} was cancelled",
    ),
    Question(
        "PAYOUT_REVERSED",
        "SELECT t.stripe_id AS object_id, t.net_minor AS minor, t.currency, t.source_id AS about "
        "FROM balance_transaction t WHERE t.stripe_account_id = :account "
        "AND t.created_at >= :counted_since AND t.category NOT IN ('charge', 'payout') "
        "AND t.category = 'payout_reversal' "
        "AND NOT EXISTS (SELECT 1 FROM payout p WHERE p.stripe_account_id = t.stripe_account_id "
        "AND p.stripe_id = t.source_id AND p.state IN ('failed', 'canceled'))",
        "{amount} of a payout came back to Stripe ({about}), and the payout is not called failed ({object_id})",
    ),
    Question(
        "PAYOUT_NEGATIVE",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency FROM payout p "
        "WHERE p.stripe_account_id = :account AND p.minor < 0 AND p.state IN ('pending', 'in_transit')",
        "the Stripe balance is below zero, and Stripe takes {amount} from the bank account ({object_id})",
    ),
    Question(
        "BANK_MATCH_OF_FAILED_PAYOUT",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency FROM payout p "
        "JOIN bank_match m ON m.payout_id = p.id AND m.stands "
        "WHERE p.stripe_account_id = :account AND p.state IN ('failed', 'canceled') "
        "AND NOT EXISTS (SELECT 1 FROM bank_match r WHERE r.returned_payout_id = p.id AND r.stands)",
        "payout {object_id} of {amount} failed, but a bank line is matched with it: undo it, or match the return",
    ),
    Question(
        "BANK_CREDIT_MISSING",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency FROM payout p "
        "JOIN stripe_account a ON a.id = p.stripe_account_id "
        "WHERE p.stripe_account_id = :account AND p.state = 'paid' AND p.arrives_on < :arrived_by "
        "AND EXISTS (SELECT 1 FROM bank_account b WHERE b.body_id = a.body_id AND b.currency = p.currency) "
        "AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.payout_id = p.id AND m.stands) "
        "AND (p.arrives_on < :no_statement_since OR NOT EXISTS (SELECT 1 FROM bank_account b "
        "WHERE b.body_id = a.body_id AND b.currency = p.currency AND NOT EXISTS (SELECT 1 FROM statement_file f "
        "WHERE f.bank_account_id = b.id AND f.to_date >= {latest_arrival})))",
        "payout {object_id} of {amount} is paid, and no bank line shows it",
    ),
    Question(
        "REFUND_PENDING_LONG",
        "SELECT r.stripe_id AS object_id, r.minor AS minor, r.currency FROM refund r "
        "WHERE r.stripe_account_id = :account AND r.state IN ('pending', 'requires_action') "
        "AND r.created_at < :refund_lag",
        "refund {object_id} of {amount} has been pending for long: is there money in the Stripe balance?",
    ),
    Question(
        "REFUND_FAILED",
        "SELECT r.stripe_id AS object_id, r.minor AS minor, r.currency, d.ref AS ref FROM refund r "
        "JOIN donation d ON d.id = r.donation_id WHERE r.stripe_account_id = :account AND r.state = 'failed'",
        "refund {object_id} of {amount} did not reach the donor of gift {ref}; ask them for another way",
    ),
    Question(
        "OVER_REFUND",
        "SELECT d.charge_id AS object_id, g.minor - d.gift_minor - d.fee_cover_minor AS minor, d.currency, "
        "d.ref AS ref FROM (SELECT b.donation_id, SUM(b.minor) AS minor FROM ("
        "SELECT r.donation_id, r.minor FROM refund r "
        "WHERE r.stripe_account_id = :account AND r.state NOT IN ('failed', 'canceled') UNION ALL "
        "SELECT p.donation_id, p.minor FROM dispute p WHERE p.stripe_account_id = :account AND p.state = 'lost'"
        ") b GROUP BY b.donation_id) g JOIN donation d ON d.id = g.donation_id "
        "WHERE g.minor > d.gift_minor + d.fee_cover_minor",
        "{amount} more went back to the donor of gift {ref} than they gave ({object_id})",
    ),
    Question(
        "DISPUTE_OPEN",
        "SELECT p.stripe_id AS object_id, p.minor AS minor, p.currency, d.ref AS ref FROM dispute p "
        "JOIN donation d ON d.id = p.donation_id WHERE p.stripe_account_id = :account "
        "AND p.state IN ('needs_response', 'under_review', 'warning_needs_response')",
        "the bank of gift {ref}'s donor asks for {amount} back ({object_id})",
    ),
)
