"""Staff pages about news that did not agree with what we had."""

from dataclasses import dataclass

from fundraise.views.parts import EmptyState, Pager
from fundraise.views.staff_parts import Answer, Comparison, Fact, Happening, PostAction, QueueItem, StaffFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePage:
    """`staff/quarantine.html`: news that did not agree with what we had, kept out of the books until somebody looks.

    Fields:
        frame: see `StaffFrame`.
        answer: "1 item, £35.00, waiting 3 hours."
        items: oldest first.
        empty: shown when there are none.
        pager: None when all are here.
        decided: what was decided last, newest first.
    """

    frame: StaffFrame
    answer: Answer
    items: tuple[QueueItem, ...]
    empty: EmptyState
    pager: Pager | None = None
    decided: tuple[QueueItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineItemPage:
    """`staff/quarantine_item.html`.

    Fields:
        frame: see `StaffFrame`.
        title: "A payment of £35.00 names a gift of £20.00".
        answer: what that means and what to do.
        comparisons: see `Comparison`.
        facts: ids, account, when it came.
        raw: what Stripe said, as text; "" leaves it out.
        actions: accept, set aside; each with a note.
        history: who did what, latest first.
    """

    frame: StaffFrame
    title: str
    answer: Answer
    comparisons: tuple[Comparison, ...]
    facts: tuple[Fact, ...]
    actions: tuple[PostAction, ...]
    history: tuple[Happening, ...] = ()
    raw: str = ""
