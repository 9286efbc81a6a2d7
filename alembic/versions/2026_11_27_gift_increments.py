"""Gifts that Stripe settles in another currency than their campaign's are converted once, each by itself."""

import sqlalchemy as sa
from alembic import op


revision = "2026_11_27_gift_increments"
down_revision = "2026_11_27_step_of_report"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "gift_increment",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("campaign_id", _NUMBER, nullable=False),
        sa.Column("body_id", _NUMBER, nullable=False),
        sa.Column("donation_id", _NUMBER, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("follows_id", _NUMBER, nullable=False),
        sa.Column("upto_entry_id", _NUMBER, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("sheet_id", _NUMBER, nullable=False),
        sa.Column("factor", sa.String(length=60), nullable=False),
        sa.Column("display_minor", sa.BigInteger(), nullable=False),
        sa.Column("display_currency", sa.String(length=3), nullable=False),
        sa.Column("total_amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_display_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_gift_increment_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_gift_increment_body_id_body")),
        sa.ForeignKeyConstraint(["donation_id"], ["donation.id"], name=op.f("fk_gift_increment_donation_id_donation")),
        sa.ForeignKeyConstraint(["sheet_id"], ["rate_sheet.id"], name=op.f("fk_gift_increment_sheet_id_rate_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_increment")),
        sa.UniqueConstraint(
            "campaign_id",
            "body_id",
            "currency",
            "follows_id",
            name=op.f("uq_gift_increment_campaign_id_body_id_currency_follows_id"),
        ),
    )
    op.create_index("ix_gift_increment_donation_id", "gift_increment", ["donation_id"])
    _only_add_to("gift_increment")


def _only_add_to(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
            )
        return
    for name, event, each in (("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION ledger_is_only_added_to()"
        )


def downgrade() -> None:
    op.drop_table("gift_increment")
