"""What donors, Stripe, the clock and the timetable do in a sequence: one function for each, with its weight."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fundraise.sandbox.messages import ControlError
from fundraise.sandbox.post import Delivery, signature
from tests.soak.town import CAMPAIGN, SECRET, SLUG
from tests.soak.truth import Promise

if TYPE_CHECKING:
    from tests.soak.sequence import Life

ACTS: Final[list[tuple[int, Callable[["Life"], None]]]] = []
AMOUNTS: Final = ("2", "3.33", "5", "10", "25.50", "50", "100", "999.99")
EMAILS: Final = ("", "", "mara@example.org", "jo@example.com", "sam@example.net")


@dataclass
class Form:
    """A giving form as a donor filled it; sent again it is the same form."""

    fields: dict[str, str]


@dataclass
class Page:
    """A payment page that a donor was sent to, and the address of their own page."""

    session: str
    own: str


def act(weight: int) -> Callable[[Callable[["Life"], None]], Callable[["Life"], None]]:
    def add(function: Callable[["Life"], None]) -> Callable[["Life"], None]:
        ACTS.append((weight, function))
        return function

    return add


# --- donors -----------------------------------------------------------------------------------------------------


@act(12)
def give(life: "Life") -> None:
    """Fill in the form and send it, perhaps with two clicks."""
    dice = life.dice
    token = f"token{len(life.forms):04d}"
    if dice.random() < 0.15:
        life.house.knock("GET", f"/c/{CAMPAIGN}")
    fields = {"token": token, "amount": dice.choice(AMOUNTS), "email": dice.choice(EMAILS)}
    if dice.random() < 0.15:
        fields["currency"] = "EUR"
    # Without a rate nobody knows what the fee is in euros, and the form says so.
    if dice.random() < 0.3 and "currency" not in fields:
        fields["cover_fee"] = "1"
    form = Form(fields)
    life.forms.append(form)
    send(life, form)
    if dice.random() < 0.15:
        send(life, form)


@act(4)
def send_again(life: "Life") -> None:
    """Send a form again: as it was, or with another amount."""
    if not life.forms:
        return
    form = life.dice.choice(life.forms[-3:])
    if life.dice.random() < 0.3:
        form.fields = {**form.fields, "amount": life.dice.choice(AMOUNTS)}
    send(life, form)


def send(life: "Life", form: Form) -> None:
    answer = life.house.knock("POST", f"/c/{CAMPAIGN}/give", form=form.fields)
    life.tell(f"      form {form.fields} → {answer.status} {answer.headers.get('location', '')[:60]}")
    if answer.status in {0, 303, 500, 503}:
        where = answer.headers.get("location", "")
        if "/c/pay/" in where:
            life.arrived(form, where.rpartition("/")[2])
        return
    life.fail(f"the form was answered {answer.status}: {answer.text[:300]}")


CARDS: Final = ("4242424242424242",) * 8 + ("4000000000007726", "4000000000005126", "4000000000000002")


@act(18)
def pay(life: "Life") -> None:
    """Pay on an open page: by card (good, declined, with refunds that wait or fail) or by bank debit."""
    page = life.pick([page for page in life.pages if life.is_open(page.session)])
    if page is None:
        return
    how: dict[str, Any] = {"card": life.dice.choice(CARDS)}
    if life.dice.random() < 0.2:
        how = {"bank_debit": True, "outcome": life.dice.choice(("succeeds", "fails"))}
    life.stripe("pay", session=page.session, **how)


@act(4)
def look_at_own_page(life: "Life") -> None:
    """Come back from paying, or look where the gift is."""
    page = life.pick(life.pages)
    if page is not None:
        where = life.dice.choice(("/thanks", "/thanks", "", "/receipt"))
        answer = life.house.knock("GET", page.own + where)
        if answer.status not in {0, 200, 404, 500, 503}:
            life.fail(f"{where} was answered {answer.status}")


@act(1)
def change_own_gift(life: "Life") -> None:
    """Change what others see, or ask for the receipt once more."""
    page = life.pick(life.pages)
    if page is not None and life.dice.random() < 0.5:
        life.house.knock("POST", f"{page.own}/visibility", form={"name": "Mara", "show_name": "1"})
    elif page is not None:
        life.receipts_asked_for += 1
        life.house.knock("POST", f"{page.own}/receipt/send", form={})


# --- Stripe -----------------------------------------------------------------------------------------------------


@act(14)
def deliver(life: "Life") -> None:
    """Hand over every webhook that is due."""
    for delivery in life.sandbox.take_due_deliveries():
        life.delivered += 1
        hand_over(life, delivery)


def hand_over(life: "Life", delivery: Delivery) -> None:
    answer = life.house.knock("POST", f"/webhooks/stripe/{SLUG}", body=delivery.body, headers=delivery.headers)
    life.tell(f"      {delivery.event_type} {delivery.event_id} → {answer.status}")
    life.sandbox.delivery_result(delivery.id, answer.status or None)
    if answer.status == 200:
        life.acknowledged.append(delivery)


@act(5)
def refund(life: "Life") -> None:
    """Give money back, in part or all of it."""
    charge = life.pick(life.charges())
    if charge is None:
        return
    left = charge["amount"] - charge["amount_refunded"]
    part = life.dice.choice((left, left, max(1, left // 3), max(1, left // 2)))
    life.stripe("refund", charge=charge["id"], amount=part)


@act(2)
def fail_refund(life: "Life") -> None:
    """Let a refund not reach its donor."""
    row = life.pick([row for row in life.rows("refunds") if row["status"] in {"pending", "succeeded"}])
    if row is not None:
        life.stripe("refund-fail", refund=row["id"])


@act(3)
def open_dispute(life: "Life") -> None:
    """Let a donor's bank ask for the money back, or ask questions first."""
    charge = life.pick([row for row in life.charges() if row["amount"] > row["amount_refunded"]])
    if charge is not None:
        life.stripe("dispute", do=life.dice.choice(("open", "open", "inquiry")), charge=charge["id"])


@act(3)
def move_dispute(life: "Life") -> None:
    """Escalate an inquiry, win a dispute, or lose it."""
    row = life.pick(life.rows("disputes"))
    if row is not None:
        life.stripe("dispute", do=life.dice.choice(("escalate", "win", "lose")), dispute=row["id"])


@act(2)
def pay_out(life: "Life") -> None:
    """Send what is available to the bank."""
    life.stripe("payout", currency="gbp")


@act(1)
def fail_payout(life: "Life") -> None:
    """Let the bank refuse a payout."""
    row = life.pick([row for row in life.rows("payouts") if row["status"] != "failed"])
    if row is not None:
        life.stripe("payout-fail", payout=row["id"])


@act(1)
def other_movements(life: "Life") -> None:
    """Move money that is no gift of ours, or the rate."""
    what = life.dice.choice(("charge", "fee", "rate", "rate"))
    if what == "charge":
        life.stripe("external-charge", amount=life.dice.choice((500, 1234)))
    elif what == "fee":
        life.stripe("stripe-fee", amount=life.dice.choice((25, 199)))
    else:
        life.stripe("fx-rate", pair="eur/gbp", rate=life.dice.choice(("0.8400", "0.8612", "0.8777")))


@act(3)
def forge_payment(life: "Life") -> None:
    """Pay on a page made elsewhere under a reference of ours: with another amount, or in the other mode."""
    page = life.pick(life.pages[-4:])
    if page is None:
        return
    session = life.sandbox.world.accounts[life.town.account]["sessions"].get(page.session)
    if session["status"] != "open":
        return
    is_live = life.dice.random() < 0.5
    made = life.stripe("external-charge", amount=session["amount_total"] + (0 if is_live else 100),
                       currency=session["currency"])  # fmt: skip
    if made is None:
        return
    account = life.sandbox.world.accounts[life.town.account]
    intent = account["payment_intents"].get(made["payment_intent"])
    intent["metadata"] = {**session["metadata"]}
    intent["livemode"] = is_live
    life.forged[made["charge"]] = "MODE_MIX" if is_live else "AMOUNT_MISMATCH"
    life.tell(f"      forged {life.forged[made['charge']]} {made['charge']} for {page.session}")


@act(1)
def send_live_event(life: "Life") -> None:
    """Send a properly signed event of the live mode to an account of the test mode."""
    told = life.pick(life.rows("events"))
    if told is None:
        return
    life.live_events += 1
    event = {**told, "id": f"evt_live_{life.live_events}", "livemode": True, "data": json.loads(told["_data"])}
    body = json.dumps({name: value for name, value in event.items() if name[0] != "_"}).encode()
    headers = {"stripe-signature": signature(body, [SECRET], life.sandbox.world.clock.now())}
    life.house.knock("POST", f"/webhooks/stripe/{SLUG}", body=body, headers=headers)


@act(2)
def be_unwell(life: "Life") -> None:
    """Let Stripe's next calls fail, before or after they were carried out."""
    kind = life.dice.choice(("status", "status", "disconnect"))
    fault = {"kind": kind, "times": life.dice.choice((1, 2, 5)), "after": life.dice.random() < 0.6}
    if kind == "status":
        fault["status"] = life.dice.choice((500, 503, 429, 409))
        fault["after"] = fault["after"] and fault["status"] >= 500
    life.stripe("fault", **fault)


@act(1)
def refuse_letters(life: "Life") -> None:
    """Let the mail server refuse the next letters."""
    life.house.post_office.refuses = life.dice.choice((1, 3))


# --- time ---------------------------------------------------------------------------------------------------------

JUMPS: Final = (
    *(1, 2, 5, 10, 10, 10, 60, 60, 300, 700, 700, 3_600, 3_600, 86_400, 3 * 86_400, 8 * 86_400),
    33 * 86_400,
)


@act(12)
def wait(life: "Life") -> None:
    """Let time pass, seconds or weeks."""
    seconds = life.dice.choice(JUMPS[:-1] if life.dice.random() < 0.9 else JUMPS)
    life.tell(f"      {seconds} s pass")
    life.sandbox.advance(seconds)


@act(1)
def misset_the_clock(life: "Life") -> None:
    """Set the product's clock wrong, or right again."""
    life.house.clock.skew_seconds = life.dice.choice((0, 0, -3_600, -200, 200, 3_600))


@act(10)
def act_on_notices(life: "Life") -> None:
    """Run the inbox: because a commit woke it, or by the timetable."""
    _run(life, "inbox")


@act(4)
def send_letters(life: "Life") -> None:
    """Send the letters that wait."""
    _run(life, "outbox")


@act(4)
def run_a_job(life: "Life") -> None:
    """Run one of the rarer jobs."""
    _run(life, life.dice.choice(("sweep", "sweep", "check", "catch-up", "reconcile", "reconcile")))


def _run(life: "Life", name: str) -> None:
    if life.dice.random() < 0.6:
        life.house.job_now(name)
    else:
        life.house.job(name)


# What may happen between a call to Stripe and what the product does with its answer.
BETWEEN: Final[Sequence[Callable[["Life"], None]]] = (refund, fail_refund, open_dispute, move_dispute, pay, wait)


def quietly(life: "Life", action: str, details: dict[str, Any]) -> Any:
    """Do something at Stripe; what Stripe would refuse is not done."""
    try:
        done = life.sandbox.control(action, details)
    except ControlError as refusal:
        life.tell(f"      Stripe: {action} {details}: {refusal}")
        return None
    life.tell(f"      Stripe: {action} {details}")
    return done


__all__ = ["ACTS", "BETWEEN", "Form", "Page", "Promise", "quietly"]
