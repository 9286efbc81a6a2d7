"""An index of the movements that do not add up, so that reconciliation need not read every one to find them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_not_adding_up"
down_revision = "2026_11_29_numbers_of_statements"
branch_labels = None
depends_on = None

_DOES_NOT_ADD_UP = sa.text("net_minor <> amount_minor - fee_minor OR fee_minor <> fee_parts_minor")


def upgrade() -> None:
    op.create_index(
        "ix_balance_transaction_not_adding_up",
        "balance_transaction",
        ["stripe_account_id"],
        sqlite_where=_DOES_NOT_ADD_UP,
        postgresql_where=_DOES_NOT_ADD_UP,
    )


def downgrade() -> None:
    op.drop_index("ix_balance_transaction_not_adding_up", table_name="balance_transaction")
