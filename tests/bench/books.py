"""Books of any size, made inside the database in bulk: gifts that are paid, settled, paid out and on the statement.

Everything follows from a gift's number, so the same size is always the same books. Names are scattered over their
space as Stripe's are. The last payouts have their bank lines and are not matched yet, as on any morning.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from pysqlite3 import dbapi2 as sqlite

from fundraise.ledger.balances import rebuild_checkpoints
from fundraise.sealing import Sealer
from fundraise.settings import Settings
from tests.bench.opening import parts_of
from tests.databases import SECRET_KEY, admin, fresh_postgresql, fresh_sqlite

GIFTS_PER_PAYOUT = 50
OPEN_PAYOUTS = 20
# Two years of gifts, ending on a day that is named here so that the books are the same tomorrow.
_BEGINS = 1_700_000_000
_SECONDS = 2 * 365 * 86400
WEBHOOK_SECRET = "whsec_bench"

_SQLITE = {
    "numbers": "numbers",
    "hex": "printf('%08x', ({0} * 2654435761) % 4294967296)",
    "at": "strftime('%Y-%m-%d %H:%M:%f000', {0}, 'unixepoch')",
    "day": "date({0}, 'unixepoch')",
    "true": "1",
    "false": "0",
}
_POSTGRESQL = {
    "numbers": "generate_series(1::bigint, {many}) AS numbers(i)",
    "hex": "lpad(to_hex(({0}::bigint * 2654435761) % 4294967296), 8, '0')",
    "at": "to_timestamp({0})",
    "day": "(to_timestamp({0}) AT TIME ZONE 'UTC')::date",
    "true": "true",
    "false": "false",
}


@dataclass
class Books:
    """Books made so far, by database and number of gifts; they live in a folder that goes with the run."""

    folder: Path
    _made: dict[tuple[str, int], Settings] = field(default_factory=dict)
    _open: list[Any] = field(default_factory=list)

    def of(self, dialect: str, gifts: int) -> Settings:
        """Return the settings of books with so many gifts."""
        if (dialect, gifts) not in self._made:
            self._made[dialect, gifts] = self._make(dialect, gifts)
        return self._made[dialect, gifts]

    def forget(self, dialect: str, gifts: int) -> None:
        """Make room."""
        if dialect == "sqlite":
            shutil.rmtree(self.folder / f"sqlite-{gifts}", ignore_errors=True)
            self._made.pop((dialect, gifts), None)

    def close(self) -> None:
        """Drop the databases."""
        for opened in reversed(self._open):
            opened.__exit__(None, None, None)

    def _make(self, dialect: str, gifts: int) -> Settings:
        folder = self.folder / f"{dialect}-{gifts}"
        folder.mkdir()
        opened = fresh_sqlite(folder) if dialect == "sqlite" else fresh_postgresql()
        settings = opened.__enter__()
        self._open.append(opened)
        with _connection(settings) as connection:
            _fill(connection, dialect, gifts)
        with parts_of(settings) as parts:
            rebuild_checkpoints(parts.db)
        return settings


@contextmanager
def books_in(folder: Path) -> Iterator[Books]:
    """Give books that go when the block ends."""
    books = Books(folder)
    try:
        yield books
    finally:
        books.close()


@contextmanager
def _connection(settings: Settings) -> Iterator[Any]:
    """Connect as the owner, in the way that writes fastest; durability is nothing that is measured here."""
    if settings.database_url.startswith("sqlite"):
        connection = sqlite.connect(settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in ("journal_mode=delete", "synchronous=0", "cache_size=-1000000", "temp_store=2"):
            connection.execute(f"PRAGMA {pragma}")
        yield connection
        connection.close()
        return
    name = urlsplit(settings.database_url).path.removeprefix("/")
    with admin() as server:
        host = server.info.host
    with psycopg.connect(host=host, dbname=name, user="postgres", autocommit=True) as connection:
        # References hold by how the rows are made; `fundraise check` looks at the whole afterwards.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        yield connection
        connection.execute("VACUUM ANALYZE")


def _fill(connection: Any, dialect: str, gifts: int) -> None:
    words = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    indexes = _drop_indexes(connection, dialect)
    connection.execute("BEGIN")
    if dialect == "sqlite":
        connection.execute("CREATE TEMP TABLE numbers (i INTEGER PRIMARY KEY)")
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO numbers "
            "SELECT i FROM n",
            (gifts,),
        )
    for statement in _Statements(words, gifts).all:
        connection.execute(statement)
    connection.execute("COMMIT")
    for statement in indexes:
        connection.execute(statement)
    if dialect == "postgresql":
        tables = connection.execute(
            "SELECT c.relname, pg_get_serial_sequence(c.relname, 'id') FROM pg_class c "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' "
            "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' WHERE c.relkind = 'r'"
        ).fetchall()
        for name, sequence in tables:
            if sequence:
                connection.execute(f"SELECT setval('{sequence}', COALESCE((SELECT MAX(id) FROM {name}), 0) + 1)")


def _drop_indexes(connection: Any, dialect: str) -> list[str]:
    """Drop what can be made again afterwards in one go, and return how."""
    if dialect == "sqlite":
        found = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
    else:
        found = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint)"
        ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]


class _Statements:
    """What is inserted, for one database and one number of gifts."""

    def __init__(self, words: dict[str, str], gifts: int) -> None:
        self._words = words
        self._gifts = gifts
        self._numbers = words["numbers"].format(many=gifts)
        self._paid = f"{_BEGINS} + i * {_SECONDS} / {gifts}"
        self._gift = "(500 + (i * 7919) % 9500)"
        self._fee = f"({self._gift} * 15 / 1000 + 20)"
        self._payouts = gifts // GIFTS_PER_PAYOUT

    def _hex(self, value: str) -> str:
        return self._words["hex"].format(value)

    def _at(self, seconds: str) -> str:
        return self._words["at"].format(seconds)

    @cached_property
    def all(self) -> list[str]:
        return [*self._house(), *self._gifts_and_money(), *self._entries(), *self._payouts_and_bank()]

    def _house(self) -> list[str]:
        at, no = self._at(str(_BEGINS - 86400)), self._words["false"]
        sealer = Sealer(SECRET_KEY)
        key, secrets = sealer.seal("rk_test_bench"), sealer.seal(WEBHOOK_SECRET)
        return [
            "INSERT INTO body (id, slug, kind, legal_name, name, registration_number, regulator, country, currency, "
            "gift_aid_claimant, contact_email, website, refund_policy, last_receipt_number, created_at) VALUES "
            "(1, 'shelter', 'charity', 'The Shelter Trust', 'Shelter', '1234567', "
            f"'Charity Commission for England and Wales', 'GB', 'GBP', {no}, '', '', '', {self._gifts}, {at})",
            "INSERT INTO appeal (id, slug, title, cause, story, beneficiary, currency, rate_source, headline_stage, "
            "state, created_at) VALUES (1, 'winter-appeal', 'Winter appeal', 'Beds for people.', '', '', 'GBP', 'ECB', "
            f"'collected', 'live', {at})",
            "INSERT INTO campaign (id, slug, appeal_id, title, summary, story, organiser, currency, gift_currencies, "
            "goal_minor, suggested_minor, least_gift_minor, zone, state, holding, fee_borne_by, statement_suffix, "
            "created_at) VALUES (1, 'winter', 1, 'Forty winter beds', 'Students raise money for warm beds.', "
            f"'{STORY}', 'Oxford students', 'GBP', 'GBP,EUR', 50000000, '1000,2500,5000', 100, 'Europe/London', "
            f"'live', 'principal', 'charity', 'BEDS', {at})",
            "INSERT INTO campaign_beneficiary (id, campaign_id, body_id, position, confirmed_at, confirmed_by) "
            f"VALUES (1, 1, 1, 0, {at}, 'The trustees')",
            "INSERT INTO event (id, campaign_id, slug, title, place, about, starts_at, zone, created_at) VALUES "
            f"(1, 1, 'quiz', 'Quiz night', 'The hall', '', {at}, 'Europe/London', {at})",
            "INSERT INTO stripe_account (id, slug, body_id, mode, account_ref, sealed_key, sealed_webhook_secrets, "
            "livemode, statement_prefix, fee_basis_points, fee_fixed_minor, created_at) VALUES "
            f"(1, 'shelter', 1, 'own-key', 'acct_bench', '{key}', '{secrets}', {no}, 'SHELTER', 150, 20, {at})",
            "INSERT INTO bank_account (id, name, body_id, currency, iban, stripe_pattern, created_at) VALUES "
            f"(1, 'current', 1, 'GBP', '', 'STRIPE', {at})",
            "INSERT INTO donor (id, name, email, created_at) VALUES "
            f"(1, 'Maria Sample', 'maria@example.org', {at}), (2, 'Jo', '', {at})",
        ]

    def _gifts_and_money(self) -> list[str]:
        code, no, yes = self._hex("i"), self._words["false"], self._words["true"]
        paid = self._at(self._paid)
        # Every seventh donor lets their name be seen, and every eleventh leaves a message.
        shows = f"CASE WHEN i % 7 = 0 THEN {yes} ELSE {no} END"
        return [
            "INSERT INTO donation (id, ref, campaign_id, beneficiary_body_id, stripe_account_id, donor_id, gift_minor, "
            "fee_cover_minor, currency, show_name, show_amount, show_message, message, state, form_key, form_token, "
            "group_ref, part, parts, origin, checkout_expires_at, checkout_id, checkout_url, payment_id, charge_id, "
            f"descriptor, created_at, paid_at) SELECT i, 'ref00000' || {code}, 1, 1, 1, "
            f"CASE WHEN i % 3 = 0 THEN 1 WHEN i % 3 = 1 THEN 2 END, {self._gift}, 0, 'GBP', {shows}, {shows}, {shows}, "
            f"CASE WHEN i % 11 = 0 THEN 'Stay warm, all of you.' ELSE '' END, 'paid', 'tok' || {code} || ':0:1:1', "
            f"'tok' || {code}, 'ref00000' || {code}, 1, 1, '', {paid}, 'cs_' || {code}, '', 'pi_' || {code}, "
            f"'ch_' || {code}, 'SHELTER* BEDS', {self._at(self._paid + ' - 60')}, {paid} FROM {self._numbers}",
            "INSERT INTO donation_step (id, donation_id, step, at, by) SELECT i * 3 + k, i, CASE k "
            f"WHEN 0 THEN 'created' WHEN 1 THEN 'opened' ELSE 'paid' END, {paid}, "
            f"CASE k WHEN 2 THEN 'stripe' ELSE 'donor' END FROM {self._numbers} "
            "CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2) three",
            "INSERT INTO receipt (id, donation_id, body_id, number, issued_at, legal_name, registration_number, "
            f"regulator) SELECT i, i, 1, i, {paid}, 'The Shelter Trust', '1234567', "
            f"'Charity Commission for England and Wales' FROM {self._numbers}",
            "INSERT INTO payout (id, stripe_account_id, stripe_id, minor, currency, state, automatic, itemised, "
            "was_paid, items_known, transaction_id, trace_id, descriptor, failure, created_at, arrives_on, seen_at) "
            f"SELECT (i + {GIFTS_PER_PAYOUT - 1}) / {GIFTS_PER_PAYOUT}, 1, "
            f"'po_' || {self._hex(f'((i + {GIFTS_PER_PAYOUT - 1}) / {GIFTS_PER_PAYOUT})')}, "
            f"SUM({self._gift} - {self._fee}), 'GBP', 'paid', {yes}, 'completed', {yes}, {yes}, '', '', '', '', "
            f"{self._at(self._paid_out)}, {self._at(self._arrives)}, {self._at(self._arrives)} FROM {self._numbers} "
            f"WHERE i <= {self._payouts * GIFTS_PER_PAYOUT} GROUP BY (i + {GIFTS_PER_PAYOUT - 1}) / {GIFTS_PER_PAYOUT}",
            "INSERT INTO balance_transaction (id, stripe_account_id, stripe_id, type, category, source_id, "
            "amount_minor, fee_minor, net_minor, fee_parts_minor, currency, exchange_rate, description, status, "
            f"created_at, available_at, payout_id, donation_id, seen_at) SELECT i, 1, 'txn_' || {code}, 'charge', "
            f"'charge', 'ch_' || {code}, {self._gift}, {self._fee}, {self._gift} - {self._fee}, {self._fee}, 'GBP', "
            f"'', 'ref00000' || {code}, 'available', {paid}, {paid}, "
            f"CASE WHEN i <= {self._payouts * GIFTS_PER_PAYOUT} THEN "
            f"(i + {GIFTS_PER_PAYOUT - 1}) / {GIFTS_PER_PAYOUT} END, i, {paid} FROM {self._numbers}",
            "INSERT INTO balance_transaction (id, stripe_account_id, stripe_id, type, category, source_id, "
            "amount_minor, fee_minor, net_minor, fee_parts_minor, currency, exchange_rate, description, status, "
            f"created_at, available_at, payout_id, donation_id, seen_at) SELECT {self._gifts} + id, 1, "
            "'txn' || stripe_id, 'payout', 'payout', stripe_id, -minor, 0, -minor, 0, 'GBP', '', '', 'available', "
            "created_at, created_at, NULL, NULL, created_at FROM payout",
        ]

    @property
    def _paid_out(self) -> str:
        return f"MAX({self._last_paid} + 3600)"

    @property
    def _arrives(self) -> str:
        """Return midnight, two days after the payout was made."""
        return f"MAX(({self._last_paid} + 3600) / 86400 * 86400 + 172800)"

    @property
    def _last_paid(self) -> str:
        """Return when the last gift of a payout was paid."""
        last = f"((i + {GIFTS_PER_PAYOUT - 1}) / {GIFTS_PER_PAYOUT} * {GIFTS_PER_PAYOUT})"
        return f"{_BEGINS} + {last} * {_SECONDS} / {self._gifts}"

    def _entries(self) -> list[str]:
        code, no, yes = self._hex("i"), self._words["false"], self._words["true"]
        paid = self._at(self._paid)
        line = (
            "INSERT INTO ledger_line (id, entry_id, body_id, account, minor, currency, campaign_id, donation_id, "
            "held_at, counts, gifts) "
        )
        return [
            "INSERT INTO ledger_entry (id, key, kind, occurred_at, booked_at, why) SELECT i * 2 - 1, 'payment:ch_' || "
            f"{code}, 'payment', {paid}, {paid}, 'gift ref00000' || {code} || ' paid' FROM {self._numbers}",
            "INSERT INTO ledger_entry (id, key, kind, occurred_at, booked_at, why) SELECT i * 2, 'settled:txn_' || "
            f"{code}, 'settled', {paid}, {paid}, 'fee and net known' FROM {self._numbers}",
            f"{line} SELECT i * 5 - 4, i * 2 - 1, 1, '1115', {self._gift}, 'GBP', 1, i, 'stripe:1', {no}, 0 "
            f"FROM {self._numbers}",
            f"{line} SELECT i * 5 - 3, i * 2 - 1, 1, '4110', -{self._gift}, 'GBP', 1, i, '', {yes}, 1 "
            f"FROM {self._numbers}",
            f"{line} SELECT i * 5 - 2, i * 2, 1, '1110', {self._gift} - {self._fee}, 'GBP', 1, i, 'stripe:1', {no}, 0 "
            f"FROM {self._numbers}",
            f"{line} SELECT i * 5 - 1, i * 2, 1, '5110', {self._fee}, 'GBP', 1, i, '', {no}, 0 FROM {self._numbers}",
            f"{line} SELECT i * 5, i * 2, 1, '1115', -{self._gift}, 'GBP', 1, i, 'stripe:1', {no}, 0 "
            f"FROM {self._numbers}",
        ]

    def _payouts_and_bank(self) -> list[str]:
        at, yes, no = self._at(str(_BEGINS + _SECONDS)), self._words["true"], self._words["false"]
        entries, lines = 2 * self._gifts, 5 * self._gifts
        matched = max(self._payouts - OPEN_PAYOUTS, 0)
        day = "date(arrives_on)" if self._words is _SQLITE else "(arrives_on AT TIME ZONE 'UTC')::date"
        line = (
            "INSERT INTO ledger_line (id, entry_id, body_id, account, minor, currency, held_at, counts, gifts) SELECT "
        )
        entry = "INSERT INTO ledger_entry (id, key, kind, occurred_at, booked_at, why) SELECT "
        return [
            f"{entry} {entries} + id, 'payout:' || stripe_id, 'payout', created_at, {at}, 'payout ' || stripe_id "
            "FROM payout",
            f"{line} {lines} + id * 2 - 1, {entries} + id, 1, '1120', minor, 'GBP', 'stripe:1', {no}, 0 FROM payout",
            f"{line} {lines} + id * 2, {entries} + id, 1, '1110', -minor, 'GBP', 'stripe:1', {no}, 0 FROM payout",
            "INSERT INTO statement_file (id, bank_account_id, sha256, name, format, raw, lines_in_file, lines_new, "
            f"from_date, to_date, warnings, imported_at, imported_by) SELECT 1, 1, 'bench', 'all.xml', 'camt.053', '', "
            f"COUNT(*), COUNT(*), MIN({day}), MAX({day}), '[]', {at}, 'bench' FROM payout",
            "INSERT INTO bank_line (id, bank_account_id, file_id, position, booked_on, minor, currency, text, "
            f"counterparty, reference, bank_id, occurrence, identity) SELECT id, 1, 1, id, {day}, minor, 'GBP', "
            "'STRIPE PAYMENTS UK LTD', '', '', '', 1, 'line-' || stripe_id FROM payout",
            "INSERT INTO bank_match (id, line_id, payout_id, stands, made_at, made_by, reasons, undone_by, undone_why) "
            f"SELECT id, id, id, {yes}, {at}, 'rule', '[]', '', '' FROM payout WHERE id <= {matched}",
            f"{entry} {entries + self._payouts} + id, 'bank:' || id, 'bank', arrives_on, {at}, 'payout on the "
            f"statement' FROM payout WHERE id <= {matched}",
            f"{line} {lines + 2 * self._payouts} + id * 2 - 1, {entries + self._payouts} + id, 1, '1010', minor, "
            f"'GBP', 'bank:1', {no}, 0 FROM payout WHERE id <= {matched}",
            f"{line} {lines + 2 * self._payouts} + id * 2, {entries + self._payouts} + id, 1, '1120', -minor, 'GBP', "
            f"'stripe:1', {no}, 0 FROM payout WHERE id <= {matched}",
        ]


STORY = (
    "Every winter people sleep in doorways of our town. The shelter has room for forty of them, and beds for twelve. "
    "A bed costs about eighty pounds with its mattress and a blanket, and lasts ten winters.\n\n"
) * 6
