"""A report says itself when it was accepted, so that pages of hundreds of partners need not look its steps through."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_accepted_at"
down_revision = "2026_11_29_newest_increment"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partner_report", sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE partner_report SET accepted_at = (SELECT MAX(s.at) FROM report_step s "
        "WHERE s.report_id = partner_report.id AND s.step = 'accepted')"
    )


def downgrade() -> None:
    op.drop_column("partner_report", "accepted_at")
