"""What every answer carries, found from the app itself: nothing from elsewhere, nothing kept, nothing told."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy.exc import OperationalError

from fundraise import inbox
from fundraise.settings import Settings
from fundraise.web.public import giving
from tests.databases import fresh_sqlite
from tests.doors.conftest import build
from tests.doors.knocking import HONEST, open_form, says_nothing_of_the_inside
from tests.doors.routes import SAFE, doors
from tests.doors.stripe_says import event, tell
from tests.gallery.page_facts import PageFacts
from tests.world import Gift, World, small_world

Answers = dict[str, httpx.Response]
STATIC = Path(giving.__file__).parent.parent / "static"
FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def paid(world: World) -> Gift:
    gift = world.give(**HONEST)
    world.pay(gift)
    world.settle()
    return gift


def every_door(world: World, gift: Gift) -> Answers:
    """Knock at every route of the app with something that is there, and at the doors that stand above the router."""
    answers = {}
    for method, path in doors(world.donor.app, gift.token):
        data = None if method in SAFE else {"amount": "20", "token": open_form(world)}
        answers[f"{method} {path}"] = world.donor.request(method, path, data=data)
    answers["HEAD /c/winter/live"] = world.donor.head("/c/winter/live")
    answers["GET /c/winter?fresh=1"] = world.donor.get("/c/winter?fresh=1")
    answers["POST /webhooks/stripe/shelter"] = tell(world, event(world, id="evt_headers"))
    return answers


def every_refusal(world: World, patch: pytest.MonkeyPatch) -> Iterator[tuple[int, httpx.Response]]:
    """Draw every error page, with the status it should have."""
    donor, give = world.donor, "/c/winter/give"
    yield 400, donor.post(give, content=b"a=1&a=2", headers={"content-type": "application/x-www-form-urlencoded"})
    yield 403, donor.post(give, data=HONEST, headers={"sec-fetch-site": "cross-site"})
    for path in ("/nowhere", "/c/nobody", "/d/nobody", "/static/nowhere.css", "/c/%00", "/api/v1/nowhere"):
        yield 404, donor.get(path)
    for path in ("/c/winter", "/api/v1/campaigns", "/"):
        yield 405, donor.delete(path)
    yield 409, donor.post("/c/paused/give", data=HONEST)
    yield 413, donor.post(give, content=b"x" * 300_000)
    yield 415, donor.post(give, content=b"x", headers={"content-encoding": "br"})
    yield 422, donor.post(give, data={**HONEST, "amount": "0"})
    yield 422, donor.get("/api/v1/campaigns?limit=0")
    yield 400, tell(world, b"{}", "t=1,v1=x")
    yield 404, tell(world, b"{}", door="/webhooks/stripe/nobody")
    world.sandbox.control("fault", {"kind": "status", "status": 500, "times": 3})
    yield 503, donor.post(give, data={**HONEST, "token": open_form(world)})
    world.sandbox.control("fault", {"clear": True})
    with patch.context() as during:
        during.setattr(giving, "campaign_page", _breaks)
        yield 500, donor.get("/c/winter?fresh=1")
    with patch.context() as during:
        during.setattr(inbox, "oldest_unhandled", _breaks)
        yield 503, donor.get("/readyz")


def _breaks(*_: Any) -> None:
    raise OperationalError("SELECT secret FROM stripe_account", {"name": "Mara"}, Exception("psycopg: gone"))


def policy_of(answer: httpx.Response) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {part[0]: part[1:] for part in parts if part}


def carries_the_headers(answer: httpx.Response, pay: tuple[str, ...]) -> None:
    """Hold one answer against all rules about headers."""
    assert {name: answer.headers.get(name) for name in FIXED} == FIXED
    policy = policy_of(answer)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy.pop("form-action") == ["'self'", *pay]
    assert {source for sources in policy.values() for source in sources} == {"'none'", "'self'"}
    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers
    assert answer.headers["cache-control"]
    is_public = answer.status_code == 200 and not answer.url.path.startswith(("/d/", "/staff", "/r/", "/webhooks/"))
    assert is_public or answer.headers["cache-control"] == "no-store"


LOCAL_STRIPE = ("http://127.0.0.1:*", "http://localhost:*")


def every_answer_carries_the_headers(world: World, patch: pytest.MonkeyPatch) -> None:
    for name, answer in every_door(world, paid(world)).items():
        assert answer.status_code < 500, name
        carries_the_headers(answer, LOCAL_STRIPE)
        assert "strict-transport-security" not in answer.headers
    for status, answer in every_refusal(world, patch):
        assert answer.status_code == status, answer.url
        carries_the_headers(answer, LOCAL_STRIPE)
        says_nothing_of_the_inside(answer)


def test_every_answer_and_every_refusal_carries_the_headers(street: World, monkeypatch: pytest.MonkeyPatch) -> None:
    every_answer_carries_the_headers(street, monkeypatch)


def test_the_app_itself_was_asked(street: World) -> None:
    """The routes are found, so a new one cannot be forgotten; these are among them."""
    found = set(doors(street.donor.app, "token"))
    assert {
        ("GET", "/"), ("GET", "/c/winter"), ("GET", "/c/winter/e/quiz"), ("POST", "/c/winter/give"),
        ("GET", "/d/token"), ("GET", "/d/token/receipt.pdf"), ("POST", "/d/token/visibility"),
        ("GET", "/api/v1/campaigns/winter"), ("GET", "/a/winter-appeal"),
        ("GET", "/healthz"), ("GET", "/static/site.css"),
    } <= found  # fmt: skip


def own_pages_are_kept_nowhere(world: World) -> None:
    gift = paid(world)
    for path in ("", "/thanks", "/receipt", "/receipt.pdf", "?done=sent"):
        answer = world.donor.get(gift.page + path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert "etag" not in answer.headers
        assert "last-modified" not in answer.headers


def test_the_donors_own_pages_are_kept_nowhere(street: World) -> None:
    own_pages_are_kept_nowhere(street)


def each_form_is_a_fresh_one(world: World) -> None:
    first, second = (world.donor.get("/c/winter") for _ in range(2))
    assert first.text != second.text
    assert "etag" not in first.headers
    assert first.headers["cache-control"] == "no-cache"


def test_a_page_with_a_form_is_never_one_that_was_shown_before(street: World) -> None:
    each_form_is_a_fresh_one(street)


def test_https_is_insisted_on_where_it_is_there_and_stripes_pages_are_the_only_ones_forms_may_lead_to(
    tmp_path: Path,
) -> None:
    with fresh_sqlite(tmp_path) as plain:
        settings = Settings(
            _env_file=None,
            **{**plain.model_dump(), "base_url": "https://give.example.org", "stripe_api_base": ""},
        )
        with small_world(settings) as world:
            build(world)
            stripe = ("https://checkout.stripe.com", "https://billing.stripe.com")
            for method, path in doors(world.donor.app, "nobody"):
                answer = world.donor.request(method, path)
                carries_the_headers(answer, stripe)
                assert answer.headers["strict-transport-security"] == "max-age=31536000"
            # A proxy speaks plain HTTP to us; what people open is what counts.
            proxied = world.donor.get("http://127.0.0.1:8000/c/winter")
            assert "strict-transport-security" in proxied.headers


PAGES = (
    "/", "/c/winter", "/c/two", "/c/winter?fresh=1", "/c/winter/e/quiz", "/c/winter/counted", "/c/winter/total",
    "/a/winter-appeal", "/help", "/privacy", "/c/paused", "/nowhere",
)  # fmt: skip


def test_no_page_loads_or_leads_anywhere_else(street: World) -> None:
    gift = paid(street)
    own = [gift.page + path for path in ("", "/thanks", "/receipt")]
    for path in (*PAGES, *own):
        text = street.donor.get(path).text
        elsewhere = [
            address
            for address in re.findall(r"""(?:src|href|action|srcset|content|data-[a-z]+)=["']([^"']+)""", text)
            if re.match(r"(?:[a-z][a-z0-9+.-]*:)?//|data:|javascript:", address, re.IGNORECASE)
        ]
        assert elsewhere == [], path
        if path != "/c/winter/total":
            assert [fault for fault in PageFacts(text).found if "inline" in fault] == []


def test_no_stylesheet_and_no_module_loads_from_elsewhere() -> None:
    files = [path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"}]
    assert len(files) > 5
    for path in files:
        text = path.read_text()
        assert re.findall(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]{2,}", text) == [], path.name
        assert re.findall(r"@import|url\(\s*[\"']?(?:https?:)?//", text) == [], path.name


def test_asking_for_the_headers_alone_ends_also_where_the_answer_does_not(street: World) -> None:
    answer = street.donor.head("/c/winter/live")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    for path in ("/static/site.css", "/c/winter", "/", "/healthz"):
        whole, head = street.donor.get(path), street.donor.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == whole.headers["content-type"]


@pytest.mark.parametrize("value", ["evil\r\nset-cookie: a=b", "evil\nlocation: //x", "\u2028", "x" * 4000])
def test_nothing_that_was_sent_becomes_a_header(street: World, value: str) -> None:
    sent = {**HONEST, "name": value, "event": value, "token": value, "charity": value, "currency": value}
    for answer in (
        street.donor.post("/c/winter/give", data=sent),
        street.donor.get("/c/winter", params={"done": value}),
        street.donor.get("/d/nobody", params={"done": value, "back": value}),
    ):
        assert "set-cookie" not in answer.headers
        assert "evil" not in str(answer.headers)
