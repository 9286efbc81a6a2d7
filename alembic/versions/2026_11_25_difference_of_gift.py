"""Differences: the gift that a payment kept out of the books names."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_25_difference_of_gift"
down_revision = "2026_11_25_frozen_increments"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("difference") as table:
        table.add_column(sa.Column("donation_id", _NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_difference_donation_id_donation"), "donation", ["donation_id"], ["id"])
        table.create_index(op.f("ix_difference_donation_id"), ["donation_id"])


def downgrade() -> None:
    with op.batch_alter_table("difference") as table:
        table.drop_index(op.f("ix_difference_donation_id"))
        table.drop_constraint(op.f("fk_difference_donation_id_donation"), type_="foreignkey")
        table.drop_column("donation_id")
