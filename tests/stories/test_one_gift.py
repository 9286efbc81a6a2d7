"""One donation, all the way."""

from tests.world import World


def test_a_gift_from_the_form_to_the_receipt(shelter: World) -> None:
    gift = shelter.give(amount="50", email="mara@example.org", name="Mara Lindqvist")
    assert shelter.total_minor() == 0

    shelter.pay(gift)
    shelter.hear()
    assert shelter.total_minor() == 5000
    assert shelter.balances() == {("1115", "GBP"): 5000, ("4110", "GBP"): -5000}

    shelter.advance(10)
    shelter.hear()
    fee = 95
    assert shelter.balances() == {("1110", "GBP"): 5000 - fee, ("5110", "GBP"): fee, ("4110", "GBP"): -5000}

    page = shelter.donor.get(gift.page + "/thanks")
    assert "Thank you" in page.text
    assert "£50.00" in page.text
    shelter.send_mail()
    assert "£50.00" in shelter.mailbox.text()
    assert gift.page in shelter.mailbox.text()
    assert shelter.donor.get(gift.page + "/receipt").status_code == 200
    pdf = shelter.donor.get(gift.page + "/receipt.pdf")
    assert pdf.content.startswith(b"%PDF")
