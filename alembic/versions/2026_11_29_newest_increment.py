"""PostgreSQL's index of a partner's rows holds what pages show of the newest one.

PostgreSQL reads all of a partner's rows that stand on one page of the index to find the newest. With what is shown in
it, fewer stand on a page, and the row itself need not be looked up.
"""

from alembic import op

revision = "2026_11_29_newest_increment"
down_revision = "2026_11_29_not_adding_up"
branch_labels = None
depends_on = None

_SHOWN = [
    "stage", "currency", "total_amount_minor", "total_less_minor", "total_display_minor", "display_currency",
    "total_waiting_minor", "is_low", "sheet_id", "factor", "report_id",
]  # fmt: skip


def upgrade() -> None:
    _index_with(_SHOWN)


def downgrade() -> None:
    _index_with([])


def _index_with(included: list[str]) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index("ix_increment_partner", table_name="increment")
    columns = ["partner_id", "made_at", "id"]
    op.create_index("ix_increment_partner", "increment", columns, postgresql_include=included)
