"""The order in which reports, transfers and what arrived become known does not matter."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.partners.fellowship import Fellowship


@pytest.fixture
def numbers() -> list[int]:
    return []


@settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(["report", "first", "second", "arrived"]))
def test_the_order_in_which_things_become_known_does_not_matter(
    fellowship: Fellowship, numbers: list[int], order: list[str]
) -> None:
    """Two transfers and a figure that contains both: in any order the same own part, in the appeal's currency too."""
    numbers.append(len(numbers))
    slug = f"order-{len(numbers)}"
    fellowship.world.campaign(slug=slug)
    fellowship.appeal = f"{slug}-appeal"
    fellowship.set_up(currency="EUR")
    coc, other = f"coc-{slug}", f"other-{slug}"
    fellowship.partner(coc)
    fellowship.partner(other)
    day, refs = date(2026, 5, 1), {}

    def transfer(name: str, amount: str) -> None:
        refs[name] = fellowship.transfer(f"partner:{other}", f"partner:{coc}", amount, "EUR", day)

    for what in order:
        if what == "report":
            fellowship.accepted(coc, "1,000.00", date(2026, 6, 1), our_transfers="all")
        elif what == "first":
            transfer("first", "100.00")
        elif what == "second":
            transfer("second", "200.00")
        elif "first" in refs:
            fellowship.arrived(refs["first"], "99.00", "EUR", day)
    if "arrived" in order and order.index("arrived") < order.index("first"):
        fellowship.arrived(refs["first"], "99.00", "EUR", day)
    assert fellowship.own_minor(coc) == 100_000 - 9_900 - 20_000
    assert fellowship.total_minor() == 70_100
