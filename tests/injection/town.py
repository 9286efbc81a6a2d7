"""One world in which every string of the corpus stands in every text that people read: names, words, bank lines, notes.

One gift is given and paid as usual, and a bank statement is read. For each string all of these rows are then copied
with the string in every field that can hold words, whatever the doors would have said to it: what keeps an output
harmless may not depend on what was let in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from fundraise.appeals.tables import Appeal
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Beneficiary, Campaign, Event
from fundraise.differences.tables import Difference
from fundraise.donations.tables import Donation, Donor
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import Upload, import_statement
from fundraise.outbox import Letter
from fundraise.partners.tables import Partner
from fundraise.receipts.tables import Receipt
from fundraise.sealing import new_ref
from fundraise.settlements.tables import BalanceTransactionRow
from fundraise.statements.tables import BankLine
from fundraise.stripe_accounts.tables import StripeAccount
from tests.injection.corpus import CORPUS
from tests.statements.bank_files import Movement, camt053, reader
from tests.world import World

HARMLESS = "Mara"
DAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Place:
    """Where one string stands: the rows to ask for."""

    text: str
    slug: str
    ref: str
    number: int  # The id of all its rows.


def keepable(text: str) -> str:
    """Return the text as both databases can keep it: PostgreSQL has no NUL in a text."""
    return text.replace("\x00", "")


def fill(world: World) -> list[Place]:
    """Let the town live, then put every string everywhere; a harmless one comes first."""
    live(world)
    # The copies are words alone: no money moved for them.
    world.books_are_broken = True
    return list(_copies(world, (HARMLESS, *dict.fromkeys(map(keepable, CORPUS)))))


def told_in(caplog: pytest.LogCaptureFixture, places: list[Place]) -> list[str]:
    """Return the strings, as far as they are long enough to be no accident, that stand in a line of the log."""
    lines = "\n".join(record.getMessage() for record in caplog.records)
    assert lines
    return [place.text for place in places if len(place.text) > 8 and place.text in lines]


def live(world: World) -> None:
    parts = world.parts
    body = world.body()
    world.account(body)
    world.event(world.campaign(body))
    page = world.donor.get("/c/winter/e/quiz")
    assert page.status_code == 200
    words = {"name": HARMLESS, "email": "mara@example.org", "message": HARMLESS}
    world.paid_gift("20", event="quiz", show_name="1", show_amount="1", show_message="1", **words)
    add_bank_account(parts, name="current", body_slug="shelter", currency="GBP")
    raw = camt053([Movement(DAY, 1_234, HARMLESS)])
    import_statement(parts, Upload("current", "november.xml", raw, "test"), reader=reader)
    with parts.db.write("test") as session:
        account = session.exec(select(StripeAccount)).one()
        now = world.now()
        session.add(
            Difference(
                stripe_account_id=account.id,
                code="stripe_fee_differs",
                object_id="ch_1",
                minor=1,
                currency="GBP",
                first_seen_at=now,
                last_seen_at=now,
            )
        )
        appeal = session.exec(select(Appeal)).one()
        session.add(
            Partner(ref="partner", slug="partner", appeal_id=appeal.id, name="x", currency="GBP", created_at=now)
        )


def _copies(world: World, texts: Sequence[str]) -> Iterator[Place]:
    with world.parts.db.write("test") as session:
        first = {
            table: session.exec(select(table).order_by(col(table.id)).limit(1)).one()  # type: ignore[attr-defined]
            for table in (
                Body, StripeAccount, Appeal, Campaign, Beneficiary, Event, Donor, Donation, Receipt, Letter,
                BalanceTransactionRow, BankLine, Difference, Partner,
            )
        }  # fmt: skip

        copies: dict[type[SQLModel], list[SQLModel]] = {table: [] for table in first}

        def copy(table: type[SQLModel], **changed: Any) -> None:
            copies[table].append(table(**{**first[table].model_dump(), **_cut(table, changed), "id": number}))

        # All copies of one string have one id, so that they can name each other before they are written.
        for number, text in enumerate(texts, start=1001):
            slug, ref = f"c{number}", new_ref()
            copy(
                Body, slug=slug, name=text, legal_name=text, registration_number=text, regulator=text,
                refund_policy=text, contact_email=text, website=text,
            )  # fmt: skip
            copy(StripeAccount, slug=slug, body_id=number, statement_prefix=text)
            copy(Appeal, slug=slug, title=text, cause=text, story=text, beneficiary=text)
            copy(
                Campaign, slug=slug, appeal_id=number, title=text, summary=text, story=text, organiser=text,
                statement_suffix=text,
            )  # fmt: skip
            copy(Beneficiary, campaign_id=number, body_id=number)
            copy(Event, campaign_id=number, title=text, place=text, about=text)
            copy(Donor, name=text)
            copy(
                Donation, ref=ref, group_ref=ref, form_key=slug, campaign_id=number, event_id=number,
                beneficiary_body_id=number, stripe_account_id=number, donor_id=number, checkout_id=f"cs_{number}",
                payment_id=f"pi_{number}", charge_id=f"ch_{number}", message=text, descriptor=text,
            )  # fmt: skip
            copy(
                BalanceTransactionRow, stripe_account_id=number, stripe_id=f"txn_{number}", source_id=f"ch_{number}",
                donation_id=number, description=text,
            )  # fmt: skip
            copy(Receipt, donation_id=number, body_id=number, legal_name=text, registration_number=text, regulator=text)
            copy(Letter, key=slug, donation_id=number, about=text, sent_at=None)
            copy(BankLine, identity=slug, text=text, counterparty=text, reference=text, bank_id=text, minor=number)
            copy(Difference, object_id=slug, detail=text, note=text, stripe_account_id=number)
            copy(Partner, ref=slug, slug=slug, appeal_id=number, name=text)
            yield Place(text, slug, ref, number)
        for rows in copies.values():  # Each table after those that it points at.
            session.add_all(rows)
            session.flush()


def _cut(table: type[SQLModel], values: dict[str, Any]) -> dict[str, Any]:
    """Cut texts at what their columns hold."""
    columns = table.__table__.columns  # type: ignore[attr-defined]
    return {
        name: value[: getattr(columns[name].type, "length", None) or None] if isinstance(value, str) else value
        for name, value in values.items()
    }
