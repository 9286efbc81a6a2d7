"""How the bank numbers its statements, so that one that is missing is missed."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_29_numbers_of_statements"
down_revision = "2026_11_29_superseded_gifts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("statement_file", sa.Column("first_number", sa.BigInteger(), nullable=True))
    op.add_column("statement_file", sa.Column("last_number", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("statement_file", "last_number")
    op.drop_column("statement_file", "first_number")
