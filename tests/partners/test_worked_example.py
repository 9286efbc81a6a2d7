"""The worked example of the rules, and the few stories every combined total must tell right."""

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.partners.fellowship import Fellowship, problems, rebuilt

NOVEMBER = date(2026, 11, 1)
SENT = date(2026, 11, 10)


def worked_example(fellowship: Fellowship) -> None:
    """Own £4,900.00 after a refund; £2,000.00 sent, arrived as KES 345,600.00; the partner reports KES 691,200.00."""
    world = fellowship.world
    fellowship.set_up(rate_source="HMRC")
    fellowship.rates("HMRC", NOVEMBER, KES="173.9540")
    world.paid_gift("4000")
    gift = world.paid_gift("1000")
    world.advance(days=1)
    payment = world.stripe_object("checkout/sessions", gift.session)["payment_intent"]
    charge = world.stripe_object("payment_intents", payment)["latest_charge"]
    world.sandbox.control("refund", {"charge": charge, "amount": 10_000})
    world.settle()
    fellowship.partner("nairobi", "KES", is_beneficiary=True)
    ref = fellowship.transfer("body:shelter", "partner:nairobi", "2,000.00", "GBP", SENT, reference="OUR-2000")
    fellowship.arrived(ref, "345,600.00", "KES", SENT)
    fellowship.accepted("nairobi", "691,200.00", date(2026, 11, 20), stage="received", our_transfers="all")


def test_the_worked_example_comes_to_6886_73(fellowship: Fellowship, tmp_path: Path) -> None:
    worked_example(fellowship)
    total = fellowship.total()
    assert (total["currency"], total["stage"], total["amount_minor"]) == ("GBP", "collected", 688_673)
    assert total["amount_minor"] != 887_346
    partner = next(line for line in total["lines"] if line["participant"] == "Nairobi")
    assert (partner["amount_minor"], partner["less_transfers_minor"], partner["display_minor"]) == (
        69_120_000,
        34_560_000,
        198_673,
    )
    assert (partner["rate_source"], partner["rate_date"]) == ("HM Revenue & Customs", "2026-11-01")
    assert total["stages"]["received"]["amount_minor"] == 2 * 198_673
    assert total["stages"]["remitted"]["amount_minor"] == 0
    assert rebuilt(total, tmp_path)[0] == 0


def test_the_script_finds_every_changed_line(fellowship: Fellowship, tmp_path: Path) -> None:
    worked_example(fellowship)
    total = fellowship.total()
    assert rebuilt(total, tmp_path)[0] == 0
    for place, line in enumerate(total["lines"]):
        for name, value in line.items():
            changed = copy.deepcopy(total)
            changed["lines"][place][name] = other(value)
            assert problems(changed), (place, name)
        assert rebuilt(changed, tmp_path)[0] == 1
    for name in ("amount_minor", "currency", "stage"):
        assert rebuilt({**total, name: {"stage": "received", "currency": "KES"}.get(name, 1)}, tmp_path)[0] == 1
    assert rebuilt({**total, "lines": total["lines"][1:]}, tmp_path)[0] == 1


def other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return f"{value}1" if value is not None else "x"


@pytest.mark.parametrize("which", ["first", "second"])
def test_whether_the_transfer_or_the_report_is_known_first_makes_no_difference(
    fellowship: Fellowship, which: str
) -> None:
    fellowship.set_up(rate_source="HMRC")
    fellowship.rates("HMRC", NOVEMBER, KES="173.9540")
    fellowship.partner("nairobi", "KES")

    def send() -> None:
        ref = fellowship.transfer("body:shelter", "partner:nairobi", "2,000.00", "GBP", SENT)
        fellowship.arrived(ref, "345,600.00", "KES", SENT)

    if which == "first":
        send()
    fellowship.accepted("nairobi", "691,200.00", date(2026, 11, 20), our_transfers="all")
    if which == "second":
        assert fellowship.total_minor() == 397_346
        send()
    assert fellowship.own_minor("nairobi") == 34_560_000
    assert fellowship.total_minor() == 198_673
