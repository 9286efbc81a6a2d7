"""The moments of a card gift, each row of the money table, and its worked example, on both databases."""

from datetime import timedelta

from tests.world import World

GBP = "GBP"
EURO_TARIFF = {"percent_bp": 130, "fixed_minor": 0}


def test_the_worked_example(world: World) -> None:
    body = world.body()
    # 1.8 % + 20p is the fee of the example's pounds, 1.3 % that of its euros.
    world.account(body, tariff={"percent_bp": 180, "fixed_minor": 20, "dispute_minor": 2000})
    world.campaign(body, gift_currencies="GBP,EUR")
    world.sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.86"})

    pounds = world.give(amount="50")
    paid = world.pay(pounds)
    world.hear()
    assert world.total_minor() == 5000
    assert world.balances() == {("1115", GBP): 5000, ("4110", GBP): -5000}
    world.settle()
    assert world.balances() == {("1110", GBP): 4890, ("5110", GBP): 110, ("4110", GBP): -5000}

    world.sandbox.control("account", {"account": world.accounts["shelter"]["id"], "tariff": EURO_TARIFF})
    euros = world.give(amount="60", currency="EUR")
    paid_euros = world.pay(euros)
    world.hear()
    total = world.total()
    assert total["amount_minor"] == 5000
    assert total["on_its_way"] == [{"currency": "EUR", "amount_minor": 6000}]
    world.settle()
    total = world.total()
    assert total["amount_minor"] == 5000 + 5160
    assert total["on_its_way"] == []
    assert world.balances() == {("1110", GBP): 4890 + 5093, ("5110", GBP): 110 + 67, ("4110", GBP): -5000 - 5160}

    world.advance(days=10)
    world.hear()
    before = world.balances()
    world.sandbox.control("refund", {"charge": paid["charge"], "amount": 2000})
    world.settle()
    assert world.total_minor() == 3000 + 5160
    assert world.balances()["1110", GBP] == before["1110", GBP] - 2000

    # The euro gift costs £52.10 to give back, at a rate that has moved.
    world.sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.868333333"})
    world.sandbox.control("refund", {"charge": paid_euros["charge"]})
    world.settle()
    assert world.total_minor() == 3000
    assert world.balances()["5310", GBP] == 50
    assert world.balances()["1110", GBP] == before["1110", GBP] - 2000 - 5210

    before = world.balances()
    world.sandbox.control("dispute", {"do": "open", "charge": paid["charge"], "amount": 3000})
    world.settle()
    assert world.total_minor() == 3000
    assert world.balances()["1110", GBP] == before["1110", GBP] - 5000
    assert world.balances()["1130", GBP] == 3000
    assert world.balances()["5120", GBP] == 2000
    world.sandbox.control("dispute", {"do": "lose", "charge": paid["charge"]})
    world.settle()
    assert world.total_minor() == 0
    assert ("1130", GBP) not in world.balances()


def test_a_refund_that_costs_less_than_the_gift_counted_for_leaves_a_gain(world: World) -> None:
    body = world.body()
    world.account(body, tariff={"percent_bp": 0, "fixed_minor": 0})
    world.campaign(body, gift_currencies="GBP,EUR")
    world.sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.86"})
    euros = world.give(amount="60", currency="EUR")
    paid = world.pay(euros)
    world.settle()
    world.sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.85"})
    world.advance(days=10)
    world.hear()
    world.sandbox.control("refund", {"charge": paid["charge"]})
    world.settle()
    assert world.total_minor() == 0
    assert world.balances() == {("1110", GBP): 60, ("5320", GBP): -60}


def test_an_agent_owes_the_charity_the_gift_less_the_fee_the_charity_bears(world: World) -> None:
    charity, society = world.body("network"), world.body("union", kind="society")
    world.account(society)
    world.campaign(charity, holding="agent", merchant_body_id=society.id, fee_borne_by="charity")
    world.paid_gift("50", cover_fee="1")
    page = world.donor.get("/c/winter?fresh=1").text
    assert "Union takes it on its own card account and passes it on." in page
    assert "Taken and passed on by" in page
    charged, fee = 5097, 96
    assert world.total_minor() == 5000
    assert world.balances() == {("1110", GBP): charged - fee, ("2310", GBP): -(charged - fee)}


def test_an_agent_may_bear_the_fee_itself(world: World) -> None:
    charity, society = world.body("network"), world.body("union", kind="society")
    world.account(society)
    world.campaign(charity, holding="agent", merchant_body_id=society.id, fee_borne_by="body")
    gift = world.paid_gift("50")
    assert world.balances() == {("1110", GBP): 4905, ("5110", GBP): 95, ("2310", GBP): -5000}
    world.advance(days=10)
    world.sandbox.control("refund", {"charge": charge_of(world, gift.session)})
    world.settle()
    assert world.total_minor() == 0
    assert world.balances() == {("1110", GBP): -95, ("5110", GBP): 95}


def test_fee_cover_is_never_part_of_the_total(shelter: World) -> None:
    gift = shelter.paid_gift("50", cover_fee="1")
    assert shelter.total_minor() == 5000
    assert shelter.balances() == {("1110", GBP): 5001, ("5110", GBP): 96, ("4110", GBP): -5000, ("4120", GBP): -97}
    shelter.advance(days=10)
    shelter.sandbox.control("refund", {"charge": charge_of(shelter, gift.session), "amount": 5050})
    shelter.settle()
    # The gift goes back first and the cover last: the total falls by what the donor got, as far as there was a gift.
    assert shelter.total_minor() == 0
    assert shelter.balances()["4120", GBP] == -47


def test_a_refund_that_fails_is_reversed_and_the_gift_counts_again(shelter: World) -> None:
    gift = shelter.paid_gift("50")
    other = shelter.paid_gift("30")
    shelter.advance(days=10)
    first = shelter.sandbox.control("refund", {"charge": charge_of(shelter, gift.session), "amount": 3000})
    shelter.settle()
    shelter.sandbox.control("refund", {"charge": charge_of(shelter, gift.session), "amount": 2000})
    shelter.settle()
    assert (shelter.total_minor(), shelter.total()["gifts"]) == (3000, 1)
    shelter.sandbox.control("refund-fail", {"refund": first["id"]})
    shelter.settle()
    assert (shelter.total_minor(), shelter.total()["gifts"]) == (6000, 2)
    page = shelter.donor.get(gift.page)
    assert "failed" in page.text
    assert shelter.donor.get(other.page).status_code == 200


def test_after_an_earlier_refund_failed_the_gift_has_gone_back_first_and_the_cover_last(shelter: World) -> None:
    gift = shelter.paid_gift("50", cover_fee="1")
    shelter.advance(days=10)
    charge = charge_of(shelter, gift.session)
    first = shelter.sandbox.control("refund", {"charge": charge, "amount": 2500})
    shelter.settle()
    shelter.sandbox.control("refund", {"charge": charge, "amount": 2597})
    shelter.settle()
    assert (shelter.total_minor(), shelter.balances().get(("4120", GBP), 0)) == (0, 0)
    shelter.sandbox.control("refund-fail", {"refund": first["id"]})
    shelter.settle()
    # 25.97 of 50.97 went back, all of it gift. The second refund had taken the cover, which was not its turn.
    assert (shelter.total_minor(), shelter.total()["gifts"], shelter.balances()["4120", GBP]) == (2403, 1, -97)


def test_a_won_dispute_gives_the_money_back_and_keeps_the_fee(shelter: World) -> None:
    gift = shelter.paid_gift("50")
    charge = charge_of(shelter, gift.session)
    shelter.sandbox.control("dispute", {"do": "open", "charge": charge})
    shelter.settle()
    assert "Disputed" in shelter.donor.get(gift.page).text
    during = shelter.balances()
    assert during["1130", GBP] == 5000
    shelter.sandbox.control("dispute", {"do": "win", "charge": charge})
    shelter.settle()
    after = shelter.balances()
    assert ("1130", GBP) not in after
    assert after["1110", GBP] == during["1110", GBP] + 5000
    assert after["5120", GBP] == during["5120", GBP]
    assert shelter.total_minor() == 5000


def test_an_inquiry_moves_no_money(shelter: World) -> None:
    gift = shelter.paid_gift("50")
    before = shelter.balances()
    shelter.sandbox.control("dispute", {"do": "inquiry", "charge": charge_of(shelter, gift.session)})
    shelter.settle()
    assert shelter.balances() == before


def test_a_bank_debit_counts_when_it_has_succeeded(shelter: World) -> None:
    gift = shelter.give(amount="40", email="debit@example.org")
    shelter.pay(gift, card=None, bank_debit=True, outcome="succeeds")
    shelter.settle()
    assert shelter.total_minor() == 0
    assert shelter.balances() == {("1110", GBP): 3940, ("5110", GBP): 60, ("2420", GBP): -4000}
    assert "on its way" in shelter.donor.get(gift.page).text.lower()
    assert "It takes a few days" in shelter.donor.get(gift.page + "/thanks").text
    shelter.advance(days=12)
    shelter.settle()
    assert shelter.total_minor() == 4000
    assert shelter.balances() == {("1110", GBP): 3940, ("5110", GBP): 60, ("4110", GBP): -4000}
    assert shelter.donor.get(gift.page + "/receipt").status_code == 200


def test_a_bank_debit_that_fails_never_counted(shelter: World) -> None:
    gift = shelter.give(amount="40", email="debit@example.org")
    shelter.pay(gift, card=None, bank_debit=True, outcome="fails")
    shelter.settle()
    shelter.advance(days=12)
    shelter.settle()
    assert shelter.total_minor() == 0
    assert shelter.balances() == {}
    assert shelter.donor.get(gift.page + "/receipt").status_code == 404
    assert "Nothing was taken" in shelter.donor.get(gift.page).text
    shelter.send_mail()
    assert [letter["Subject"] for letter in shelter.mailbox.letters] != []
    assert "£40.00" in shelter.mailbox.text()


def test_a_payout_goes_through_the_account_in_transit_and_may_fail_after_it_was_paid(shelter: World) -> None:
    shelter.paid_gift("50")
    shelter.advance(days=8)
    shelter.sandbox.control("payout", {"currency": "gbp"})
    shelter.settle()
    sent = shelter.events("payout.created")
    assert len(sent) == 1
    assert shelter.balances() == {("1120", GBP): 4905, ("5110", GBP): 95, ("4110", GBP): -5000}
    payout = sent[0]["data"]["object"]["id"]
    shelter.sandbox.control("payout-fail", {"payout": payout})
    shelter.settle()
    assert shelter.balances() == {("1110", GBP): 4905, ("5110", GBP): 95, ("4110", GBP): -5000}


def test_the_donor_sees_when_the_gift_left_for_the_bank(shelter: World) -> None:
    gift = shelter.paid_gift("50")
    shelter.advance(days=8)
    shelter.sandbox.control("payout", {"currency": "gbp"})
    shelter.advance(days=5)
    shelter.settle()
    assert "Paid out" in shelter.donor.get(gift.page).text


def test_stripe_is_asked_again_later_when_a_consequence_shows_before_its_cause(shelter: World) -> None:
    """Between the payment and its balance transaction nothing of a fee is booked, and nothing is guessed."""
    gift = shelter.give(amount="20")
    shelter.pay(gift)
    shelter.hear()
    assert ("5110", GBP) not in shelter.balances()
    shelter.advance(timedelta(minutes=5).total_seconds())
    shelter.hear()
    assert shelter.balances()["5110", GBP] == 50


def charge_of(world: World, session_id: str) -> str:
    session = world.stripe_object("checkout/sessions", session_id)
    return str(world.stripe_object("payment_intents", session["payment_intent"])["latest_charge"])
