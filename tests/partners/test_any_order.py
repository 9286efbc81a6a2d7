"""Random lives of partners: whatever comes in whatever order, nothing counts twice and the past stays as it was."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fundraise import times
from fundraise.api.totals import moment_in
from fundraise.appeals.questions import any_appeal
from fundraise.errors import Refusal
from fundraise.figures.combined import combined_total
from fundraise.figures.making import pieces
from fundraise.money import convert_minor
from fundraise.partners.questions import counted_report
from tests.partners.fellowship import Fellowship

BEGAN = date(2026, 1, 1)
PARTNERS = (("coc", "EUR"), ("allout", "USD"), ("network", "EUR"))


@dataclass
class Step:
    kind: str
    who: int = 0
    amount: int = 0
    day: int = 0
    says: str = "none"


STEPS = st.builds(
    Step,
    kind=st.sampled_from(["report", "report", "report", "transfer", "arrive", "withdraw", "rate", "again"]),
    who=st.integers(0, 2),
    amount=st.integers(1, 5_000_000),
    day=st.integers(0, 300),
    says=st.sampled_from(["none", "all", "unknown"]),
)


@dataclass
class Life:
    """What happened to partners, and what a simple model says must count."""

    fellowship: Fellowship
    names: list[str]
    transfers: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[str, int, dict[str, int]]] = field(default_factory=list)

    def live(self, step: Step) -> None:
        day, name = BEGAN + timedelta(days=step.day), self.names[step.who]
        fellowship = self.fellowship
        try:
            if step.kind in {"report", "again"}:
                fellowship.accept(fellowship.report(name, step.amount, day, our_transfers=step.says))
            elif step.kind == "transfer":
                sender = self.names[(step.who + 1) % 3]
                currency = fellowship.currency(name)
                amount = f"{step.amount // 100}.{step.amount % 100:02d}"
                ref = fellowship.transfer(f"partner:{sender}", f"partner:{name}", amount, currency, day)
                self.transfers.append({"ref": ref, "to": name, "minor": step.amount, "day": day, "stands": True})
            elif step.kind == "arrive" and self.transfers:
                one = self.transfers[step.amount % len(self.transfers)]
                less = max(1, one["minor"] - step.amount % 50)
                on = one["day"] + timedelta(days=step.day % 5)
                amount = f"{less // 100}.{less % 100:02d}"
                fellowship.arrived(one["ref"], amount, fellowship.currency(one["to"]), on)
                one |= {"minor": less, "day": on}
            elif step.kind == "withdraw" and self.transfers:
                one = self.transfers[step.amount % len(self.transfers)]
                fellowship.taken_back(one["ref"])
                one["stands"] = False
            elif step.kind == "rate":
                value = f"1.{step.amount % 10_000:04d}"
                fellowship.rates("ECB", day, USD=value, GBP="0.8338")
        except Refusal:
            pass  # What cannot be is refused, and then nothing has changed.

    def must_count(self, name: str) -> int:
        """Say what a partner's part is, from its accepted report and all transfers alone."""
        with self.fellowship.world.parts.db.read() as session:
            report = counted_report(session, self.fellowship.partners[name])
        if report is None:
            return 0
        inside = [
            one["minor"]
            for one in self.transfers
            if one["stands"] and one["to"] == name and one["day"] <= report.as_of and report.our_transfers != "none"
        ]
        return max(0, report.amount_minor - sum(inside))

    def look(self) -> None:
        world = self.fellowship.world
        world.advance(1)
        with world.parts.db.read() as session:
            appeal = any_appeal(session, self.fellowship.appeal)
            total = combined_total(session, appeal, world.now())
            lines = pieces(session, appeal, total)
        assert sum(line.display_minor for line in lines) == total.amount.minor
        for line in lines:
            own = line.amount_minor - line.less_transfers_minor
            assert convert_minor(own, line.currency, Decimal(line.rate), "GBP") == line.display_minor
        own = {name: self.fellowship.own_minor(name) for name in self.names}
        assert own == {name: self.must_count(name) for name in self.names}
        self.told.append((times.iso(world.now()), total.amount.minor, own))
        world.advance(1)

    def past_is_as_it_was(self) -> None:
        world = self.fellowship.world
        with world.parts.db.read() as session:
            appeal = any_appeal(session, self.fellowship.appeal)
            for when, minor, _ in self.told:
                then = combined_total(session, appeal, world.now(), as_of=moment_in(when, world.now()))
                assert then.amount.minor == minor


@pytest.fixture
def numbers() -> list[int]:
    return []


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_random_lives(fellowship: Fellowship, numbers: list[int], steps: list[Step]) -> None:
    """One world, a new set of partners for each life; the checks of the books run at its end, over all of them."""
    numbers.append(len(numbers))
    names = [f"{slug}-{len(numbers)}" for slug, _ in PARTNERS]
    slug = f"life-{len(numbers)}"
    fellowship.world.campaign(slug=slug)
    fellowship.appeal = f"{slug}-appeal"
    for name, (_, currency) in zip(names, PARTNERS, strict=True):
        fellowship.partner(name, currency)
    life = Life(fellowship, names)
    for step in steps:
        life.live(step)
        life.look()
    life.past_is_as_it_was()


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
