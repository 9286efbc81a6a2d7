"""The page of donations under a filter."""

from typing import Final

from fundraise.donations.tables import DonationState
from fundraise.figures.donation_list import (
    PAGE,
    SORTS,
    Choices,
    DonationFacts,
    DonationFilter,
    DonationsFound,
    DonationSums,
)
from fundraise.money import Money, show
from fundraise.showing.values import at, on_day, reference
from fundraise.views.parts import EmptyState, Link, Status
from fundraise.views.staff_donation_pages import DonationRow, DonationsPage
from fundraise.views.staff_parts import Answer, FilterBar, FilterField, StaffFrame, TotalsRow
from fundraise.web.staff.lists import ListAddress, counted, iso, listed, options, pager, signed, sort_links

HOME: Final = "/staff/donations"
_STATES: Final = (
    ("paid", "Paid"),
    ("processing", "On their way"),
    ("refunded", "Refunded"),
    ("disputed", "Disputed"),
    ("unpaid", "Begun, not paid"),
    ("any", "All, paid or not"),
)
_WORDS: Final = {
    DonationState.CREATED: Status(word="Begun", tone="quiet"),
    DonationState.OPENED: Status(word="Not paid yet", tone="quiet"),
    DonationState.PROCESSING: Status(word="On its way", tone="on_its_way"),
    DonationState.EXPIRED: Status(word="Not paid", tone="quiet"),
    DonationState.FAILED: Status(word="Failed", tone="quiet"),
}


def donations_page(frame: StaffFrame, found: DonationsFound, wanted: DonationFilter, offered: Choices) -> DonationsPage:
    """Make the page."""
    address = _address(wanted)
    return DonationsPage(
        frame=frame,
        answer=_answer(found, wanted),
        filter_bar=_filter_bar(wanted, offered),
        rows=tuple(_row(facts) for facts in found.rows),
        totals=tuple(_totals(currency, sums) for currency, sums in found.sums.items()),
        pager=pager(address, wanted.page, len(found.rows), found.count, PAGE),
        empty=_empty(wanted),
        sort=sort_links(address, SORTS, wanted.sort, descending=wanted.descending),
        export=Link(text="Download a period", href="/staff/reconciliation#export"),
    )


def _address(wanted: DonationFilter) -> ListAddress:
    values = {
        "state": wanted.state if wanted.state != "paid" else "",
        "campaign": wanted.campaign,
        "event": wanted.event,
        "charity": wanted.charity,
        "from": iso(wanted.begins),
        "to": iso(wanted.ends),
        "q": wanted.words,
        "sort": wanted.sort if wanted.sort != "when" else "",
        "order": "" if wanted.descending else "up",
        "page": str(wanted.page) if wanted.page > 1 else "",
    }
    return ListAddress(HOME, values)


def _answer(found: DonationsFound, wanted: DonationFilter) -> Answer:
    paid = listed({currency: sums.paid_minor for currency, sums in found.sums.items() if sums.paid_minor})
    sentence = counted(found.count, "donation") + (f", {paid} paid." if paid else ".")
    detail = "Amounts are what donors were charged. Refunds are shown beside each gift and are not taken off the sums."
    return Answer(sentence=sentence, detail=detail if wanted.state in {"paid", "any", "refunded"} and paid else "")


def _filter_bar(wanted: DonationFilter, offered: Choices) -> FilterBar:
    fields = [
        FilterField(name="q", label="Name, e-mail or reference", value=wanted.words),
        FilterField(name="state", label="State", kind="select", options=options(wanted.state, _STATES)),
        FilterField(
            name="campaign",
            label="Campaign",
            kind="select",
            options=options(wanted.campaign, offered.campaigns, everything="All"),
        ),
    ]
    if offered.events:
        fields.append(
            FilterField(
                name="event",
                label="Event",
                kind="select",
                options=options(wanted.event, offered.events, everything="All, or none"),
            )
        )
    if len(offered.charities) > 1:
        fields.append(
            FilterField(
                name="charity",
                label="For",
                kind="select",
                options=options(wanted.charity, offered.charities, everything="All"),
            )
        )
    fields += [
        FilterField(name="from", label="From", kind="date", value=iso(wanted.begins)),
        FilterField(name="to", label="To", kind="date", value=iso(wanted.ends)),
    ]
    plain = DonationFilter(sort=wanted.sort, descending=wanted.descending, page=wanted.page)
    return FilterBar(action=HOME, fields=tuple(fields), clear_href=HOME if wanted != plain else "")


def _row(facts: DonationFacts) -> DonationRow:
    donation, settlement, payout = facts.donation, facts.settlement, facts.payout
    when = donation.paid_at or donation.created_at
    return DonationRow(
        when=at(when),
        reference=reference(donation),
        href=f"{HOME}/{donation.ref}",
        campaign=facts.campaign.title,
        status=_status(facts),
        amount=show(Money(donation.total_minor, donation.currency)),
        fee=signed(settlement.fee_minor, settlement.currency) if settlement is not None else "",
        net=signed(settlement.net_minor, settlement.currency) if settlement is not None else "",
        payout=Link(text=on_day(payout.arrives_on).text, href=f"/staff/payouts/{payout.stripe_id}")
        if payout is not None
        else None,
        note=", ".join(_notes(facts)),
        is_paid=donation.state == DonationState.PAID,
    )


def _status(facts: DonationFacts) -> Status:
    donation = facts.donation
    if donation.state != DonationState.PAID:
        return _WORDS[DonationState(donation.state)]
    if facts.is_lost:
        return Status(word="Taken back", tone="quiet")
    if facts.returned_minor >= donation.total_minor:
        return Status(word="Refunded", tone="quiet")
    if facts.is_disputed:
        return Status(word="Disputed", tone="wrong")
    if facts.payout is not None and facts.payout.state == "paid":
        return Status(word="Paid out", tone="settled")
    return Status(word="Paid", tone="settled")


def _notes(facts: DonationFacts) -> list[str]:
    donation = facts.donation
    notes = []
    if facts.is_double:
        notes.append("likely a double")
    if facts.event is not None:
        notes.append(facts.event.title)
    if 0 < facts.returned_minor < donation.total_minor:
        notes.append(f"{show(Money(facts.returned_minor, donation.currency))} refunded")
    return notes


def _totals(currency: str, sums: DonationSums) -> TotalsRow:
    amounts = (
        signed(sums.paid_minor, currency) if sums.paid_minor else "",
        signed(sums.fee_minor, currency) if sums.fee_minor is not None else "",
        signed(sums.net_minor, currency) if sums.net_minor is not None else "",
    )
    return TotalsRow(label=f"Paid, {currency}", amounts=amounts)


def _empty(wanted: DonationFilter) -> EmptyState:
    if wanted == DonationFilter():
        return EmptyState(sentence="No gift was paid yet. The first one appears here a moment after it is.")
    return EmptyState(sentence="No donation fits this filter.", action=Link(text="Show all", href=HOME))
