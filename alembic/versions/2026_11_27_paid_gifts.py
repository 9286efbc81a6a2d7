"""An index of paid gifts by when they were paid: a period is exported in order, without sorting it in memory."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_27_paid_gifts"
down_revision = "2026_11_27_gift_increments"
branch_labels = None
depends_on = None

_PAID = sa.text("paid_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_donation_paid", "donation", ["paid_at", "id"], sqlite_where=_PAID, postgresql_where=_PAID
    )


def downgrade() -> None:
    op.drop_index("ix_donation_paid", "donation")
