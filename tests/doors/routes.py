"""The doors of the product, found from the app itself."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp

# What to put where an address has a gap, so that something is there.
THERE = {"slug": "winter", "event": "quiz", "path": "site.css", "campaign": "winter"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def router_of(app: ASGIApp) -> FastAPI:
    """Go through the layers around the router."""
    inner: Any = app
    while not isinstance(inner, FastAPI):
        inner = inner._app
    return inner


def doors(app: ASGIApp, gift_token: str) -> list[tuple[str, str]]:
    """Return method and address of every route, with something in its gaps that is there."""
    return [
        (method, _filled(path, gift_token)) for path, methods in _routes(router_of(app).routes) for method in methods
    ]


def changing_doors(app: ASGIApp, gift_token: str) -> list[tuple[str, str]]:
    """Return the doors that a browser can be tricked into knocking at; the API's callers prove themselves."""
    return [
        (method, path)
        for method, path in doors(app, gift_token)
        if method not in SAFE and not path.startswith(("/api/", "/webhooks/"))
    ]


def _routes(routes: Iterable[Any]) -> Iterator[tuple[str, frozenset[str]]]:
    for route in routes:
        if hasattr(route, "effective_candidates"):  # FastAPI keeps included routers whole.
            yield from _routes(route.effective_candidates())
        elif isinstance(route, Mount):
            yield f"{route.path}/{{path}}", frozenset({"GET"})
        else:
            yield str(route.path), frozenset(route.methods or ())


def _filled(path: str, gift_token: str) -> str:
    if path.startswith("/a/"):
        return path.replace("{slug}", "winter-appeal")

    def fill(gap: re.Match[str]) -> str:
        name = gap.group(1).partition(":")[0]
        return gift_token if name == "token" else THERE.get(name, "1")

    return re.sub(r"\{([^}]+)\}", fill, path)
