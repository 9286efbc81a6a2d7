"""Worlds in which anything happens in any order: the books add up, accounts stay apart, everything is by the spec."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import stripe

from fundraise.sandbox import ControlError, Sandbox
from fundraise.sandbox.objects.cards import CARDS
from tests.sandbox.driving import add_account, client, new_sandbox, session_params

CURRENCIES = ("gbp", "gbp", "eur", "usd", "jpy", "kwd")
STEPS = 120
DAY = 86_400


class RandomWorld:
    """Three accounts (one connected) and actions drawn at random; a refusal is as good an answer as any other."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.sandbox = new_sandbox(seed=seed)
        own = add_account(self.sandbox, settlement_currencies=["eur"])
        platform = add_account(self.sandbox, country="DE", default_currency="eur", payouts="manual")
        connected = add_account(self.sandbox, platform=platform["id"], delay_days=7)
        self.asking: dict[str, tuple[stripe.StripeClient, dict[str, Any]]] = {
            own["id"]: (client(self.sandbox, own["keys"][0]), {}),
            platform["id"]: (client(self.sandbox, platform["keys"][1]), {}),
            connected["id"]: (client(self.sandbox, platform["keys"][0]), {"stripe_account": connected["id"]}),
        }
        for asking, options in self.asking.values():
            asking.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]}, options)
        self.delivered: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    def step(self) -> None:
        actions: list[Callable[[], object]] = [
            self.gift, self.gift, self.gift, self.monthly, self.refund, self.dispute, self.end_dispute, self.payout,
            self.payout_by_hand, self.fail_payout, self.fail_refund, self.outside, self.fee, self.rate, self.wait,
            self.wait, self.post,
        ]  # fmt: skip
        action = self.random.choice(actions)
        try:
            action()
        except (stripe.InvalidRequestError, ControlError):
            self.done[f"{action.__name__} refused"] += 1
        else:
            self.done[action.__name__] += 1

    def _account(self) -> str:
        return self.random.choice(list(self.asking))

    def _any(self, what: str) -> str:
        asking, options = self.asking[self._account()]
        listed = getattr(asking.v1, what).list({"limit": 50}, options).data
        if not listed:
            raise ControlError("nothing there")
        return str(self.random.choice(listed).id)

    def gift(self) -> None:
        asking, options = self.asking[self._account()]
        params = session_params(self.random.randrange(1, 2_000) * 50, self.random.choice(CURRENCIES))
        session = asking.v1.checkout.sessions.create(params, options)
        for _ in range(self.random.randint(1, 3)):
            debit = len(session.payment_method_types) > 1 and self.random.random() < 0.25
            way = {"bank_debit": True, "outcome": self.random.choice(["succeeds", "fails"])}
            number = self.random.choice(list(CARDS))
            self.sandbox.control("pay", {"session": session.id, **(way if debit else {"card": number})})

    def monthly(self) -> None:
        asking, options = self.asking[self._account()]
        params = session_params(1000, "gbp", mode="subscription")
        params["line_items"][0]["price_data"]["recurring"] = {"interval": "week"}
        session = asking.v1.checkout.sessions.create(params, options)
        paid = self.sandbox.control("pay", {"session": session.id, "email": "ada@example.org"})
        if self.random.random() < 0.5:
            self.sandbox.control("decline-renewal", {"subscription": paid["subscription"], "times": 2})

    def refund(self) -> None:
        asking, options = self.asking[self._account()]
        charges = asking.v1.charges.list({"limit": 50}, options).data
        charge = self.random.choice([one for one in charges if one.paid] or [None])
        if charge is None:
            raise ControlError("nothing there")
        amount = self.random.randrange(1, charge.amount + 1)
        asking.v1.refunds.create({"charge": charge.id, "amount": amount}, options)

    def dispute(self) -> None:
        self.sandbox.control("dispute", {"charge": self._any("charges"), "do": self.random.choice(["open", "inquiry"])})

    def end_dispute(self) -> None:
        how = self.random.choice(["win", "lose", "escalate"])
        self.sandbox.control("dispute", {"dispute": self._any("disputes"), "do": how})

    def payout(self) -> None:
        self.sandbox.control("payout", {"account": self._account()})

    def payout_by_hand(self) -> None:
        asking, options = self.asking[self._account()]
        asking.v1.payouts.create({"amount": self.random.randrange(1, 5_000), "currency": "gbp"}, options)

    def fail_payout(self) -> None:
        self.sandbox.control("payout-fail", {"payout": self._any("payouts")})

    def fail_refund(self) -> None:
        self.sandbox.control("refund-fail", {"refund": self._any("refunds")})

    def outside(self) -> None:
        self.sandbox.control("external-charge", {"account": self._account(), "amount": 1_500})

    def fee(self) -> None:
        self.sandbox.control("stripe-fee", {"account": self._account(), "amount": 300})

    def rate(self) -> None:
        self.sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": f"0.{self.random.randrange(80, 95)}"})

    def wait(self) -> None:
        self.sandbox.advance(self.random.choice([3, 600, 3_600, DAY, 5 * DAY]))

    def post(self) -> None:
        self.sandbox.control(
            "deliveries",
            {"duplicate_rate": self.random.choice([0, 0.3]), "shuffle": self.random.random() < 0.5},
        )
        for delivery in self.sandbox.take_due_deliveries():
            arrived = self.random.random() < 0.7
            self.delivered[delivery.event_id] += arrived
            self.sandbox.delivery_result(delivery.id, 200 if arrived else None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_the_books_add_up(seed: int):
    world = RandomWorld(seed)
    for _ in range(STEPS):
        world.step()
        assert world.sandbox.check_books() == []
    assert len(world.done) > 15, "the world has to be lively"
    world.sandbox.control("deliveries", {"duplicate_rate": 0})
    seen: set[str] = set()
    for asking, options in world.asking.values():
        _balance_is_the_sum_of_its_rows(asking, options)
        _payouts_add_up(asking, options)
        ids = _newest_first_everywhere(asking, options)
        assert not ids & seen, "an object of one account was seen from another"
        seen |= ids
    _every_event_arrives_in_the_end(world)


def _balance_is_the_sum_of_its_rows(asking: stripe.StripeClient, options: dict[str, Any]) -> None:
    sums: Counter[str] = Counter()
    for row in asking.v1.balance_transactions.list({"limit": 100}, options).auto_paging_iter():
        sums[row.currency] += row.net
    balance = asking.v1.balance.retrieve({}, options)
    for one in balance.available:
        pending = sum(other.amount for other in balance.pending if other.currency == one.currency)
        assert one.amount + pending == sums[one.currency]


def _payouts_add_up(asking: stripe.StripeClient, options: dict[str, Any]) -> None:
    for payout in asking.v1.payouts.list({"limit": 100}, options).auto_paging_iter():
        if payout.automatic:
            rows = asking.v1.balance_transactions.list({"payout": payout.id, "limit": 100}, options)
            assert sum(row.net for row in rows.auto_paging_iter()) == 0


def _newest_first_everywhere(asking: stripe.StripeClient, options: dict[str, Any]) -> set[str]:
    v1 = asking.v1
    ids: set[str] = set()
    for service in (
        v1.charges, v1.payment_intents, v1.balance_transactions, v1.payouts, v1.refunds, v1.disputes, v1.customers,
        v1.invoices, v1.events, v1.checkout.sessions, v1.radar.early_fraud_warnings,
    ):  # fmt: skip
        rows = list(service.list({"limit": 100}, options).auto_paging_iter())
        assert [one.created for one in rows] == sorted((one.created for one in rows), reverse=True)
        assert len({one.id for one in rows}) == len(rows)
        ids |= {one.id for one in rows}
    return ids


def _every_event_arrives_in_the_end(world: RandomWorld) -> None:
    for _ in range(200):
        for delivery in world.sandbox.take_due_deliveries():
            world.delivered[delivery.event_id] += 1
            world.sandbox.delivery_result(delivery.id, 200)
        world.sandbox.advance(36_000)
        if not world.sandbox.world.post.open:
            break
    made = [
        event["id"]
        for account in world.asking
        for event in world.sandbox.control("events", {"account": account})["events"]
    ]
    lost = {one["event"] for one in world.sandbox.control("deliveries")["done"] if one["state"] == "failed"}
    assert [one for one in made if not world.delivered[one] and one not in lost] == []


def test_the_same_seed_makes_the_same_world():
    def told(seed: int) -> list[Any]:
        world = RandomWorld(seed)
        for _ in range(40):
            world.step()
        events = [world.sandbox.control("events", {"account": one})["events"] for one in sorted(world.asking)]
        # The SDK draws idempotency keys of its own, beside the seed.
        return [[{**one, "request": None} for one in of_account] for of_account in events]

    assert told(7) == told(7)
    assert told(7) != told(8)


def test_a_row_that_is_wrong_is_found(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    made = sandbox.control("external-charge", {"amount": 5000, "card": "4000000000000077"})
    sandbox.advance(5)
    payout = sandbox.control("payout")["id"]
    account = next(iter(sandbox.world.accounts.values()))
    row = account["balance_transactions"].where("source", made["charge"])[0]
    row["net"] += 1
    findings = " ".join(sandbox.check_books())
    assert "net is not amount less fee" in findings
    assert "its rows make" in findings
    assert f"{payout}: its rows do not add up to it" in findings
    row["net"] -= 1
    row["fee_details"][0]["amount"] += 1
    assert "fee details do not add up" in " ".join(sandbox.check_books())
    row["fee_details"][0]["amount"] -= 1
