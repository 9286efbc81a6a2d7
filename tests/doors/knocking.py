"""Knocking at the doors as nobody should, and seeing that nothing came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
from sqlalchemy import text
from starlette.types import Message, Scope

from tests.doors.reading import Shown, shown
from tests.world import World, token_in

TABLES = ("donation", "donation_step", "donor", "inbox_notice", "letter", "receipt", "difference", "ledger_line")
# What would tell somebody how we are built, or let them in.
INSIDE = (
    "Traceback", "Exception", "sqlalchemy", "psycopg", "sqlite", "site-packages", "fundraise/", "SELECT ",
    "sk_test_", "whsec_", "cs_test_", "acct_", "starlette", "pydantic",
)  # fmt: skip
HONEST = {
    "amount": "20",
    "currency": "GBP",
    "email": "mara@example.org",
    "name": "Mara Lindqvist",
    "message": "Warm beds for everybody.",
    "show_name": "1",
    "show_amount": "1",
}


def traces(world: World) -> dict[str, int]:
    """Count everything that a knock could leave behind: our rows, and calls at Stripe."""
    with world.parts.db.read() as session:
        rows = {table: int(session.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()) for table in TABLES}
    return {**rows, "calls at Stripe": len(world.sandbox.control("requests")["requests"])}


def rows(world: World, question: str) -> list[tuple[Any, ...]]:
    """Ask the database."""
    with world.parts.db.read() as session:
        return [tuple(row) for row in session.execute(text(question))]


def says_nothing_of_the_inside(answer: httpx.Response) -> None:
    """Hold an answer against what would show how we are built."""
    told = answer.text + str(sorted(answer.headers.items()))
    assert [word for word in INSIDE if word in told] == []


def open_form(world: World, slug: str = "winter") -> str:
    """Open a campaign's page; return its form's token."""
    return token_in(world.donor.get(f"/c/{slug}").text)


def refused_beside_its_field(
    world: World, slug: str, typed: Mapping[str, str], where: str, words: str, status: int = 422
) -> Shown:
    """Send a form that will not do; see the message beside its field, all that was typed, and that nothing came of it.

    `where` is "form" for what belongs to no field; it then stands at the top alone.
    """
    sent = {"token": open_form(world, slug), **typed}
    before = traces(world)
    answer = world.donor.post(f"/c/{slug}/give", data=sent)
    assert answer.status_code == status, answer.text
    page = shown(answer.text)
    assert words in page.summary.get(where, ""), page.summary
    if where != "form":
        assert words in page.beside.get(where, ""), page.beside
        assert list(page.beside) == [where]
    assert typed_is_kept(page, sent) == {}
    says_nothing_of_the_inside(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert traces(world) == before
    return page


def typed_is_kept(page: Shown, sent: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what differs between what was sent and what stands in the fields now; a cleared event is no loss."""
    return {
        name: (value, page.values.get(name, ""))
        for name, value in sent.items()
        if name in page.values and name not in {"currency", "charity", "event", "choice"}
        if page.values[name] != value
    } | {
        name: (sent[name], page.values.get(name, ""))
        for name in ("show_name", "show_amount", "show_message", "cover_fee", "amount", "name", "email", "message")
        if sent.get(name, "") and page.values.get(name, "") != sent[name]
    }


@dataclass
class Heard:
    """An answer on the bare wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def on_the_wire(
    world: World,
    method: str,
    path: str,
    *,
    headers: Sequence[tuple[bytes, bytes]] = (),
    chunks: Sequence[bytes] = (b"",),
    address: str = "127.0.0.1",
) -> Heard:
    """Send bytes that no client of good manners sends, in the loop that the product runs in."""
    messages: list[Message] = []
    rest = [
        {"type": "http.request", "body": chunk, "more_body": place < len(chunks) - 1}
        for place, chunk in enumerate(chunks)
    ]
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode("latin-1", "replace"),
        "query_string": b"", "root_path": "", "headers": list(headers),
        "client": (address, 1), "server": ("127.0.0.1", 8000),
        "extensions": {}, "state": {},
    }  # fmt: skip

    async def receive() -> Message:
        return rest.pop(0) if rest else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    async def ask() -> None:
        await world.donor.app(scope, receive, send)

    assert world.donor.portal is not None
    world.donor.portal.call(ask)
    start = messages[0]
    return Heard(
        start["status"],
        {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in messages[1:]),
    )
