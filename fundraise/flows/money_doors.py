"""Whether gifts are taken and settled: not while the books hold an entry that does not balance.

Such an entry cannot come about here; whatever made it, nothing more is to be built on it. The check of the books says
so in the record of its run, which every process on every host reads. Notices are kept meanwhile, and acted on once a
check is clean: ten minutes later by the timetable, or at once with `fundraise jobs run check`.
"""

from typing import Final

from sqlmodel import Session

from fundraise import plain
from fundraise.errors import Unavailable
from fundraise.ledger.check import UNBALANCED

# The job that checks the books, and how the record of its run begins when it found something.
CHECK: Final = "check"
BROKEN: Final = "BooksBroken: "
CLOSED: Final = "We are not taking gifts right now. Nothing was taken. Please come back a little later."

_LATEST: Final = (
    "SELECT error FROM job_run WHERE job = :job AND finished_at IS NOT NULL "
    "AND (error = '' OR substr(error, 1, :letters) = :broken) ORDER BY finished_at DESC LIMIT 1"
)


class DoorsClosed(Unavailable):
    """The books do not balance; nothing is taken or settled until they do."""

    code = "doors_closed"


def are_closed(session: Session) -> bool:
    """Tell whether the latest check of the books that came to an end found an entry that does not balance."""
    found = plain.ask(session, _LATEST, {"job": CHECK, "broken": BROKEN, "letters": len(BROKEN)})
    return bool(found) and f"{UNBALANCED}: " in found[0][0]


def require_open(session: Session) -> None:
    """Raise `DoorsClosed`, in words for a donor, while nothing is taken."""
    if are_closed(session):
        raise DoorsClosed(CLOSED)
