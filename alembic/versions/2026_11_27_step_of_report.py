"""The index of a report's steps holds when they were, so that the pages of hundreds of partners read it alone."""

from alembic import op


revision = "2026_11_27_step_of_report"
down_revision = "2026_11_27_uncommon_movements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_report_step_report", "report_step", ["report_id", "step", "at"])
    op.drop_index("ix_report_step_report_id", "report_step")


def downgrade() -> None:
    op.create_index("ix_report_step_report_id", "report_step", ["report_id"])
    op.drop_index("ix_report_step_report", "report_step")
