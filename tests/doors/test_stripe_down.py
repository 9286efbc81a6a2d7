"""Stripe hangs, breaks off, or talks nonsense: donors are told so, nobody else notices, and it ends when it ends.

Reliability goal 28.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx2 as httpx
import pytest

from fundraise.gateways.stripe import client as gateway_module
from fundraise.settings import Settings
from fundraise.web.public import gift as gift_module
from tests.doors.knocking import HONEST
from tests.doors.reading import shown
from tests.doors.served_town import Town, column, town
from tests.world import token_in

pytestmark = pytest.mark.pages

OTHER_PAGES = ("/", "/c/winter", "/c/winter?fresh=1", "/c/winter/counted", "/c/winter/total", "/a/winter-appeal",
               "/help", "/privacy", "/healthz", "/readyz", "/api/v1/campaigns/winter", "/static/site.css")  # fmt: skip


@pytest.fixture
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(gateway_module, "OPEN_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(gateway_module, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(gateway_module, "_RETRIES", 0)
    monkeypatch.setattr(gift_module, "_PATIENCE_SECONDS", 0.1)
    with town(settings) as made:
        yield made


def stripe_is_well(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe answers again, and nobody is in a hurry: from here on a slow machine is no outage."""
    here.gate.open.set()
    here.stripe_is_back()
    gateway = here.world.parts.payments
    assert isinstance(gateway, gateway_module.StripeGateway)
    for client in (gateway._http, *gateway._async.values()):
        monkeypatch.setattr(client, "_timeout", 60)
    monkeypatch.setattr(gateway_module, "OPEN_TIMEOUT_SECONDS", 60)
    monkeypatch.setattr(gift_module, "_PATIENCE_SECONDS", 60)


def calls(here: Town) -> list[dict[str, Any]]:
    found = here.world.sandbox.control("requests", {"path": "/v1/checkout/sessions"})["requests"]
    return [call for call in found if call["method"] == "POST"]


def no_key_stands_for_two_contents(here: Town) -> None:
    """Every key that reached Stripe came with one content, however often."""
    contents: dict[str, list[Any]] = {}
    for call in calls(here):
        known = contents.setdefault(call["idempotency_key"], [])
        if call["params"] and call["params"] not in known:
            known.append(call["params"])
    assert contents
    assert {key: found for key, found in contents.items() if len(found) > 1} == {}


def honest_page(answer: httpx.Response, sent: dict[str, str]) -> dict[str, str]:
    """See the donor told that nothing was taken, with all they typed; return the form as it stands then."""
    assert answer.status_code == 503
    page = shown(answer.text)
    assert "Nothing was taken" in page.summary["form"]
    assert {name: page.values.get(name) for name in sent} == sent
    for word in ("stripe", "timeout", "aiohttp", "Traceback", "127.0.0.1:9"):
        assert word not in answer.text.replace("Stripe, which takes the card", "").lower()
    return page.values


DOWN: dict[str, dict[str, Any]] = {
    "hangs": {"kind": "hang", "seconds": 600},
    "429": {"kind": "status", "status": 429},
    "500": {"kind": "status", "status": 500},
    "500 after it was done": {"kind": "status", "status": 500, "after": True},
    "503": {"kind": "status", "status": 503},
    "half-open": {"kind": "half_open", "seconds": 600},
    "breaks off": {"kind": "disconnect"},
    "breaks off after it was done": {"kind": "disconnect", "after": True},
    "our key is refused": {"kind": "status", "status": 401},
    "malformed": {"kind": "malformed"},
}


@pytest.mark.parametrize("down", DOWN)
def test_the_donor_is_told_and_the_same_form_is_the_same_gift(
    here: Town, down: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = here.world
    sent = {**HONEST, "token": token_in(world.donor.get("/c/winter").text)}
    here.fault(**DOWN[down])
    form = honest_page(world.donor.post("/c/winter/give", data=sent), sent)
    if not DOWN[down].get("after"):  # What was done is answered when it is asked for again.
        form = honest_page(world.donor.post("/c/winter/give", data=form), sent)
    assert column(world, "SELECT state FROM donation") == ["created"]

    stripe_is_well(here, monkeypatch)
    gift = world.gift_at(world.donor.post("/c/winter/give", data=form).headers["location"])
    assert column(world, "SELECT state FROM donation") == ["opened"]
    assert len({call["idempotency_key"] for call in calls(here)}) == 1
    no_key_stands_for_two_contents(here)
    world.pay(gift)
    world.settle()
    assert world.total_minor() == 2000


def test_an_answer_that_breaks_off_is_asked_for_again_under_the_same_key(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The donor notices nothing: the SDK repeats the call, and Stripe answers it with the page it had opened."""
    stripe_is_well(here, monkeypatch)
    monkeypatch.setattr(gateway_module, "_RETRIES", 2)
    here.fault(kind="disconnect", after=True, times=1)
    gift = here.world.give(**HONEST)
    assert [call["idempotency_key"] for call in calls(here)] == [calls(here)[0]["idempotency_key"]] * 2
    no_key_stands_for_two_contents(here)
    here.world.pay(gift)
    here.world.settle()
    assert here.world.total_minor() == 2000


def test_other_content_sent_while_stripe_is_down_gets_a_key_of_its_own(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = here.world
    sent = {**HONEST, "token": token_in(world.donor.get("/c/winter").text)}
    here.fault(kind="status", status=500, after=True)
    form = honest_page(world.donor.post("/c/winter/give", data=sent), sent)
    honest_page(world.donor.post("/c/winter/give", data={**form, "amount": "30"}), {**sent, "amount": "30"})
    stripe_is_well(here, monkeypatch)
    world.gift_at(world.donor.post("/c/winter/give", data={**form, "amount": "30"}).headers["location"])
    assert len({call["idempotency_key"] for call in calls(here)}) == 2
    no_key_stands_for_two_contents(here)
    assert column(world, "SELECT gift_minor FROM donation WHERE state = 'opened'") == [3000]


def test_while_payment_pages_hang_every_other_page_answers(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty donors wait for Stripe, and twenty more for their thanks; whoever asks for other pages gets them.

    Nothing can end the waiting before the gate opens, so what is answered until then was answered meanwhile.
    """
    monkeypatch.setattr(gateway_module, "OPEN_TIMEOUT_SECONDS", 600)
    world, crowd = here.world, 20
    gift = world.give(**HONEST)
    world.pay(gift)
    tokens = [token_in(world.donor.get("/c/winter").text) for _ in range(crowd)]
    here.gate.open.clear()
    with ThreadPoolExecutor(crowd) as donors, here.client() as passer_by:

        def give(token: str) -> httpx.Response:
            with here.client() as browser:
                return browser.post("/c/winter/give", data={**HONEST, "token": token})

        giving: list[Future[httpx.Response]] = [donors.submit(give, token) for token in tokens]
        for _ in range(crowd):
            assert here.gate.waiting.acquire(timeout=60)
        for page in OTHER_PAGES:
            assert passer_by.get(page).status_code == 200, page
        assert passer_by.post("/c/winter/give", data={"amount": "0"}).status_code == 422
        for _ in range(crowd):
            assert 'data-state="confirming"' in passer_by.get(f"{gift.page}/thanks").text
        assert passer_by.get(gift.page).status_code == 200
        assert not any(waiting.done() for waiting in giving)
        stripe_is_well(here, monkeypatch)
        assert [waiting.result().status_code for waiting in giving] == [303] * crowd
    assert 'data-state="paid"' in world.donor.get(f"{gift.page}/thanks").text
    no_key_stands_for_two_contents(here)
    world.settle()
    assert world.total_minor() == 2000


@pytest.mark.parametrize("down", ["hangs", "429", "500", "half-open", "malformed"])
def test_news_is_kept_while_stripe_is_down_and_acted_on_afterwards(
    here: Town, down: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = here.world
    gift = world.give(**HONEST)
    world.pay(gift)
    here.fault(**DOWN[down])
    world.settle()
    assert world.total_minor() == 0
    assert column(world, "SELECT MAX(tries) FROM inbox_notice") == [0]
    assert 'data-state="confirming"' in world.donor.get(f"{gift.page}/thanks").text
    stripe_is_well(here, monkeypatch)
    world.advance(minutes=1)
    world.settle()
    assert world.total_minor() == 2000
