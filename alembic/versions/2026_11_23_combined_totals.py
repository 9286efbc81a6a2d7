"""Combined totals and reconciliation: rates, partners and their reports, transfers, bank statements, runs."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_23_combined_totals"
down_revision = "2026_11_22_first_schema"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_sheet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=60), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("source IN ('ECB', 'HMRC')", name=op.f("ck_rate_sheet_source_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_sheet")),
        sa.UniqueConstraint(
            "source", "effective_on", "content_sha256", name=op.f("uq_rate_sheet_source_effective_on_content_sha256")
        ),
    )
    op.create_index("ix_rate_sheet_in_force", "rate_sheet", ["source", "effective_on", "imported_at"], unique=False)
    op.create_table(
        "bank_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("iban", sa.String(length=40), nullable=False),
        sa.Column("stripe_pattern", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_bank_account_body_id_body")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("name", name=op.f("uq_bank_account_name")),
    )
    op.create_index("ix_bank_account_body_id", "bank_account", ["body_id"], unique=False)
    op.create_table(
        "rate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["rate_sheet.id"], name=op.f("fk_rate_sheet_id_rate_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
        sa.UniqueConstraint("sheet_id", "currency", name=op.f("uq_rate_sheet_id_currency")),
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_unnamed", sa.Boolean(), nullable=False),
        sa.Column("is_beneficiary", sa.Boolean(), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("api_key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_partner_appeal_id_appeal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("ref", name=op.f("uq_partner_ref")),
        sa.UniqueConstraint("slug", name=op.f("uq_partner_slug")),
    )
    op.create_index("ix_partner_appeal_id", "partner", ["appeal_id"], unique=False)
    op.create_table(
        "reconciliation_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stripe_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('clean', 'differences', 'failed')", name=op.f("ck_reconciliation_run_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["stripe_account_id"],
            ["stripe_account.id"],
            name=op.f("fk_reconciliation_run_stripe_account_id_stripe_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
    )
    op.create_index(
        "ix_reconciliation_run_account", "reconciliation_run", ["stripe_account_id", "started_at"], unique=False
    )
    op.create_table(
        "statement_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bank_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("lines_in_file", sa.Integer(), nullable=False),
        sa.Column("lines_new", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("opening_minor", sa.BigInteger(), nullable=True),
        sa.Column("closing_minor", sa.BigInteger(), nullable=True),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_account.id"], name=op.f("fk_statement_file_bank_account_id_bank_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_file")),
        sa.UniqueConstraint("bank_account_id", "sha256", name=op.f("uq_statement_file_bank_account_id_sha256")),
    )
    op.create_table(
        "bank_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bank_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("bank_id", sa.String(length=200), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.CheckConstraint("minor <> 0", name=op.f("ck_bank_line_not_zero")),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_account.id"], name=op.f("fk_bank_line_bank_account_id_bank_account")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["statement_file.id"], name=op.f("fk_bank_line_file_id_statement_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("bank_account_id", "identity", name=op.f("uq_bank_line_bank_account_id_identity")),
    )
    op.create_index(
        "ix_bank_line_match", "bank_line", ["bank_account_id", "currency", "minor", "booked_on"], unique=False
    )
    op.create_table(
        "partner_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("gross_or_net", sa.String(length=10), nullable=False),
        sa.Column("gift_aid", sa.String(length=30), nullable=False),
        sa.Column("our_transfers", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.String(length=120), nullable=False),
        sa.Column("came_by", sa.String(length=10), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "gross_or_net IN ('gross', 'net', 'unknown')", name=op.f("ck_partner_report_gross_or_net_known")
        ),
        sa.CheckConstraint("kind IN ('cumulative')", name=op.f("ck_partner_report_kind_known")),
        sa.CheckConstraint("stage IN ('collected', 'received')", name=op.f("ck_partner_report_stage_known")),
        sa.CheckConstraint(
            "state IN ('held', 'received', 'accepted', 'rejected', 'superseded')",
            name=op.f("ck_partner_report_state_known"),
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_partner_report_amount_not_negative")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_report_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_report")),
        sa.UniqueConstraint("partner_id", "idempotency_key", name=op.f("uq_partner_report_partner_id_idempotency_key")),
    )
    op.create_index(
        "ix_partner_report_latest", "partner_report", ["partner_id", "stage", "state", "as_of"], unique=False
    )
    op.create_index("ix_partner_report_state", "partner_report", ["state", "submitted_at"], unique=False)
    op.create_table(
        "roll_forward",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("movements_minor", sa.BigInteger(), nullable=False),
        sa.Column("closing_minor", sa.BigInteger(), nullable=False),
        sa.Column("stripe_minor", sa.BigInteger(), nullable=False),
        sa.Column("ledger_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reconciliation_run.id"], name=op.f("fk_roll_forward_run_id_reconciliation_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_forward")),
        sa.UniqueConstraint("run_id", "currency", name=op.f("uq_roll_forward_run_id_currency")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sender_body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sender_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("receiver_body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("receiver_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_minor", sa.BigInteger(), nullable=False),
        sa.Column("sent_currency", sa.String(length=3), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=True),
        sa.Column("expected_currency", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "(receiver_body_id IS NULL) <> (receiver_partner_id IS NULL)", name=op.f("ck_transfer_one_receiver")
        ),
        sa.CheckConstraint(
            "(sender_body_id IS NULL) <> (sender_partner_id IS NULL)", name=op.f("ck_transfer_one_sender")
        ),
        sa.CheckConstraint("expected_minor IS NULL OR expected_minor > 0", name=op.f("ck_transfer_expected_positive")),
        sa.CheckConstraint("sent_minor > 0", name=op.f("ck_transfer_sent_positive")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_transfer_appeal_id_appeal")),
        sa.ForeignKeyConstraint(["receiver_body_id"], ["body.id"], name=op.f("fk_transfer_receiver_body_id_body")),
        sa.ForeignKeyConstraint(
            ["receiver_partner_id"], ["partner.id"], name=op.f("fk_transfer_receiver_partner_id_partner")
        ),
        sa.ForeignKeyConstraint(["sender_body_id"], ["body.id"], name=op.f("fk_transfer_sender_body_id_body")),
        sa.ForeignKeyConstraint(
            ["sender_partner_id"], ["partner.id"], name=op.f("fk_transfer_sender_partner_id_partner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("ref", name=op.f("uq_transfer_ref")),
        sa.UniqueConstraint("reference", name=op.f("uq_transfer_reference")),
    )
    op.create_index("ix_transfer_appeal_id", "transfer", ["appeal_id"], unique=False)
    op.create_index("ix_transfer_receiver", "transfer", ["receiver_partner_id"], unique=False)
    op.create_table(
        "bank_match",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("transfer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("stands", sa.Boolean(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=60), nullable=False),
        sa.Column("undone_why", sa.Text(), nullable=False),
        sa.CheckConstraint("(payout_id IS NULL) <> (transfer_id IS NULL)", name=op.f("ck_bank_match_one_counterpart")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("fk_bank_match_line_id_bank_line")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_bank_match_payout_id_payout")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_bank_match_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_match")),
        sa.UniqueConstraint("line_id", "stands", name=op.f("uq_bank_match_line_id_stands")),
        sa.UniqueConstraint("payout_id", "stands", name=op.f("uq_bank_match_payout_id_stands")),
    )
    op.create_table(
        "increment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("converts_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("less_transfers_minor", sa.BigInteger(), nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("factor", sa.String(length=60), nullable=False),
        sa.Column("display_minor", sa.BigInteger(), nullable=True),
        sa.Column("display_currency", sa.String(length=3), nullable=False),
        sa.Column("total_amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_less_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_display_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_waiting_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_low", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.CheckConstraint("stage IN ('collected', 'received')", name=op.f("ck_increment_stage_known")),
        sa.ForeignKeyConstraint(["converts_id"], ["increment.id"], name=op.f("fk_increment_converts_id_increment")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_increment_partner_id_partner")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["partner_report.id"], name=op.f("fk_increment_report_id_partner_report")
        ),
        sa.ForeignKeyConstraint(["sheet_id"], ["rate_sheet.id"], name=op.f("fk_increment_sheet_id_rate_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_increment")),
        sa.UniqueConstraint("converts_id", name=op.f("uq_increment_converts_id")),
    )
    op.create_index("ix_increment_made_at", "increment", ["made_at"], unique=False)
    op.create_index("ix_increment_partner", "increment", ["partner_id", "stage", "id"], unique=False)
    op.create_table(
        "report_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["partner_report.id"], name=op.f("fk_report_step_report_id_partner_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_step")),
    )
    op.create_index("ix_report_step_report_id", "report_step", ["report_id"], unique=False)
    op.create_table(
        "transfer_acknowledgement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transfer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arrived_minor", sa.BigInteger(), nullable=False),
        sa.Column("arrived_currency", sa.String(length=3), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("said_by", sa.String(length=120), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("factor", sa.String(length=60), nullable=False),
        sa.Column("display_minor", sa.BigInteger(), nullable=True),
        sa.Column("display_currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("arrived_minor > 0", name=op.f("ck_transfer_acknowledgement_arrived_positive")),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["rate_sheet.id"], name=op.f("fk_transfer_acknowledgement_sheet_id_rate_sheet")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_acknowledgement_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_acknowledgement")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_transfer_acknowledgement_transfer_id")),
    )
