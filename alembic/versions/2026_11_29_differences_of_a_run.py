"""What was open when a run ended, each with its amount then: what a past run said stays as it was."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_29_differences_of_a_run"
down_revision = "2026_11_27_paid_gifts"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "run_difference",
        sa.Column("run_id", _NUMBER, nullable=False),
        sa.Column("difference_id", _NUMBER, nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reconciliation_run.id"], name=op.f("fk_run_difference_run_id_reconciliation_run")
        ),
        sa.ForeignKeyConstraint(
            ["difference_id"], ["difference.id"], name=op.f("fk_run_difference_difference_id_difference")
        ),
        sa.PrimaryKeyConstraint("run_id", "difference_id", name=op.f("pk_run_difference")),
    )


def downgrade() -> None:
    op.drop_table("run_difference")
