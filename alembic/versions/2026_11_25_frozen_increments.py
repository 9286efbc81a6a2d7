"""Combined totals: increments that follow each other, gifts here converted once, files of evidence."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_25_frozen_increments"
down_revision = "2026_11_23_csv_mapping"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_ONLY_ADDED_TO = ("increment", "own_increment")


def upgrade() -> None:
    op.add_column("appeal", sa.Column("figures_at", _MOMENT, nullable=True))
    _let_increments_follow()
    _convert_transfers_once()
    _own_increments()
    op.create_table(
        "report_file",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("report_id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["partner_report.id"], name=op.f("fk_report_file_report_id_partner_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_file")),
        sa.UniqueConstraint("report_id", name=op.f("uq_report_file_report_id")),
    )
    _only_add_to()


def _let_increments_follow() -> None:
    op.drop_index("ix_increment_partner", table_name="increment")
    op.drop_index("ix_increment_made_at", table_name="increment")
    with op.batch_alter_table("increment") as batch:
        batch.add_column(sa.Column("follows_id", _NUMBER, nullable=False, server_default="0"))
    # Rows from before get their place in the chain; nothing wrote any yet, so this is for the careful.
    op.execute(
        "UPDATE increment SET follows_id = COALESCE((SELECT MAX(before.id) FROM increment AS before "
        "WHERE before.partner_id = increment.partner_id AND before.id < increment.id), 0)"
    )
    with op.batch_alter_table("increment") as batch:
        batch.alter_column("follows_id", existing_type=_NUMBER, existing_nullable=False, server_default=None)
        batch.create_unique_constraint(op.f("uq_increment_partner_id_follows_id"), ["partner_id", "follows_id"])
    op.create_index("ix_increment_partner", "increment", ["partner_id", "made_at", "id"])
    op.create_index("ix_increment_report_id", "increment", ["report_id"])
    waits = sa.text("display_minor IS NULL")
    op.create_index("ix_increment_waiting", "increment", ["id"], sqlite_where=waits, postgresql_where=waits)


def _convert_transfers_once() -> None:
    with op.batch_alter_table("transfer") as batch:
        batch.add_column(sa.Column("sheet_id", _NUMBER, nullable=True))
        batch.add_column(sa.Column("factor", sa.String(length=60), nullable=False, server_default=""))
        batch.add_column(sa.Column("display_minor", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("display_currency", sa.String(length=3), nullable=False, server_default=""))
        batch.add_column(sa.Column("converted_at", _MOMENT, nullable=True))
        batch.create_foreign_key(op.f("fk_transfer_sheet_id_rate_sheet"), "rate_sheet", ["sheet_id"], ["id"])
    op.add_column("transfer_acknowledgement", sa.Column("converted_at", _MOMENT, nullable=True))


def _own_increments() -> None:
    op.create_table(
        "own_increment",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("appeal_id", _NUMBER, nullable=False),
        sa.Column("body_id", _NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("follows_id", _NUMBER, nullable=False),
        sa.Column("upto_entry_id", _NUMBER, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("sheet_id", _NUMBER, nullable=False),
        sa.Column("factor", sa.String(length=60), nullable=False),
        sa.Column("display_minor", sa.BigInteger(), nullable=False),
        sa.Column("display_currency", sa.String(length=3), nullable=False),
        sa.Column("total_amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_display_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_own_increment_appeal_id_appeal")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_own_increment_body_id_body")),
        sa.ForeignKeyConstraint(["sheet_id"], ["rate_sheet.id"], name=op.f("fk_own_increment_sheet_id_rate_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_increment")),
        sa.UniqueConstraint(
            "appeal_id",
            "body_id",
            "currency",
            "follows_id",
            name=op.f("uq_own_increment_appeal_id_body_id_currency_follows_id"),
        ),
    )
    op.create_index("ix_own_increment_made_at", "own_increment", ["appeal_id", "made_at"])


def _only_add_to() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _ONLY_ADDED_TO:
            for action in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
                )
        return
    for table in _ONLY_ADDED_TO:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_is_only_added_to()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_only_added_to()"
        )
