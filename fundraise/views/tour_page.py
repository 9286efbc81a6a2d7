"""The demonstration's tour: what to try, in order."""

from dataclasses import dataclass

from fundraise.views.parts import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStep:
    """Something to try.

    Fields:
        title: what it shows, "Give as a donor".
        sentences: what to do and what to look at, a paragraph each.
        links: where to do it.
    """

    title: str
    sentences: tuple[str, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TourPage:
    """`public/tour.html` at `/tour`, in a demonstration only.

    Fields:
        steps: in the order in which they build on each other.
    """

    steps: tuple[TourStep, ...]
