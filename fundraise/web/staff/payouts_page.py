"""The page of payouts under a filter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fundraise.figures.payouts import PAGE, SORTS, PayoutFacts, PayoutFilter, PayoutsFound, PayoutSums
from fundraise.showing.values import on_day
from fundraise.times import business_days_after, day_said
from fundraise.views.parts import EmptyState, Link, Status
from fundraise.views.staff_parts import Answer, FilterBar, FilterField, StaffFrame, TotalsRow
from fundraise.views.staff_payout_pages import PayoutRow, PayoutsPage
from fundraise.web.staff.lists import ListAddress, counted, iso, listed, options, pager, signed, sort_links

HOME: Final = "/staff/payouts"
_STATES: Final = (
    ("any", "All"),
    ("on_its_way", "On their way"),
    ("no_line", "Paid, no bank line"),
    ("in_the_bank", "In the bank"),
    ("failed", "Failed or cancelled"),
)
# So many business days a bank may take; then a payout without a line is looked for.
_PATIENCE_DAYS: Final = 5


def payouts_page(
    frame: StaffFrame, found: PayoutsFound, wanted: PayoutFilter, accounts: Sequence[str], now: datetime
) -> PayoutsPage:
    """Make the page."""
    address = ListAddress(
        HOME,
        {
            "state": wanted.state if wanted.state != "any" else "",
            "account": wanted.account,
            "from": iso(wanted.begins),
            "to": iso(wanted.ends),
            "q": wanted.words,
            "sort": wanted.sort if wanted.sort != "arrives" else "",
            "order": "" if wanted.descending else "up",
            "page": str(wanted.page) if wanted.page > 1 else "",
        },
    )
    return PayoutsPage(
        frame=frame,
        answer=_answer(found, now),
        filter_bar=_filter_bar(wanted, accounts),
        rows=tuple(_row(facts, now) for facts in found.rows),
        totals=tuple(_totals(currency, sums) for currency, sums in found.sums.items()),
        pager=pager(address, wanted.page, len(found.rows), found.count, PAGE),
        empty=_empty(wanted),
        sort=sort_links(address, SORTS, wanted.sort, descending=wanted.descending),
    )


def status_of(facts: PayoutFacts, now: datetime) -> Status:  # noqa: PLR0911  One word for each place it can be.
    """Return where a payout is, in a word or a few."""
    payout = facts.payout
    if payout.state == "failed":
        return Status(word="Failed after it was paid" if payout.was_paid else "Failed", tone="wrong")
    if payout.state == "canceled":
        return Status(word="Cancelled", tone="quiet")
    if not facts.adds_up:
        return Status(word="Lines do not add up", tone="wrong")
    if facts.line is not None:
        return Status(word="In the bank", tone="settled")
    if payout.state != "paid":
        return Status(word="On its way", tone="on_its_way")
    if not facts.bank_is_known:
        return Status(word="Paid, no bank account here", tone="quiet")
    if is_late(facts, now):
        return Status(word="No bank line", tone="needs_you")
    return Status(word="Paid, no bank line yet", tone="on_its_way")


def is_late(facts: PayoutFacts, now: datetime) -> bool:
    """Tell whether the bank should have shown a payout by now."""
    return business_days_after(facts.payout.arrives_on, _PATIENCE_DAYS) < now


def _answer(found: PayoutsFound, now: datetime) -> Answer:
    sent = listed({currency: sums.sent_minor for currency, sums in found.sums.items()})
    states = [status_of(facts, now) for facts in found.rows]
    wrong = sum(status.tone == "wrong" for status in states)
    waiting = sum(status.tone == "needs_you" for status in states)
    sentence = counted(found.count, "payout") + (f", {sent} sent." if sent else ".")
    if wrong:
        return Answer(sentence=f"{sentence} {wrong} on this page failed or do not add up.", tone="wrong")
    if waiting:
        return Answer(sentence=f"{sentence} {waiting} on this page should be in the bank by now.", tone="needs_you")
    if found.rows and all(status.tone == "settled" for status in states):
        return Answer(sentence=f"{sentence} All on this page add up and are in the bank.", tone="settled")
    return Answer(sentence=sentence)


def _filter_bar(wanted: PayoutFilter, accounts: Sequence[str]) -> FilterBar:
    fields = [
        FilterField(name="q", label="Payout or trace id", value=wanted.words),
        FilterField(name="state", label="State", kind="select", options=options(wanted.state, _STATES)),
    ]
    if len(accounts) > 1:
        pairs = [(slug, slug) for slug in accounts]
        fields.append(
            FilterField(
                name="account",
                label="Stripe account",
                kind="select",
                options=options(wanted.account, pairs, everything="All"),
            )
        )
    fields += [
        FilterField(name="from", label="Expected from", kind="date", value=iso(wanted.begins)),
        FilterField(name="to", label="to", kind="date", value=iso(wanted.ends)),
    ]
    plain = PayoutFilter(sort=wanted.sort, descending=wanted.descending, page=wanted.page)
    return FilterBar(action=HOME, fields=tuple(fields), clear_href=HOME if wanted != plain else "")


def _row(facts: PayoutFacts, now: datetime) -> PayoutRow:
    payout, sums, line = facts.payout, facts.sums, facts.line
    currency = payout.currency
    return PayoutRow(
        arrives=on_day(payout.arrives_on),
        reference=payout.stripe_id,
        href=f"{HOME}/{payout.stripe_id}",
        account=facts.account.slug,
        status=status_of(facts, now),
        gross=signed(sums.gifts_minor, currency) if payout.items_known else "",
        back=signed(sums.back_minor, currency) if sums.back_minor else "",
        fees=signed(sums.fees_minor, currency) if sums.fees_minor else "",
        amount=signed(payout.minor, currency),
        bank_line=Link(text=day_said(line.booked_on), href=f"/staff/lines/{line.id}") if line is not None else None,
        items_known=payout.items_known,
    )


def _totals(currency: str, sums: PayoutSums) -> TotalsRow:
    amounts = (sums.gifts_minor, sums.back_minor, sums.fees_minor, sums.sent_minor)
    return TotalsRow(label=f"Sent, {currency}", amounts=tuple(signed(minor, currency) for minor in amounts))


def _empty(wanted: PayoutFilter) -> EmptyState:
    if wanted == PayoutFilter():
        return EmptyState(sentence="No payout yet. Stripe sends the first one a few days after the first gift.")
    return EmptyState(sentence="No payout fits this filter.", action=Link(text="Show all", href=HOME))
