"""Five ways to tell a combined total wrongly, each put in where the protection lies. Random lives must find them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from unittest.mock import patch

from sqlmodel import Session

from fundraise.appeals.tables import Appeal
from fundraise.figures import combined
from fundraise.figures.partner_parts import PartnerPart, PartnerParts, partner_parts
from fundraise.flows import count_partner, decide_report
from fundraise.flows.decide_report import InTheWay
from fundraise.money import Money
from fundraise.partners.questions import last_report
from fundraise.rates.questions import conversion


@contextmanager
def _at_todays_rates() -> Iterator[None]:
    """Nothing is frozen: whatever a part is in its own currency is converted whenever it is asked for."""

    def parts(session: Session, appeal_id: int, *, as_of: datetime | None = None) -> PartnerParts:
        found, source = partner_parts(session, appeal_id, as_of=as_of), session.get_one(Appeal, appeal_id).rate_source
        return replace(found, parts=[_today(session, source, part) for part in found.parts])

    with patch.object(combined, "partner_parts", parts):
        yield


def _today(session: Session, source: str, part: PartnerPart) -> PartnerPart:
    rate = conversion(session, source, part.currency, part.display_currency, date.max)
    if rate is None:
        return part
    own = Money(part.amount_minor - part.less_minor, part.currency)
    return part._replace(display_minor=rate.of(own, part.display_currency).minor)


BUGS: Final[dict[str, Callable[[], AbstractContextManager[Any]]]] = {
    "a transfer is new money": lambda: patch.object(count_partner, "contained", lambda *_: []),
    "figures are added up": lambda: patch.object(count_partner, "change", lambda _session, _partner, part: part),
    "what nobody accepted counts": lambda: patch.object(count_partner, "counted_report", last_report),
    "what is held is let in": lambda: patch.object(decide_report, "_in_the_way", lambda *_: InTheWay("", ())),
    "the past at today’s rates": _at_todays_rates,
}
