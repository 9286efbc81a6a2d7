"""Questions to which the sandbox and the real Stripe must give the same answers.

Each scenario takes a client and `until`, which asks again until the answer is there: with the sandbox's clock moved on,
or in real time. Nothing here depends on an account's prices or currency.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
import stripe

Answer = TypeVar("Answer")
Until = Callable[[Callable[[], Answer | None]], Answer]

CARD_ONLY = {"enabled": True, "allow_redirects": "never"}


def _pay(asking: stripe.StripeClient, card: str = "pm_card_visa", amount: int = 2_500) -> stripe.PaymentIntent:
    return asking.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "gbp",
            "confirm": True,
            "payment_method": card,
            "automatic_payment_methods": CARD_ONLY,
            "metadata": {"asked": "scenarios"},
            "expand": ["latest_charge"],
        }
    )


def _session(**more: Any) -> dict[str, Any]:
    product = {"currency": "gbp", "unit_amount": 2_500, "product_data": {"name": "Gift"}}
    return {
        "mode": "payment",
        "success_url": "https://example.org/thanks",
        "line_items": [{"quantity": 1, "price_data": product}],
        **more,
    }


def the_balance_transaction_comes_after_the_payment(asking: stripe.StripeClient, until: Until[Any]) -> None:
    charge = _pay(asking).latest_charge
    assert (charge.status, charge.paid, charge.captured, charge.metadata.to_dict()) == (
        "succeeded",
        True,
        True,
        {"asked": "scenarios"},
    )
    assert charge.balance_transaction is None
    row = until(lambda: asking.v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]}).balance_transaction)
    assert (row.type, row.reporting_category, row.source) == ("charge", "charge", charge.id)
    assert row.net == row.amount - row.fee
    assert row.fee == sum(one.amount for one in row.fee_details)
    assert row.available_on % 86_400 == 0
    updated = until(lambda: _event(asking, "charge.updated", charge.id))
    assert updated.data.previous_attributes.balance_transaction is None


def _event(asking: stripe.StripeClient, event_type: str, object_id: str) -> stripe.Event | None:
    found = asking.v1.events.list({"type": event_type, "limit": 50}).data
    return next((one for one in found if one.data.object.id == object_id), None)


def a_declined_card_leaves_a_failed_charge(asking: stripe.StripeClient, _until: Until[Any]) -> None:
    with pytest.raises(stripe.CardError) as declined:
        _pay(asking, "pm_card_visa_chargeDeclinedInsufficientFunds")
    error = declined.value
    assert (error.http_status, error.code, error.error.decline_code) == (402, "card_declined", "insufficient_funds")
    intent = error.error.payment_intent
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", "card_declined")
    charge = asking.v1.charges.retrieve(intent.latest_charge)
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, "card_declined")


def refunds_end_at_what_was_paid(asking: stripe.StripeClient, until: Until[Any]) -> None:
    charge = _pay(asking).latest_charge
    until(lambda: asking.v1.charges.retrieve(charge.id).balance_transaction)
    first = asking.v1.refunds.create({"charge": charge.id, "amount": 1_000, "expand": ["balance_transaction"]})
    row = first.balance_transaction
    assert (first.status, row.type, row.reporting_category, row.fee) == ("succeeded", "refund", "refund", 0)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount on charge"):
        asking.v1.refunds.create({"charge": charge.id, "amount": 1_501})
    asking.v1.refunds.create({"charge": charge.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        asking.v1.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_already_refunded"
    refunded = asking.v1.charges.retrieve(charge.id)
    assert (refunded.refunded, refunded.amount_refunded) == (True, 2_500)


def a_dispute_takes_amount_and_fee(asking: stripe.StripeClient, until: Until[Any]) -> None:
    charge = _pay(asking, "pm_card_createDispute").latest_charge
    dispute = until(lambda: next(iter(asking.v1.disputes.list({"charge": charge.id}).data), None))
    row = dispute.balance_transactions[0]
    assert (dispute.status, dispute.amount, dispute.is_charge_refundable) == ("needs_response", 2_500, False)
    assert (row.type, row.reporting_category) == ("adjustment", "dispute")
    assert row.fee > 0
    with pytest.raises(stripe.InvalidRequestError) as refused:
        asking.v1.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_disputed"
    assert asking.v1.disputes.close(dispute.id).status == "lost"


def a_session_opens_and_expires(asking: stripe.StripeClient, _until: Until[Any]) -> None:
    session = asking.v1.checkout.sessions.create(_session(metadata={"asked": "scenarios"}))
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert session.expires_at - session.created == 86_400
    assert session.url
    expired = asking.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError):
        asking.v1.checkout.sessions.expire(session.id)


def a_session_that_makes_no_sense_is_refused(asking: stripe.StripeClient, _until: Until[Any]) -> None:
    created = asking.v1.checkout.sessions.create(_session()).created
    for params, code, param in (
        (_session(sucess_url="x"), "parameter_unknown", "sucess_url"),
        (_session(payment_intent_data={"statment": "x"}), "parameter_unknown", "payment_intent_data[statment]"),
        (_session(expires_at=created + 60), None, "expires_at"),
        (_session(line_items=[{"price": "price_nope", "quantity": 1}]), "resource_missing", "line_items[0][price]"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            asking.v1.checkout.sessions.create(params)
        assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)


def a_key_gives_its_first_answer_again(asking: stripe.StripeClient, _until: Until[Any]) -> None:
    key = {"idempotency_key": str(uuid.uuid4())}
    first = asking.v1.customers.create({"name": "Ada"}, key)
    again = asking.v1.customers.create({"name": "Ada"}, key)
    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        asking.v1.customers.create({"name": "Bea"}, key)


def lists_are_newest_first_and_cut_by_cursors(asking: stripe.StripeClient, _until: Until[Any]) -> None:
    made = [asking.v1.customers.create({"name": name}).id for name in ("Ada", "Bea", "Cyd")]
    page = asking.v1.customers.list({"limit": 2})
    assert ([one.id for one in page], page.has_more) == (made[:0:-1], True)
    after = asking.v1.customers.list({"limit": 1, "starting_after": made[1]})
    assert [one.id for one in after] == [made[0]]
    before = asking.v1.customers.list({"limit": 1, "ending_before": made[1]})
    assert [one.id for one in before] == [made[2]]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        asking.v1.customers.list({"starting_after": "cus_nope"})
    assert (refused.value.http_status, refused.value.code) == (400, "resource_missing")


def what_is_not_there_is_404(asking: stripe.StripeClient, _until: Until[Any]) -> None:
    for ask, param in (
        (lambda: asking.v1.charges.retrieve("ch_nope"), "charge"),
        (lambda: asking.v1.balance_transactions.retrieve("txn_nope"), "id"),
        (lambda: asking.v1.refunds.create({"charge": "ch_nope"}), "id"),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="No such") as refused:
            ask()
        assert (refused.value.http_status, refused.value.code, refused.value.param) == (404, "resource_missing", param)
    with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
        asking.v1.balance_transactions.list({"payout": "po_nope"})
    _pay(asking)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        asking.v1.charges.list({"expand": ["data.currency"]})


SCENARIOS = (
    the_balance_transaction_comes_after_the_payment,
    a_declined_card_leaves_a_failed_charge,
    refunds_end_at_what_was_paid,
    a_dispute_takes_amount_and_fee,
    a_session_opens_and_expires,
    a_session_that_makes_no_sense_is_refused,
    a_key_gives_its_first_answer_again,
    lists_are_newest_first_and_cut_by_cursors,
    what_is_not_there_is_404,
)
