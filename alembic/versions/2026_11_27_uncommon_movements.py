"""An index of the movements that are neither gifts nor payouts: few, and asked for by their category every night."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_27_uncommon_movements"
down_revision = "2026_11_25_difference_of_gift"
branch_labels = None
depends_on = None

_UNCOMMON = sa.text("category NOT IN ('charge', 'payout')")


def upgrade() -> None:
    op.create_index(
        "ix_balance_transaction_uncommon",
        "balance_transaction",
        ["stripe_account_id", "category"],
        sqlite_where=_UNCOMMON,
        postgresql_where=_UNCOMMON,
    )


def downgrade() -> None:
    op.drop_index("ix_balance_transaction_uncommon", "balance_transaction")
