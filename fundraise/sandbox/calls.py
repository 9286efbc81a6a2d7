"""One accepted API call as its handler sees it, and the page that a list handler answers with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fundraise.sandbox.messages import Obj
from fundraise.sandbox.tables import Query

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account


@dataclass(frozen=True, slots=True)
class Call:
    """The account acted on, the typed parameters, the ids in the path, and how the sandbox is reached."""

    account: Account
    params: dict[str, Any]
    ids: dict[str, str]
    base_url: str


@dataclass(frozen=True, slots=True)
class Page:
    """A list reply: newest first, `more` where another page lies beyond."""

    rows: list[Obj]
    more: bool
    url: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A reply that is a file, not JSON."""

    content: bytes
    media_type: str


def list_page(
    call: Call,
    table: str,
    equals: Sequence[str] = (),
    test: Callable[[Obj], bool] | None = None,
    url: str | None = None,
) -> Page:
    """Return one page of a table, filtered by the parameters named in `equals`, by `created` and by `test`."""
    given = call.params
    query = Query(
        limit=given.get("limit", 10),
        starting_after=given.get("starting_after"),
        ending_before=given.get("ending_before"),
        created=given.get("created", {}),
        equals={name: given[name] for name in equals if name in given},
        test=test,
    )
    rows, more = call.account[table].page(query)
    return Page(rows, more, url or f"/v1/{table}")
