"""Lists: newest first, cut by cursors, times and fields, the same whichever way they are walked."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from fundraise.sandbox import Sandbox
from fundraise.sandbox.tables import Query, Table
from tests.sandbox.driving import paid_charge

ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.booleans()), max_size=25)


def _table(rows: list[tuple[int, str, bool]]) -> Table:
    table, moment = Table("thing", ("kind",)), 100
    for number, (wait, kind, odd) in enumerate(rows):
        moment += wait
        table.add({"id": f"t_{number}", "created": moment, "kind": kind, "odd": odd})
    return table


@settings(max_examples=150, deadline=None)
@given(
    rows=ROWS,
    limit=st.integers(1, 7),
    equals=st.fixed_dictionaries({}, optional={"kind": st.sampled_from("abc"), "odd": st.booleans()}),
    created=st.dictionaries(st.sampled_from(["gt", "gte", "lt", "lte"]), st.integers(98, 130), max_size=2),
)
def test_every_walk_through_a_table_gives_what_a_plain_filter_gives(
    rows: list[tuple[int, str, bool]], limit: int, equals: dict[str, Any], created: dict[str, int]
):
    table = _table(rows)
    tests = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
    expected = [
        row
        for row in reversed(table.rows)
        if all(row[name] == value for name, value in equals.items())
        and all(tests[name](row["created"], bound) for name, bound in created.items())
    ]
    down, cursor, more = [], None, True
    while more:
        page, more = table.page(Query(limit=limit, equals=equals, created=created, starting_after=cursor))
        assert len(page) <= limit
        down += page
        cursor = page[-1]["id"] if page else None
    assert down == expected

    up: list[Any] = []
    cursor, more = (expected[-1]["id"] if expected else None), bool(expected)
    while more:
        page, more = table.page(Query(limit=limit, equals=equals, created=created, ending_before=cursor))
        up = page + up
        cursor = page[0]["id"] if page else None
    assert [*up, *expected[-1:]] == expected


def test_an_indexed_field_may_change_and_a_deleted_row_is_gone():
    table = _table([(1, "a", False), (1, "b", False)])
    table.set(table.get("t_0"), "kind", "b")
    table.get("t_1")["_deleted"] = True
    assert [row["id"] for row in table.page(Query(equals={"kind": "b"}))[0]] == ["t_0"]
    assert table.page(Query(equals={"kind": "a"})) == ([], False)


class CountingRows(list[Any]):
    """A list that counts how often one of its rows is looked at."""

    looked = 0

    def __getitem__(self, position: Any) -> Any:
        self.looked += 1
        return super().__getitem__(position)


@pytest.mark.parametrize(
    "query",
    [
        Query(limit=100),
        Query(limit=100, starting_after="t_50000"),
        Query(limit=100, ending_before="t_50000"),
        Query(limit=100, equals={"kind": "b"}, starting_after="t_50000"),
        Query(limit=100, created={"gte": 40_000, "lt": 60_000}),
        Query(limit=100, equals={"kind": "none"}),
    ],
)
def test_a_page_of_a_hundred_thousand_rows_looks_at_few(query: Query):
    table = Table("thing", ("kind",))
    for number in range(100_000):
        table.add({"id": f"t_{number}", "created": number, "kind": "abc"[number % 3]})
    table.rows = CountingRows(table.rows)
    table.page(query)
    assert table.rows.looked < 110


def test_balance_transactions_by_every_filter(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charges = [paid_charge(sandbox, stripe_client, 1000 * number) for number in (1, 2, 3)]
    rows = stripe_client.v1.balance_transactions
    sandbox.control("refund", {"charge": charges[0]})
    sandbox.control("stripe-fee", {"amount": 250})
    assert [one.type for one in rows.list()] == ["stripe_fee", "refund", "charge", "charge", "charge"]
    assert [one.source for one in rows.list({"type": "charge"})] == charges[::-1]
    assert [one.amount for one in rows.list({"source": charges[1]})] == [2000]
    assert rows.list({"currency": "eur"}).data == []
    assert len(rows.list({"currency": "gbp"}).data) == 5
    second = rows.list({"source": charges[1]}).data[0]
    assert [one.source for one in rows.list({"created": {"gte": second.created}, "type": "charge"})] == charges[:0:-1]
    assert [one.id for one in rows.list({"created": second.created})] == [second.id]
    first = rows.list({"limit": 2})
    assert first.has_more is True
    assert [one.id for one in rows.list({"ending_before": first.data[1].id})] == [first.data[0].id]
    assert len(list(rows.list({"limit": 2}).auto_paging_iter())) == 5


def test_a_disputes_id_finds_no_rows(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000)
    dispute = sandbox.control("dispute", {"charge": charge})
    assert stripe_client.v1.balance_transactions.list({"source": dispute["id"]}).data == []


@pytest.mark.parametrize(
    ("expand", "read"),
    [
        (["data.source"], lambda row: row.source.object),
        (["data.source.payment_intent.latest_charge"], lambda row: row.source.payment_intent.latest_charge.object),
        (["data.source.refunds"], lambda row: row.source.refunds.data[0].object),
    ],
)
def test_ids_are_expanded_along_any_path(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, expand: list[str], read: Any
):
    charge = paid_charge(sandbox, stripe_client, 5000)
    sandbox.control("refund", {"charge": charge, "amount": 100})
    row = stripe_client.v1.balance_transactions.list({"type": "charge", "expand": expand}).data[0]
    assert read(row) in {"charge", "refund"}
    # What is expanded in a reply stays an id in the sandbox.
    assert stripe_client.v1.balance_transactions.list({"type": "charge"}).data[0].source == charge


def test_what_a_session_sells_is_shown_when_asked_for(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    paid_charge(sandbox, stripe_client, 5000)
    session = stripe_client.v1.checkout.sessions.list({"expand": ["data.line_items", "data.payment_intent"]}).data[0]
    assert session.line_items.data[0].description == "Gift to the winter appeal"
    assert session.payment_intent.status == "succeeded"
    product = stripe_client.v1.checkout.sessions.line_items.list(session.id, {"expand": ["data.price.product"]}).data[0]
    assert product.price.product.name == "Gift to the winter appeal"
