"""Pages that say what went wrong and what to do."""

from dataclasses import dataclass

from fundraise.views.parts import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """Every template in `errors/`; its words are in the template, so that it can be drawn when all else fails.

    Fields:
        sentence: replaces the template's own first sentence where the refusal can be said more exactly; "" keeps it.
        back: where the reader came from or can go on: the campaign, the form; None offers the front page.
        reference: "quote this if you write to us"; kept in the log beside the cause; "" hides it.
        wait: for 429 and 503, "2 minutes"; "" leaves the time out.
        is_payment: for 500 and 503: the reader was about to pay. The page then says that nothing was taken.
    """

    sentence: str = ""
    back: Link | None = None
    reference: str = ""
    wait: str = ""
    is_payment: bool = False
