"""What only a person can say, and what not even a person may."""

import json
from datetime import date, timedelta

import pytest

from fundraise.bodies.tables import Body
from fundraise.errors import Conflict, NotFound, Refusal
from fundraise.flows.check_matches import bank_differs_from_matches
from fundraise.flows.match_by_hand import match_with_payout, match_with_transfer
from fundraise.flows.match_payouts import match_payouts
from fundraise.flows.record_transfer import withdraw_transfer
from fundraise.flows.undo_match import undo_match
from fundraise.ledger.accounts import Account
from fundraise.ledger.post import Leg, post
from fundraise.statements.tables import BankMatch
from fundraise.transfers.tables import Transfer
from tests.statements.bank_files import Movement, camt053
from tests.statements.teller import Teller

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def twins(teller: Teller) -> list[int]:
    teller.payout("po_1", 48_237, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 48_237, reference="A"), Movement(MONDAY, 48_237, reference="B")]))
    return [line.id for line in teller.lines()]


def test_a_person_tells_twins_apart_and_takes_it_back(teller: Teller) -> None:
    parts = teller.world.parts
    first, second = twins(teller)
    match_id = match_with_payout(parts, second, teller.payouts["po_1"], by="Priya")
    assert (teller.in_transit, teller.at_bank) == (0, 48_237)
    (match,) = teller.matches()
    assert (match.line_id, match.made_by) == (second, "Priya")
    assert teller.reasons(match).startswith("Priya said so. The amount and the currency are exact: £482.37.")
    undo_match(parts, match_id, by="Sam", why="it was the other one")
    assert (teller.in_transit, teller.at_bank) == (48_237, 0)
    (undone,) = teller.matches(standing=False)
    assert (undone.undone_by, undone.undone_why) == ("Sam", "it was the other one")
    assert match_with_payout(parts, first, teller.payouts["po_1"], by="Sam")
    again = teller.matches()[0]
    undo_match(parts, again.id, by="Sam", why="no, the first was right")
    match_with_payout(parts, second, teller.payouts["po_1"], by="Sam")
    third = teller.matches()[0]
    assert teller.entries("bank") == [f"bank:{second}", f"bank:{first}", f"bank:{second}:{third.id}"]
    assert teller.entries("bank-undone") == [f"bank-undone:{match_id}", f"bank-undone:{again.id}"]
    assert (teller.in_transit, teller.at_bank) == (0, 48_237)


def test_a_match_is_undone_once_and_only_with_a_reason(teller: Teller) -> None:
    first, _ = twins(teller)
    match_id = match_with_payout(teller.world.parts, first, teller.payouts["po_1"], by="Priya")
    for nothing in ("", "   ", "\x00"):
        with pytest.raises(Refusal):
            undo_match(teller.world.parts, match_id, by="Sam", why=nothing)
    undo_match(teller.world.parts, match_id, by="Sam", why="wrong")
    with pytest.raises(Conflict, match="undone already"):
        undo_match(teller.world.parts, match_id, by="Sam", why="wrong")
    with pytest.raises(NotFound):
        undo_match(teller.world.parts, match_id + 1, by="Sam", why="wrong")
    assert len(teller.entries("bank-undone")) == 1


def test_another_amount_is_refused_with_the_reason(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 48_137)]))
    with pytest.raises(Refusal, match=r"payout is of £482.37, the line of £481.37: they differ by -£1.00"):
        match_with_payout(teller.world.parts, teller.line(48_137).id, teller.payouts["po_1"], by="Priya")
    assert teller.entries("bank") == []


def test_day_and_words_may_differ_when_a_person_says_so(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    teller.bring(camt053([Movement(MONDAY + 30 * DAY, 48_237, "LATE CREDIT")]))
    match_with_payout(teller.world.parts, teller.line(48_237).id, teller.payouts["po_1"], by="Priya")
    said = teller.reasons(teller.matches()[0])
    assert "That is outside 1 before to 5 after." in said
    assert "The text does not say STRIPE." in said


def test_what_is_matched_is_not_matched_again(teller: Teller) -> None:
    first, second = twins(teller)
    match_with_payout(teller.world.parts, first, teller.payouts["po_1"], by="Priya")
    for line_id in (first, second):
        with pytest.raises(Conflict, match="Undo that match first"):
            match_with_payout(teller.world.parts, line_id, teller.payouts["po_1"], by="Priya")
    assert len(teller.entries("bank")) == 1


def test_another_bodys_payout_cannot_be_named(teller: Teller) -> None:
    other = teller.world.body("society")
    teller.world.account(other)
    teller.payout("po_1", 48_237, MONDAY, slug="society")
    teller.bring(camt053([Movement(MONDAY, 48_237)]))
    for payout_id in (teller.payouts["po_1"], 999_999):
        with pytest.raises(NotFound):
            match_with_payout(teller.world.parts, teller.line(48_237).id, payout_id, by="Priya")
    with pytest.raises(NotFound):
        match_with_payout(teller.world.parts, 999_999, teller.payouts["po_1"], by="Priya")


# --- a payout that failed after it was paid ---------------------------------------------------------------------------


def test_a_payout_that_failed_after_it_was_matched_keeps_its_match_and_its_return_is_matched_by_hand(
    teller: Teller,
) -> None:
    parts = teller.world.parts
    teller.payout("po_1", 48_237, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 48_237), Movement(MONDAY + DAY, -48_237, reference="RETURNED")]))
    teller.payout("po_1", 48_237, MONDAY, state="failed")
    assert match_payouts(parts) == {}
    (match,) = teller.matches()
    assert match.payout_id == teller.payouts["po_1"]
    assert (teller.in_transit, teller.at_bank) == (-48_237, 48_237)
    back = match_with_payout(parts, teller.line(-48_237).id, teller.payouts["po_1"], by="Priya")
    assert (teller.in_transit, teller.at_bank) == (0, 0)
    assert teller.matches()[1].returned_payout_id == teller.payouts["po_1"]
    with pytest.raises(Conflict, match="return of this payout is matched too"):
        undo_match(parts, match.id, by="Priya", why="wrong")
    undo_match(parts, back, by="Priya", why="another line")
    undo_match(parts, match.id, by="Priya", why="both wrong")
    assert (teller.in_transit, teller.at_bank) == (0, 0)


def test_a_return_needs_the_arrival_first(teller: Teller) -> None:
    parts = teller.world.parts
    teller.payout("po_1", 48_237, MONDAY)
    teller.payout("po_1", 48_237, MONDAY, state="failed")
    teller.bring(camt053([Movement(MONDAY, 48_237), Movement(MONDAY + DAY, -48_237, reference="RETURNED")]))
    with pytest.raises(Refusal, match="match the line with which it had come first"):
        match_with_payout(parts, teller.line(-48_237).id, teller.payouts["po_1"], by="Priya")
    match_with_payout(parts, teller.line(48_237).id, teller.payouts["po_1"], by="Priya")
    match_with_payout(parts, teller.line(-48_237).id, teller.payouts["po_1"], by="Priya")
    assert (teller.in_transit, teller.at_bank) == (0, 0)


def test_a_payout_that_never_left_is_no_match_even_by_hand(teller: Teller) -> None:
    teller.bring(camt053([Movement(MONDAY, 48_237)]))
    for state in ("failed", "canceled"):
        teller.payout(f"po_{state}", 48_237, MONDAY, state=state)
        with pytest.raises(Refusal, match="never left"):
            match_with_payout(teller.world.parts, teller.line(48_237).id, teller.payouts[f"po_{state}"], by="Priya")


# --- transfers we sent -----------------------------------------------------------------------------------------------


def transfer(teller: Teller, minor: int, receiver: Body) -> int:
    world = teller.world
    world.campaign(world.body(f"sender-of-{minor}"), slug=f"c{minor}")
    with world.parts.db.write("test") as session:
        line = teller.lines()[0]
        body_id = session.get_one(Body, 1).id
        row = Transfer(
            ref=f"ref-{minor}",
            appeal_id=1,
            sender_body_id=body_id,
            receiver_body_id=receiver.id,
            sent_minor=minor,
            sent_currency="GBP",
            sent_on=line.booked_on,
            reference=f"TRANSFER {minor}",
            recorded_at=world.now(),
            recorded_by="Priya",
        )
        session.add(row)
        session.flush()
        return row.id


def test_a_transfer_we_sent_is_a_grant_or_pays_what_was_held(teller: Teller) -> None:
    world, parts = teller.world, teller.world.parts
    partner = world.body("partner")
    lines = [Movement(MONDAY, -200_000, "PARTNER", "TRANSFER 200000"), Movement(MONDAY, -5_000, "PARTNER")]
    teller.bring(camt053(lines, opening=900_000))
    grant = transfer(teller, 200_000, partner)
    match_with_transfer(parts, teller.line(-200_000).id, grant, by="Priya")
    assert world.balances() == {("1010", "GBP"): -200_000, ("5210", "GBP"): 200_000}
    assert "The text says TRANSFER 200000." in teller.reasons(teller.matches()[0])
    with parts.db.write("test") as session:
        held = [
            Leg(Account.SUSPENSE_RECEIPTS, 6_000, "GBP", 1),
            Leg(Account.DUE_TO_CHARITY, -6_000, "GBP", 1, due_body_id=partner.id),
        ]
        post(session, "test:held", held, why="held", occurred_at=world.now(), now=world.now())
    match_with_transfer(parts, teller.line(-5_000).id, transfer(teller, 5_000, partner), by="Priya")
    assert world.balances()["2310", "GBP"] == -1_000
    assert "out of £60.00 that was held" in teller.reasons(teller.matches()[1])
    with pytest.raises(Refusal, match=r"The transfer was of £2,000\.00, the line is of -£50\.00"):
        match_with_transfer(parts, teller.line(-5_000).id, grant, by="Priya")
    with pytest.raises(NotFound):
        match_with_transfer(parts, teller.line(-5_000).id, 999, by="Priya")


def test_a_transfer_that_is_on_the_statement_is_not_taken_back(teller: Teller) -> None:
    partner = teller.world.body("partner")
    teller.bring(camt053([Movement(MONDAY, -5000, "PARTNER")], opening=90_000))
    sent = transfer(teller, 5000, partner)
    match_id = match_with_transfer(teller.world.parts, teller.line(-5000).id, sent, by="Priya")
    with teller.world.parts.db.read() as session:
        ref = session.get_one(Transfer, sent).ref
    with pytest.raises(Conflict, match="undo that match first"):
        withdraw_transfer(teller.world.parts, ref, by="Priya", why="typed twice")
    undo_match(teller.world.parts, match_id, by="Priya", why="it is another one")
    withdraw_transfer(teller.world.parts, ref, by="Priya", why="typed twice")


def test_a_transfer_is_one_line(teller: Teller) -> None:
    teller.bring(camt053([Movement(MONDAY, -7_000, "A"), Movement(MONDAY, -7_000, "B")], opening=90_000))
    sent = transfer(teller, 7_000, teller.world.body("partner"))
    first, second = (line.id for line in teller.lines())
    match_with_transfer(teller.world.parts, first, sent, by="Priya")
    with pytest.raises(Conflict):
        match_with_transfer(teller.world.parts, second, sent, by="Priya")


def found(teller: Teller) -> list[str]:
    with teller.world.parts.db.read() as session:
        return [finding.message for finding in bank_differs_from_matches(session)]


def test_matches_and_books_say_the_same_and_what_differs_is_found(teller: Teller) -> None:
    parts = teller.world.parts
    teller.world.books_are_broken = True  # In the end they are, on purpose.
    first, second = twins(teller)
    undone = match_with_payout(parts, first, teller.payouts["po_1"], by="Priya")
    undo_match(parts, undone, by="Priya", why="wrong")
    match_with_payout(parts, second, teller.payouts["po_1"], by="Priya")
    assert found(teller) == []
    with parts.db.write("test") as session:
        match = session.get_one(BankMatch, teller.matches()[0].id)
        match.stands = None
        session.add(match)
    assert found(teller) == ["the matched lines of current differ by -48237 minor units of GBP from account 1010"]


def test_reasons_are_sentences(teller: Teller) -> None:
    first, _ = twins(teller)
    match_with_payout(teller.world.parts, first, teller.payouts["po_1"], by="Priya")
    with teller.world.parts.db.read() as session:
        reasons = json.loads(session.get_one(BankMatch, teller.matches()[0].id).reasons)
    assert all(sentence.endswith(".") for sentence in reasons)
