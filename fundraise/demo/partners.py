"""The story's partners at work: figures come in by the product's own API, staff let them count, money is passed on."""

from datetime import date
from typing import Final

import httpx

from fundraise.demo.fellowship import PARTNERS, Passing, Reporting
from fundraise.errors import SetupError
from fundraise.flows.add_partner import add_partner, new_key
from fundraise.flows.decide_report import accept_report
from fundraise.flows.import_rates import seed_rates
from fundraise.flows.record_transfer import acknowledge_transfer, record_transfer
from fundraise.jobs.rates import convert
from fundraise.parts import Parts
from fundraise.published_rates import RateSource

RATES_SINCE: Final = date(2017, 4, 1)
_STAFF: Final = "Priya Raman"
_CREATED: Final = 201


class Partners:
    """Those who raise money elsewhere, with the keys of their programs."""

    def __init__(self, parts: Parts, doors: httpx.AsyncClient) -> None:
        self._parts = parts
        self._doors = doors
        self._keys: dict[str, str] = {}

    def join(self) -> None:
        """Let every partner in, and keep the rates that were out by then."""
        self.keep_rates()
        for partner in PARTNERS:
            add_partner(self._parts, partner, by=_STAFF)
            self._keys[partner.slug] = new_key(self._parts, partner.slug, by=_STAFF)

    def keep_rates(self) -> None:
        """Keep the rates that came out since the last time."""
        for source in RateSource:
            seed_rates(self._parts, source, RATES_SINCE, by="the timetable")

    async def report(self, reporting: Reporting) -> None:
        """Send a figure, and let it count where the story says so."""
        answer = await self._doors.post(
            f"/api/v1/partners/{reporting.partner}/reports",
            json=dict(reporting.body()),
            headers={
                "Authorization": f"Bearer {self._keys[reporting.partner]}",
                "Idempotency-Key": f"{reporting.partner} {reporting.as_of}",
            },
        )
        if answer.status_code != _CREATED:
            raise SetupError(f"The demo's report of {reporting.partner} was not taken: {answer.text}")
        if reporting.accepted:
            accept_report(self._parts, int(answer.json()["id"]), by=_STAFF)

    def pass_on(self, passing: Passing) -> None:
        """Record a transfer, and what its receiver says."""
        ref = record_transfer(self._parts, passing.sent, by=_STAFF)
        if passing.arrived is not None:
            acknowledge_transfer(self._parts, ref, passing.arrived)
        convert(self._parts)
