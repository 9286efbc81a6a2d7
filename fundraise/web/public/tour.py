"""The demonstration's tour: what a newcomer can try in ten minutes, in order. It is there in a demonstration alone."""

from fastapi import APIRouter, Response

from fundraise.doors import PartsOf
from fundraise.views.parts import Link
from fundraise.views.tour_page import TourPage, TourStep
from fundraise.web.pages import answer

router = APIRouter()


@router.get("/tour")
def show_tour(parts: PartsOf) -> Response:
    """Show the tour."""
    stripe = Link(text="The local Stripe", href=f"{parts.settings.stripe_api_base}/_sandbox/")
    steps = (*_giving(), *_agreeing(stripe), _tomorrow(stripe), _combining(), _trouble(stripe))
    return answer(parts, "public/tour.html", TourPage(steps=steps))


def _giving() -> tuple[TourStep, ...]:
    return (
        TourStep(
            title="Give as a donor",
            sentences=(
                "Choose an amount and give with the card 4242 4242 4242 4242, any date to come, any three digits.",
                "You get a receipt, and a page of your own that says where your gift is. The campaign’s total moves "
                "while you watch it in another window.",
            ),
            links=(Link(text="A campaign", href="/c/walk-for-chechnya"),),
        ),
        TourStep(
            title="Ask what the number means",
            sentences=(
                "The appeal combines what several charities collected, each in its own currency. The headline says in "
                "words what it counts; the other stages stand beside it, and each line opens to its rate, its date "
                "and its evidence.",
            ),
            links=(Link(text="The whole appeal", href="/a/chechnya-2017"),),
        ),
    )


def _agreeing(stripe: Link) -> tuple[TourStep, ...]:
    bank = Link(text="Bank", href="/staff/statements")
    reconciliation = Link(text="Reconciliation", href="/staff/reconciliation")
    return (
        TourStep(
            title="Open the staff pages",
            sentences=(
                "The demonstration printed a link to them where it was started. It works once; starting again prints "
                "another. What needs a person stands first.",
            ),
            links=(Link(text="Staff pages", href="/staff"),),
        ),
        TourStep(
            title="Let the money reach the bank",
            sentences=(
                "In the local Stripe, move time on by a day, three times. Stripe pays out what was given, and the "
                "product’s clock follows.",
                "There, under Pride Society, download the bank statement (camt.053). Bring it to the bank page here, "
                "look at what it holds, and keep it. Bring it a second time: nothing is new.",
            ),
            links=(stripe, bank),
        ),
        TourStep(
            title="See that Stripe, the bank and the books agree",
            sentences=(
                "Press “Compare now”. Every movement at Stripe is compared with the books, every payout with its "
                "line at the bank. What agrees is one green line.",
            ),
            links=(reconciliation,),
        ),
    )


def _tomorrow(stripe: Link) -> TourStep:
    return TourStep(
        title="Let tomorrow come",
        sentences=(
            "Move time on by one more day. The night’s run reconciles by itself at ten past three, and the jobs page "
            "shows it.",
        ),
        links=(stripe, Link(text="Jobs", href="/staff/jobs")),
    )


def _combining() -> TourStep:
    return TourStep(
        title="Report as a partner charity",
        sentences=(
            "Open a partner, make its report link, and open that link as its treasurer would, on a phone. Type a new "
            "figure. One that is lower than last time, or holds money that another partner sent, is asked about "
            "before it counts.",
            "Then accept the report on the partner’s page and look at the appeal: the money counts once.",
        ),
        links=(Link(text="Partners", href="/staff/partners"),),
    )


def _trouble(stripe: Link) -> TourStep:
    return TourStep(
        title="Make trouble",
        sentences=(
            "In the local Stripe, set webhook deliveries to be lost, all of them, and refund a payment. The "
            "product hears nothing. Compare: the refund is found, named and booked, and the total falls by it. Stripe "
            "keeps its fee: where nothing else was given meanwhile, its balance is below zero, which is named too.",
            "Set deliveries back to none lost. Let a payout fail that was paid already, and compare again: it is "
            "named until its money is accounted for.",
        ),
        links=(stripe, Link(text="Reconciliation", href="/staff/reconciliation")),
    )
