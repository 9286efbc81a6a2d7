"""Differences as rows of a table, and what they come to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from fundraise.differences.tables import Difference, DifferenceState
from fundraise.showing.difference_words import words_for
from fundraise.showing.values import at, since
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.views.parts import Moment, Status
from fundraise.views.staff_parts import TotalsRow
from fundraise.views.staff_reconciliation_pages import DifferenceRow
from fundraise.web.staff.lists import counted, listed, signed

STATES: Final = {
    DifferenceState.OPEN: Status(word="Open", tone="needs_you"),
    DifferenceState.EXPLAINED: Status(word="Explained", tone="settled"),
    DifferenceState.FIXED: Status(word="Fixed", tone="settled"),
}


def difference_row(difference: Difference, accounts: Mapping[int, StripeAccount], now: datetime) -> DifferenceRow:
    """Return a difference as a row."""
    words = words_for(difference.code)
    amount = signed(difference.minor, difference.currency) if difference.minor is not None else ""
    return DifferenceRow(
        what=words.title,
        href=address_of(difference),
        account=accounts[difference.stripe_account_id].slug,
        reference=difference.object_id,
        ours=amount if words.side == "here" else "",
        theirs=amount if words.side == "there" else "",
        difference=amount,
        age=age(difference, now),
        status=STATES[DifferenceState(difference.state)],
        note=f"{difference.closed_by}: {difference.note}" if difference.state != DifferenceState.OPEN else "",
        is_one_sided=words.side != "both",
    )


def address_of(difference: Difference) -> str:
    """Return where a difference is decided: payments that are kept out of the books have pages of their own."""
    section = "quarantine" if difference.donation_id is not None else "differences"
    return f"/staff/{section}/{difference.id}"


def age(difference: Difference, now: datetime) -> Moment:
    """Return when a difference was found: how long ago for an open one."""
    if difference.state == DifferenceState.OPEN:
        return since(difference.first_seen_at, now)
    return at(difference.first_seen_at)


def difference_totals(sums: Mapping[str, int]) -> tuple[TotalsRow, ...]:
    """Return the sums under a table of differences."""
    return tuple(
        TotalsRow(label=f"Sum, {currency}", amounts=("", "", signed(minor, currency)))
        for currency, minor in sums.items()
    )


def said(differences: Iterable[Difference], sums: Mapping[str, int], now: datetime) -> str:
    """Return `3 differences, £212.40 unexplained, oldest 2 days`."""
    found = list(differences)
    parts = [counted(len(found), "difference")]
    if sums:
        parts.append(f"{listed(sums)} unexplained")
    oldest = since(min(each.first_seen_at for each in found), now).text
    parts.append("found just now" if oldest == "just now" else f"oldest {oldest}")
    return ", ".join(parts)
