"""A payment that differs from what was asked: both sides are shown, a person decides, and every decision is booked."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from fundraise.figures.gift_list import ControlTotals, gift_rows
from fundraise.flows import accept_payment as module
from fundraise.flows.accept_payment import accept_payment
from tests.staff.money.desk import Desk, words_of
from tests.stories.test_money_doors import break_the_books, mend_the_books

HOME = "/staff/quarantine"


def asked_twenty(desk: Desk) -> str:
    """Begin a gift of £20 whose donor left an address; return our reference of it."""
    desk.world.give(amount="20", email="mara@example.org")
    return desk.donations()[-1].ref


def test_another_amount_is_taken_into_the_books_as_what_was_paid(desk: Desk) -> None:
    charge = desk.pay_elsewhere(asked_twenty(desk), 3500)
    assert desk.world.total_minor() == 0
    item = desk.differences()["AMOUNT_MISMATCH"]
    assert "1 payment, £35.00" in words_of(desk.open(HOME))
    page = words_of(desk.open(f"{HOME}/{item}"))
    assert "Amount £20.00 £35.00 differs" in page
    assert "Nothing of it is in the books or in any total." in page
    # Reconciliation knows that the money is there, and where: in suspense.
    desk.reconcile()
    assert desk.world.balances()["2900", "GBP"] == -3500
    assert desk.differences() == {"AMOUNT_MISMATCH": item}
    assert "The money lies in suspense (2900)" in words_of(desk.open(f"{HOME}/{item}"))
    desk.refused(f"{HOME}/{item}", "/accept", 422, note=" ")
    page = desk.press(f"{HOME}/{item}", "/accept", note="She told us she meant 35.")
    assert "Priya Raman took £35.00 into the books: She told us she meant 35." in words_of(page)
    assert desk.world.total() | {"as_of": ""} == desk.world.total() | {"as_of": "", "amount_minor": 3500, "gifts": 1}
    assert ("2900", "GBP") not in desk.world.balances()
    (donation,) = desk.donations()
    assert (donation.state, donation.gift_minor, donation.charge_id) == ("paid", 3500, charge)
    page = words_of(desk.open(f"/staff/donations/{donation.ref}"))
    assert "Asked £20.00, accepted £35.00 Priya Raman" in page
    assert "£35.00 paid on 22 November 2026" in page
    assert ("Priya Raman", "took a payment into the books") in [act[:2] for act in desk.acts()]
    assert "Nothing is kept out of the books." in words_of(desk.open(HOME))
    desk.world.send_mail()
    assert "£35.00" in desk.world.mailbox.text()
    desk.reconcile()
    assert desk.differences() == {}
    assert desk.browser.post(f"{HOME}/{item}/accept", data={"note": "twice"}).status_code == 409
    assert desk.browser.post(f"{HOME}/{item}/open", data={"note": "back"}).status_code == 409
    assert desk.world.total_minor() == 3500


def test_another_currency_is_taken_into_the_books_as_what_was_paid(desk: Desk) -> None:
    desk.pay_elsewhere(asked_twenty(desk), 2000, "eur")
    item = desk.differences()["CURRENCY_MISMATCH"]
    desk.press(f"{HOME}/{item}", "/accept", note="Euros are fine.")
    (donation,) = desk.donations()
    assert (donation.state, donation.gift_minor, donation.currency) == ("paid", 2000, "EUR")
    assert ("4110", "EUR") not in desk.world.balances()
    assert desk.world.total_minor() == -desk.world.balances()["4110", "GBP"] > 0


def test_a_gift_paid_twice_becomes_two_gifts(desk: Desk) -> None:
    desk.world.paid_gift("20", email="mara@example.org")
    (first,) = desk.donations()
    charge = desk.pay_elsewhere(first.ref, 2000)
    item = desk.differences()["DUPLICATE_DONATION"]
    assert desk.world.total_minor() == 2000
    desk.press(f"{HOME}/{item}", "/accept", note="He meant both.")
    assert (desk.world.total_minor(), desk.world.total()["gifts"]) == (4000, 2)
    before, second = desk.donations()
    assert (before.charge_id, second.charge_id, second.gift_minor) == (first.charge_id, charge, 2000)
    page = words_of(desk.open(f"{HOME}/{item}"))
    assert "Became the gift" in page
    # News of either payment comes again and changes nothing; a refund of the second is the second's.
    desk.world.settle()
    desk.world.advance(days=8)
    desk.world.sandbox.control("refund", {"charge": charge})
    desk.world.settle()
    assert desk.world.total_minor() == 2000
    assert "Refunded" in words_of(desk.open(f"/staff/donations/{second.ref}"))
    assert "Likely a double of" in words_of(desk.open(f"/staff/donations/{first.ref}"))


@pytest.mark.parametrize("outcome", ["succeeds", "fails"])
def test_a_second_payment_by_bank_debit_stays_out_of_a_gift_that_is_paid(desk: Desk, outcome: str) -> None:
    desk.world.paid_gift("20", email="mara@example.org")
    (first,) = desk.donations()
    charge = desk.pay_elsewhere(first.ref, 2000, card=None, bank_debit=True, outcome=outcome)
    desk.world.advance(days=12)
    desk.world.settle()
    (now,) = desk.donations()
    assert (now.state, now.charge_id) == ("paid", first.charge_id)
    assert (desk.world.total_minor(), desk.world.total()["gifts"]) == (2000, 1)
    today = desk.world.now().date()
    with desk.world.parts.db.read() as session:
        rows = list(gift_rows(session, today - timedelta(days=30), today, ControlTotals()))
    assert [row[16] for row in rows] == [first.charge_id]
    if outcome == "fails":
        assert desk.differences() == {}
        return
    item = desk.differences()["DUPLICATE_DONATION"]
    desk.press(f"{HOME}/{item}", "/accept", note="He meant both.")
    assert (desk.world.total_minor(), desk.world.total()["gifts"]) == (4000, 2)
    assert desk.donations()[1].charge_id == charge
    assert ("2420", "GBP") not in desk.world.balances()


def test_what_goes_back_to_the_donor_in_full_is_decided_by_that(desk: Desk) -> None:
    charge = desk.pay_elsewhere(asked_twenty(desk), 3500)
    desk.world.paid_gift("100")
    desk.world.advance(days=8)
    desk.world.settle()
    desk.reconcile()
    item = desk.differences()["AMOUNT_MISMATCH"]
    page = desk.press(f"{HOME}/{item}", "/look")
    assert "Stripe was asked." in words_of(page)
    assert desk.differences() == {"AMOUNT_MISMATCH": item}
    desk.world.sandbox.control("refund", {"charge": charge})
    desk.lose_the_news()
    page = desk.press(f"{HOME}/{item}", "/look")
    assert "It went back to the donor in full." in words_of(page)
    desk.reconcile()
    assert desk.differences() == {}
    assert ("2900", "GBP") not in desk.world.balances()
    assert desk.world.total_minor() == 10000


def test_what_is_left_out_with_a_note_stays_outside_every_total_and_can_be_opened_again(desk: Desk) -> None:
    desk.pay_elsewhere(asked_twenty(desk), 3500)
    item = desk.differences()["AMOUNT_MISMATCH"]
    desk.press(f"{HOME}/{item}", "/explain", note="A test of the treasurer’s.")
    desk.reconcile()
    assert (desk.world.total_minor(), desk.world.balances()["2900", "GBP"]) == (0, -3500)
    assert desk.differences() == {}
    page = desk.press(f"{HOME}/{item}", "/open", note="It was no test.")
    assert "opened again: it was no test." in words_of(page).lower()
    assert desk.differences() == {"AMOUNT_MISMATCH": item}
    # A payment that is decided elsewhere has no page among the other differences.
    assert desk.browser.get(f"/staff/differences/{item}").headers["location"] == f"{HOME}/{item}"


@pytest.mark.parametrize("other", ["UPDATE stripe_account SET livemode = (1 = 1)"])
def test_what_is_no_money_of_this_charity_cannot_be_taken_in(desk: Desk, other: str) -> None:
    desk.pay_elsewhere(asked_twenty(desk), 2000)
    gift = desk.world.give(amount="30")
    desk.world.pay(gift)
    with desk.world.parts.db.write("test") as session:
        session.execute(text("UPDATE donation SET stripe_account_id = stripe_account_id"))
        session.execute(text(other))
    desk.world.advance(10)
    desk.world.donor.get(f"{gift.page}/thanks")
    item = desk.differences()["MODE_MIX"]
    assert "Take" not in desk.open(f"{HOME}/{item}").text
    assert desk.browser.post(f"{HOME}/{item}/accept", data={"note": "x"}).status_code == 409


def test_stripe_away_changes_nothing(desk: Desk) -> None:
    desk.pay_elsewhere(asked_twenty(desk), 3500)
    item = desk.differences()["AMOUNT_MISMATCH"]
    desk.world.sandbox.control("fault", {"kind": "status", "status": 500, "times": 1000})
    said = desk.refused(f"{HOME}/{item}", "/accept", 503, note="She meant it.")
    assert "Stripe does not answer. Nothing was changed" in said
    desk.world.sandbox.control("fault", {"clear": True})
    assert desk.differences() == {"AMOUNT_MISMATCH": item}
    assert [donation.gift_minor for donation in desk.donations()] == [2000]


def test_nothing_is_taken_in_while_the_books_hold_an_entry_that_does_not_balance(desk: Desk) -> None:
    desk.pay_elsewhere(asked_twenty(desk), 3500)
    desk.world.paid_gift("50")
    item = desk.differences()["AMOUNT_MISMATCH"]
    break_the_books(desk.world)
    said = desk.refused(f"{HOME}/{item}", "/accept", 503, note="She meant it.")
    assert "Nothing is booked until that is mended." in said
    assert desk.differences() == {"AMOUNT_MISMATCH": item}
    mend_the_books(desk.world)
    desk.press(f"{HOME}/{item}", "/accept", note="She meant it.")
    assert desk.world.total_minor() == 8500


def test_two_who_decide_at_once_book_it_once(desk: Desk) -> None:
    desk.pay_elsewhere(asked_twenty(desk), 3500)
    item = desk.differences()["AMOUNT_MISMATCH"]
    page = desk.open(f"{HOME}/{item}")
    assert page.text.count(f'action="{HOME}/{item}/accept"') == 1
    answers = [desk.browser.post(f"{HOME}/{item}/accept", data={"note": "yes"}).status_code for _ in range(2)]
    assert answers == [303, 409]
    assert desk.world.total()["gifts"] == 1


def test_control_without_the_second_look_at_both_sides_another_difference_would_slip_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is booked is what Stripe says now. Were its answer not held against the gift again, anything would do."""
    desk.pay_elsewhere(asked_twenty(desk), 3500)
    item = desk.differences()["AMOUNT_MISMATCH"]
    with desk.world.parts.db.write("test") as session:
        session.execute(text("UPDATE stripe_account SET livemode = (1 = 1)"))
    said = desk.refused(f"{HOME}/{item}", "/accept", 409, note="yes")
    assert "Something else about this payment differs too. Nothing was booked." in said
    assert [donation.gift_minor for donation in desk.donations()] == [2000]
    monkeypatch.setattr(module, "QUARANTINE", "never")
    monkeypatch.setattr(module, "Conflict", AssertionError)
    with pytest.raises(AssertionError):
        accept_payment(desk.world.parts, item, note="yes", by="test")
