"""What a report raises before it may count: plain questions, each to the partner's treasurer and to staff alike."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlmodel import Session

from fundraise.appeals.tables import Appeal
from fundraise.flows.count_partner import contained, figure_minor, listed, transfer_value
from fundraise.money import Money, exponent, show
from fundraise.partners.questions import accepted_before, counted_report, reports_of
from fundraise.partners.tables import Partner, PartnerReport, ReportState
from fundraise.rates.questions import conversion
from fundraise.times import day_said
from fundraise.transfers.questions import Known, transfers_to, value_day, value_minor

_TIMES_THE_USUAL: Final = 3
# A first figure has no usual one beside it. What is asked about is rather too little than too much: an answer is one
# click, and euros sent as cents are a hundred times what they should be. Without a rate it is so many of any currency.
_LARGE_FIRST: Final = Money(100_000_00, "EUR")
_LARGE_FIRST_WITHOUT_RATE: Final = 1_000_000
_OLD: Final = timedelta(days=366)
_LEAST_STEPS: Final = 3
_NOT_KEPT_YET: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question: what is asked, the answers to choose from, and whether only another figure answers it.

    After an answer in `sends_again` this very figure cannot count either, and after one in `leaves_open` somebody still
    has to do something: as long as the report would be asked the same again. An answer in `takes_words` needs a
    sentence beside it, and so does a question without answers to choose from.
    """

    asks: str
    answers: Mapping[str, str]
    is_blocking: bool = False
    sends_again: frozenset[str] = frozenset()
    leaves_open: frozenset[str] = frozenset()
    takes_words: frozenset[str] = frozenset()

    @property
    def is_answered_by_a_tick(self) -> bool:
        """Whether nothing need be written, whatever is chosen."""
        return bool(self.answers) and not self.takes_words


KINDS: Final[Mapping[str, Kind]] = {
    "lower": Kind(
        "What happened?",
        {
            "refunds": "Gifts were returned",
            "mistake": "The earlier figure was too high",
            "other": "Something else, which I say below",
        },
        takes_words=frozenset({"refunds", "mistake", "other"}),
    ),
    "jump": Kind("Is that right?", {"right": "Yes, it is right"}),
    "large_first": Kind("Is the whole amount right?", {"right": "Yes, it is right"}),
    "old": Kind("Is the figure of that day?", {"right": "Yes, it is of that day"}),
    "same_day": Kind("Which one is right?", {"new": "The new one: it corrects the earlier figure"}),
    "twice": Kind("Did you mean to send it again?", {"again": "Yes, nothing has changed since"}),
    "like_transfer": Kind(
        "Is that the same money?",
        {"other": "No, it came from our own donors", "same": "Yes: I will send the figure again and tick it"},
        sends_again=frozenset({"same"}),
    ),
    "no_transfer_known": Kind(
        "Who sent you money, and how much?",
        {"nobody": "Nobody so far", "some": "Somebody, whom I name below"},
        leaves_open=frozenset({"some"}),
        takes_words=frozenset({"some"}),
    ),
    "reference_unknown": Kind(
        "Who sent it, when and how much?",
        {"named": "I say it below"},
        leaves_open=frozenset({"named"}),
        takes_words=frozenset({"named"}),
    ),
    "basis": Kind("Is that meant so?", {"right": "Yes, it is meant so"}),
    "later_transfer": Kind(
        "Is that money in the figure?",
        {"out": "No, it is not in it", "in": "Yes: I will send the figure again, as of a later day"},
        sends_again=frozenset({"in"}),
    ),
    "staff": Kind("", {}),
    "currency": Kind("Please send the figure again in the right currency.", {}, is_blocking=True),
    "future": Kind("Please send it again with the day it is of.", {}, is_blocking=True),
    "goes_back": Kind("Please send the figure as of a later day.", {}, is_blocking=True),
    "below_zero": Kind("Please look at the figure and the transfers again.", {}, is_blocking=True),
    "gift_aid": Kind("Please send it again and say how much tax relief is in it.", {}, is_blocking=True),
    "transfer_value": Kind("Please say first what arrived, on the link that came with it.", {}, is_blocking=True),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one report: its kind, what is noticed in a sentence, and how it was answered."""

    code: str
    says: str
    answer: str = ""
    note: str = ""

    @property
    def kind(self) -> Kind:
        """What kind of question it is."""
        return KINDS[self.code]

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return not self.answer and not self.note


def questions_of(report: PartnerReport) -> list[Question]:
    """Return the questions that were raised about a report."""
    return [Question(**each) for each in json.loads(report.questions)]


def kept(questions: Sequence[Question]) -> str:
    """Return questions as they are kept beside the report."""
    rows: list[dict[str, Any]] = [
        {"code": each.code, "says": each.says, "answer": each.answer, "note": each.note} for each in questions
    ]
    return json.dumps(rows, ensure_ascii=False)


def raised(session: Session, appeal: Appeal, partner: Partner, report: PartnerReport, today: date) -> list[Question]:
    """Return what a report raises as things stand now."""
    found = list(_about_itself(partner, report, today))
    if report.currency == partner.currency:
        found += _about_the_first(session, appeal, report)
        found += _about_the_last(session, report)
        found += _about_transfers(session, appeal, partner, report)
    return found


def _about_itself(partner: Partner, report: PartnerReport, today: date) -> Iterator[Question]:
    if report.currency != partner.currency:
        says = f"This figure is in {report.currency}; {partner.name} reports in {partner.currency}."
        yield Question("currency", says)
    if report.as_of > today:
        yield Question("future", f"{day_said(report.as_of)} has not come yet.")
    if today - report.as_of > _OLD:
        yield Question("old", f"{day_said(report.as_of)} is more than a year ago.")
    if report.gift_aid == "unknown":
        yield Question("gift_aid", "It is not known how much tax relief (Gift Aid and the like) is in the figure.")


def _about_the_first(session: Session, appeal: Appeal, report: PartnerReport) -> Iterator[Question]:
    if counted_report(session, report.partner_id) is None and _is_large(session, appeal, report):
        amount = _amount(report, figure_minor(report))
        yield Question("large_first", f"This is the first figure, and a large one: {amount}.")


def _is_large(session: Session, appeal: Appeal, report: PartnerReport) -> bool:
    figure = Money(figure_minor(report), report.currency)
    rate = conversion(session, appeal.rate_source, figure.currency, _LARGE_FIRST.currency, report.as_of)
    if rate is None:
        return bool(figure.minor > _LARGE_FIRST_WITHOUT_RATE * 10 ** exponent(figure.currency))
    return rate.of(figure, _LARGE_FIRST.currency).minor > _LARGE_FIRST.minor


def _about_the_last(session: Session, report: PartnerReport) -> Iterator[Question]:
    last = counted_report(session, report.partner_id)
    twin = _twin(session, report)
    if twin is not None:
        yield Question("twice", f"The same figure came on {day_said(twin.submitted_at.date())} already.")
    if last is None or last.id == report.id:
        return
    if report.as_of < last.as_of:
        says = f"A figure as of {day_said(last.as_of)} is accepted already; this one is as of {day_said(report.as_of)}."
        yield Question("goes_back", says)
        return
    if (report.stage, report.gross_or_net) != (last.stage, last.gross_or_net):
        says = f"Last time the figure was {_basis(last)}; this one is {_basis(report)}."
        yield Question("basis", says)
    now, before = figure_minor(report), figure_minor(last)
    if now < before:
        yield Question("lower", f"This is {_amount(report, before - now)} less than last time.")
    elif report.as_of == last.as_of and now != before:
        said = _amount(report, before)
        yield Question("same_day", f"A figure as of the same day, {said}, is accepted already.")
    if _is_unusual(now, [figure_minor(each) for each in accepted_before(session, report.partner_id)]):
        yield Question("jump", f"This is more than three times the usual: last time it was {_amount(report, before)}.")


def _basis(report: PartnerReport) -> str:
    return f"{report.stage}, {report.gross_or_net} of fees"


def _twin(session: Session, report: PartnerReport) -> PartnerReport | None:
    """Return an earlier report that says the very same and was not refused."""
    before = report.id or _NOT_KEPT_YET
    for other in reports_of(session, report.partner_id):
        if other.id < before:
            alike = all(
                getattr(other, name) == getattr(report, name)
                for name in ("amount_minor", "currency", "as_of", "stage", "gross_or_net", "gift_aid", "our_transfers")
            )
            if alike and other.state != ReportState.REJECTED:
                return other
    return None


def _is_unusual(now: int, before: Sequence[int]) -> bool:
    """Tell a figure, or a step from the last one, of more than three times the usual. `before` is newest first."""
    if now > _TIMES_THE_USUAL * before[0]:
        return True
    steps = [later - earlier for later, earlier in pairwise(before) if later > earlier]
    return len(steps) >= _LEAST_STEPS and now - before[0] > _TIMES_THE_USUAL * max(steps)


def _about_transfers(session: Session, appeal: Appeal, partner: Partner, report: PartnerReport) -> Iterator[Question]:
    known = transfers_to(session, partner.id)
    named = listed(report)
    if named is not None:
        missing = sorted(named - {transfer.reference for transfer, _ in known})
        for reference in missing:
            yield Question("reference_unknown", f"We know of no transfer with the reference {reference}.")
        yield from _after_the_figure(report, known, named)
    elif report.our_transfers == "all" and not known:
        says = "You say that money from other participants is in the figure; we know of none that was sent to you."
        yield Question("no_transfer_known", says)
    inside = contained(session, report)
    values = [(each, transfer_value(session, appeal, each, partner.currency)) for each in inside]
    for (transfer, _), value in values:
        if value is None:
            sent = show(Money(transfer.sent_minor, transfer.sent_currency))
            says = f"It is not known what {sent} ({transfer.reference}) came to in {partner.currency}."
            yield Question("transfer_value", says)
    less = sum(value or 0 for _, value in values)
    if less > figure_minor(report):
        says = f"The transfers in it come to {_amount(report, less)}, which is more than the figure itself."
        yield Question("below_zero", says)
    yield from _like_a_transfer(session, report, known, inside)


def _after_the_figure(report: PartnerReport, known: Sequence[Known], named: set[str]) -> Iterator[Question]:
    """Ask about transfers that a report names though they came after the day it is of; they are not taken from it."""
    for each in known:
        day = value_day(each)
        if each[0].reference in named and day > report.as_of:
            says = (
                f"You tick {each[0].reference}; as far as we know that money came on {day_said(day)}, "
                f"after {day_said(report.as_of)}, the day of the figure."
            )
            yield Question("later_transfer", says)


def _like_a_transfer(
    session: Session, report: PartnerReport, known: Sequence[Known], inside: Sequence[Known]
) -> Iterator[Question]:
    last = counted_report(session, report.partner_id)
    more = figure_minor(report) - (figure_minor(last) if last is not None and last.id != report.id else 0)
    if more <= 0:
        return
    for each in known:
        if each not in inside and value_minor(each, report.currency) == more:
            says = (
                f"The figure rises by {_amount(report, more)}, which is what another participant sent you on "
                f"{day_said(each[0].sent_on)} ({each[0].reference})."
            )
            yield Question("like_transfer", says)
            return


def _amount(report: PartnerReport, minor: int) -> str:
    return show(Money(minor, report.currency))
