"""When the same form was sent with other content: of all that one form asked for, only the last can be paid."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_29_superseded_gifts"
down_revision = "2026_11_29_differences_of_a_run"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("donation", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("donation", "superseded_at")
