"""What a comparison finds."""

from dataclasses import dataclass

from fundraise.money import Money


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as it is found: its identity is the code and the object."""

    code: str
    object_id: str
    amount: Money | None
    detail: str
