"""An appeal with partners, as staff and partners handle it in stories."""

import json
import runpy
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from fundraise.appeals.tables import Appeal
from fundraise.flows.add_partner import NewPartner, add_partner
from fundraise.flows.decide_report import accept_report
from fundraise.flows.import_rates import keep_rates
from fundraise.flows.receive_report import Received, SentFigure, receive_report
from fundraise.flows.record_transfer import Arrived, Sent, acknowledge_transfer, record_transfer, withdraw_transfer
from fundraise.money import Money, parse
from fundraise.partners.figure import figure_in
from fundraise.partners.questions import newest_increment
from fundraise.partners.tables import Increment, Partner, PartnerReport
from fundraise.published_rates import PublishedFile, PublishedSheet, RateSource
from tests.world import World

SCRIPT = Path(__file__).resolve().parents[2] / "fundraise" / "web" / "static" / "rebuild_total.py"
STAFF = "Priya Raman"


@dataclass
class Fellowship:
    """The appeal `winter-appeal` of the world's campaign, and who takes part in it."""

    world: World
    appeal: str = "winter-appeal"
    partners: dict[str, int] = field(default_factory=dict)

    def set_up(self, **values: Any) -> None:
        """Change what staff chose for the appeal."""
        with self.world.parts.db.write("test") as session:
            appeal = session.exec(select(Appeal).where(col(Appeal.slug) == self.appeal)).one()
            for name, value in values.items():
                setattr(appeal, name, value)
            session.add(appeal)

    def partner(self, slug: str, currency: str = "EUR", **more: Any) -> int:
        new = NewPartner(slug=slug, appeal=self.appeal, name=slug.title(), currency=currency, **more)
        self.partners[slug] = add_partner(self.world.parts, new, by=STAFF)
        return self.partners[slug]

    def rates(self, source: str, day: date, **rates: str) -> None:
        """Publish rates: units per euro (ECB) or per pound (HMRC)."""
        raw = json.dumps([source, day.isoformat(), rates]).encode()
        sheet = PublishedSheet(RateSource(source), day, rates)
        keep_rates(self.world.parts, [PublishedFile("test", raw, [sheet])], by=STAFF)

    def report(self, slug: str, amount: int | str, as_of: date | None = None, **more: Any) -> Received:
        """Report an amount as typed, or minor units."""
        values: dict[str, Any] = {
            "amount_minor": amount,
            "currency": self.currency(slug),
            "as_of": (as_of or self.world.now().date()).isoformat(),
            "stage": "collected",
            "gross_or_net": "gross",
            "gift_aid": "none",
            "our_transfers": "none",
            **more,
        }
        if isinstance(amount, str):
            values["amount_minor"] = parse(amount, values["currency"]).minor
        raw = json.dumps(values).encode()
        return receive_report(self.world.parts, self.partners[slug], SentFigure(figure_in(raw), raw), came_by="api")

    def accept(self, report: Received | int, why: str = "asked by telephone") -> None:
        number = report if isinstance(report, int) else report.report_id
        accept_report(self.world.parts, number, by=STAFF, why=why)

    def accepted(self, slug: str, amount: int | str, as_of: date | None = None, **more: Any) -> int:
        """Report a figure and accept it."""
        came = self.report(slug, amount, as_of, **more)
        self.accept(came)
        return came.report_id

    def transfer(
        self, sender: str, receiver: str, amount: str, currency: str, sent_on: date | None = None, **more: Any
    ) -> str:
        sent = Sent(
            appeal=self.appeal,
            sender=sender,
            receiver=receiver,
            sent=parse(amount, currency),
            sent_on=sent_on or self.world.now().date(),
            **more,
        )
        return record_transfer(self.world.parts, sent, by=STAFF)

    def arrived(self, ref: str, amount: str, currency: str, on: date | None = None) -> bool:
        arrived = Arrived(amount=parse(amount, currency), on=on or self.world.now().date(), said_by="the receiver")
        return acknowledge_transfer(self.world.parts, ref, arrived)

    def taken_back(self, ref: str) -> None:
        withdraw_transfer(self.world.parts, ref, by=STAFF, why="typed twice")

    # --- what is so -----------------------------------------------------------------------------------------------

    def currency(self, slug: str) -> str:
        with self.world.parts.db.read() as session:
            return session.get_one(Partner, self.partners[slug]).currency

    def total(self, as_of: str = "") -> dict[str, Any]:
        address = f"/api/v1/appeals/{self.appeal}/total"
        answer = self.world.donor.get(address, params={"as_of": as_of} if as_of else {})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def total_minor(self) -> int:
        return int(self.total()["amount_minor"])

    def stage(self, name: str) -> int:
        return int(self.total()["stages"][name]["amount_minor"])

    def own_minor(self, slug: str) -> int:
        """Return what a partner's part is in its own currency."""
        with self.world.parts.db.read() as session:
            row = newest_increment(session, self.partners[slug])
        return row.total_amount_minor - row.total_less_minor if row is not None else 0

    def increments(self) -> list[Increment]:
        with self.world.parts.db.read() as session:
            return list(session.exec(select(Increment).order_by(col(Increment.id))))

    def state(self, report: Received | int) -> str:
        number = report if isinstance(report, int) else report.report_id
        with self.world.parts.db.read() as session:
            return session.get_one(PartnerReport, number).state


def codes(report: Received) -> list[str]:
    return [question.code for question in report.questions]


_rebuilt = runpy.run_path(str(SCRIPT))["rebuilt"]


def problems(total: dict[str, Any]) -> list[str]:
    """Let the script that stands outside the package rebuild a total in this process; what it cannot read is wrong."""
    try:
        return list(_rebuilt(total))
    except (ArithmeticError, LookupError, TypeError, ValueError) as problem:
        return [repr(problem)]


def rebuilt(total: dict[str, Any], folder: Path) -> tuple[int, str]:
    """Let the script that stands outside the package rebuild a total, in a process of its own."""
    file = folder / "total.json"
    file.write_text(json.dumps(total), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file)], capture_output=True, text=True, check=False, cwd=folder
    )
    return done.returncode, done.stdout + done.stderr


__all__ = ["Money"]
