"""What is learnt of transfers when it is late: a rate that comes after its transfer, a correction of a mistake."""

from datetime import date

from fundraise.flows.convert_waiting import convert_waiting
from tests.partners.fellowship import Fellowship

SENT = date(2026, 11, 10)
AS_OF = date(2026, 11, 20)


def test_a_transfer_that_waited_for_its_rate_is_taken_out_when_the_rate_comes(fellowship: Fellowship) -> None:
    """Nobody knows what USD 1,000.00 came to in EUR; a second transfer, whose amount is known, waits behind it."""
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    fellowship.partner("allout", "USD")
    fellowship.accepted("coc", "5,000.00", AS_OF, our_transfers="all")
    fellowship.world.advance(60)
    fellowship.transfer("partner:allout", "partner:coc", "1,000.00", "USD", SENT)
    fellowship.transfer("body:shelter", "partner:coc", "200.00", "EUR", SENT)
    fellowship.world.advance(60)
    fellowship.rates("ECB", SENT, USD="1.2500")
    assert fellowship.own_minor("coc") == 500_000 - 80_000 - 20_000
    assert fellowship.total_minor() == 400_000
    # A rate that is corrected later does not move what was counted.
    fellowship.world.advance(60)
    fellowship.rates("ECB", SENT, USD="1.0000")
    convert_waiting(fellowship.world.parts)
    assert fellowship.total_minor() == 400_000


def test_a_transfer_is_recorded_anew_under_the_reference_that_reports_name(fellowship: Fellowship) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    wrong = fellowship.transfer("body:shelter", "partner:coc", "200.00", "EUR", SENT, reference="OUR-1")
    fellowship.accepted("coc", "5,000.00", AS_OF, our_transfers=["OUR-1"])
    assert fellowship.total_minor() == 480_000
    fellowship.taken_back(wrong)
    assert fellowship.total_minor() == 500_000
    fellowship.transfer("body:shelter", "partner:coc", "2,000.00", "EUR", SENT, reference="OUR-1")
    assert fellowship.total_minor() == 300_000


def test_a_partner_that_joins_later_does_not_change_what_was_received_before(fellowship: Fellowship) -> None:
    world = fellowship.world
    world.paid_gift("50")
    world.advance(60)
    then = world.now().isoformat().replace("+00:00", "Z")
    world.advance(60)
    before = fellowship.total(then)["stages"]["received"]["amount_minor"]
    fellowship.partner("network", is_beneficiary=True)
    assert fellowship.total(then)["stages"]["received"]["amount_minor"] == before == 5000


def test_a_transfer_without_a_rate_is_seen_at_every_stage(fellowship: Fellowship) -> None:
    fellowship.rates("ECB", date(2026, 11, 1), USD="1.1", GBP="0.85")
    fellowship.partner("nairobi", "KES", is_beneficiary=True)
    ref = fellowship.transfer("body:shelter", "partner:nairobi", "100.00", "KES", date(2026, 11, 10))
    waits = [{"amount_minor": 10_000, "currency": "KES"}]
    stages = fellowship.total()["stages"]
    assert (stages["remitted"]["amount_minor"], stages["remitted"]["not_converted"]) == (0, waits)
    assert "not_converted" not in stages["received"]
    page = fellowship.world.donor.get("/a/winter-appeal").text
    assert "100.00 more waits for an exchange rate" in page
    fellowship.arrived(ref, "100.00", "KES", date(2026, 11, 12))
    stages = fellowship.total()["stages"]
    assert "not_converted" not in stages["remitted"]
    assert (stages["received"]["amount_minor"], stages["received"]["not_converted"]) == (0, waits)
    fellowship.rates("ECB", date(2026, 11, 10), USD="1.1", GBP="0.85", KES="150")
    fellowship.rates("ECB", date(2026, 11, 12), USD="1.1", GBP="0.85", KES="150")
    stages = fellowship.total()["stages"]
    assert "not_converted" not in stages["received"]
    assert stages["received"]["amount_minor"] == 57
