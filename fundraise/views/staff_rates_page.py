"""The staff page about exchange rates."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fundraise.views.parts import Moment
from fundraise.views.staff_parts import Answer, PostAction, StaffFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSheetRow:
    """What a publisher said for a day or a month.

    Fields:
        day: the day, or the first of the month.
        source: who published it.
        count: how many rates, "31".
        file: the file it came in.
        fingerprint: the first characters of that file's SHA-256.
        who: who brought it and when.
    """

    day: Moment
    source: str
    count: str
    file: str
    fingerprint: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesPage:
    """`staff/rates.html`. The form sends `file`.

    Fields:
        frame: see `StaffFrame`.
        answer: how new the rates are.
        rows: the newest sheets of each publisher.
        action: address the form posts to.
        actions: keeping what was installed along, while there is nothing.
        errors: message by field name.
    """

    frame: StaffFrame
    answer: Answer
    rows: tuple[RateSheetRow, ...]
    action: str
    actions: tuple[PostAction, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
