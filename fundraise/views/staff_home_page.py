"""The page that staff see first: what needs them, and what is fine."""

from dataclasses import dataclass

from fundraise.views.parts import Link
from fundraise.views.staff_parts import Answer, Light, QueueItem, StaffFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffHomePage:
    """`staff/home.html` at `/staff`.

    Fields:
        frame: see `StaffFrame`.
        answer: "2 things need you, £212.40 unexplained, oldest 2 days."
        queue: what needs a person, most pressing first.
        lights: one for each Stripe and bank account.
        fine: what is fine, a short line each: "Books balance in 3 currencies".
        queue_more: to the rest of the queue; None when all of it is here.
    """

    frame: StaffFrame
    answer: Answer
    queue: tuple[QueueItem, ...]
    lights: tuple[Light, ...]
    fine: tuple[str, ...] = ()
    queue_more: Link | None = None
