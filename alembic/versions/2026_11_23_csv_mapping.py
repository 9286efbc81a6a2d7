"""Bank statements: what a person said about an account's CSV files, files that wait for a look, payouts sent back."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_23_csv_mapping"
down_revision = "2026_11_23_combined_totals"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ONE_COUNTERPART = (
    "(CASE WHEN payout_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN transfer_id IS NULL THEN 0 ELSE 1 END) "
    "+ (CASE WHEN returned_payout_id IS NULL THEN 0 ELSE 1 END) = 1"
)


def upgrade() -> None:
    op.create_table(
        "statement_mapping",
        sa.Column("bank_account_id", _NUMBER, nullable=False),
        sa.Column("date_order", sa.String(length=12), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_account.id"], name=op.f("fk_statement_mapping_bank_account_id_bank_account")
        ),
        sa.PrimaryKeyConstraint("bank_account_id", name=op.f("pk_statement_mapping")),
    )
    op.create_table(
        "statement_upload",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("bank_account_id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("date_order", sa.String(length=12), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_account.id"], name=op.f("fk_statement_upload_bank_account_id_bank_account")
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_statement_upload")),
    )
    op.create_index("ix_statement_upload_uploaded_at", "statement_upload", ["uploaded_at"], unique=False)
    op.create_index("ix_bank_line_booked_on", "bank_line", ["bank_account_id", "booked_on"], unique=False)
    with op.batch_alter_table("bank_match") as batch:
        batch.add_column(sa.Column("returned_payout_id", _NUMBER, nullable=True))
        batch.create_foreign_key(
            op.f("fk_bank_match_returned_payout_id_payout"), "payout", ["returned_payout_id"], ["id"]
        )
        batch.drop_constraint(op.f("ck_bank_match_one_counterpart"), type_="check")
        batch.create_check_constraint(op.f("ck_bank_match_one_counterpart"), _ONE_COUNTERPART)
        batch.create_unique_constraint(
            op.f("uq_bank_match_returned_payout_id_stands"), ["returned_payout_id", "stands"]
        )
        batch.create_unique_constraint(op.f("uq_bank_match_transfer_id_stands"), ["transfer_id", "stands"])
