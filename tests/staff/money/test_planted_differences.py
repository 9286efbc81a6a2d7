"""What goes wrong at Stripe, found, named and resolved in the pages; nothing is put into a table by hand."""

from tests.staff.money.desk import Desk, words_of


def test_a_refund_made_in_the_dashboard_while_the_webhook_was_down(desk: Desk) -> None:
    gift = desk.world.paid_gift("50")
    desk.world.advance(days=8)
    desk.world.settle()
    desk.reconcile()
    assert "Everything agrees to the penny" in words_of(desk.open("/staff/reconciliation"))
    desk.refund_in_the_dashboard(gift, 1000)
    desk.lose_the_news()
    assert desk.world.total_minor() == 5000
    page = desk.press("/staff/reconciliation", "/run")
    assert "It begins in a moment" in words_of(page)
    assert "Compare now" not in page.text
    assert desk.run_what_was_asked()
    page = desk.open("/staff/reconciliation")
    assert "Everything agrees to the penny" in words_of(page)
    assert "Refund at Stripe, not in the books" in words_of(page)
    assert "Priya Raman" in page.text
    assert desk.world.total_minor() == 4000
    found = desk.open(f"/staff/differences/{desk.differences('fixed')['REFUND_NOT_RECORDED']}")
    assert "Fetched from Stripe and booked." in words_of(found)
    (donation,) = desk.donations()
    assert f"/staff/donations/{donation.ref}" in found.text
    assert "£10.00" in words_of(desk.open(f"/staff/donations/{donation.ref}"))


def test_a_payout_that_failed_after_it_was_paid(desk: Desk) -> None:
    desk.world.paid_gift("50")
    payout = desk.paid_out()
    assert desk.bring_the_statement() == {"matched": 1}
    desk.reconcile()
    assert "In the bank" in words_of(desk.open(f"/staff/payouts/{payout}"))
    desk.world.sandbox.control("payout-fail", {"payout": payout})
    desk.lose_the_news()
    desk.tomorrow_morning()
    page = words_of(desk.open("/staff/reconciliation"))
    assert "Payout that failed after it was paid" in page
    assert "Bank line matched with a payout that failed" in page
    assert "differences" in page
    assert "Differs by" in page
    assert "Failed after it was paid" in words_of(desk.open(f"/staff/payouts/{payout}"))
    # The bank sent it back: its line and the return are both matched, and that is one difference less.
    desk.bring_the_statement()
    back = desk.differences()["PAYOUT_PAID_THEN_FAILED"]
    lines = desk.open("/staff/statements/current?show=open")
    (line,) = {part.split('"')[0] for part in lines.text.split('href="/staff/lines/')[1:]}
    desk.press(f"/staff/lines/{line}", "/match")
    assert ("Priya Raman", "said what a bank line is", f"line:{line}") in desk.acts()
    desk.press(f"/staff/differences/{back}", "/explain", note="Wrong account number at Stripe, corrected.")
    desk.reconcile()
    assert desk.differences() == {}
    assert "Everything agrees to the penny" in words_of(desk.open("/staff/reconciliation"))
    assert "both lines are matched" in words_of(desk.open(f"/staff/payouts/{payout}"))


def test_a_payout_and_its_line_close_by_themselves_and_stay_so_tomorrow(desk: Desk) -> None:
    desk.world.paid_gift("50")
    payout = desk.paid_out()
    desk.lose_the_news()
    desk.bring_the_statement()
    desk.tomorrow_morning()
    page = words_of(desk.open("/staff/reconciliation"))
    assert "Everything agrees to the penny" in page
    assert "the timetable" in page
    page = words_of(desk.open(f"/staff/payouts/{payout}"))
    assert "£49.05 is the sum of its 1 line, and was in the bank on" in page
    assert "by itself: The amount and the currency are exact" in page
    desk.tomorrow_morning()
    assert "Everything agrees to the penny" in words_of(desk.open("/staff/reconciliation"))
