"""The pages in a real browser: on a phone and on a desk, without JavaScript, with the keyboard, for a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import stripe
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from fundraise.sandbox import Sandbox
from tests.browser.pictures import keep_picture
from tests.chromium import browsing, needs_chromium
from tests.gallery.barriers import barriers
from tests.sandbox.driving import add_account, client, new_sandbox, served, served_sandbox, session_params

pytestmark = needs_chromium
WIDTHS = (360, 1280)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as made:
        yield made


async def _arrived(request: Request) -> HTMLResponse:
    return HTMLResponse(f"<!doctype html><title>Merchant</title><p id='at'>{request.url.path}?{request.url.query}")


@pytest.fixture(scope="module")
def merchant() -> Iterator[str]:
    """A site of the merchant's, at an origin of its own."""
    with served(Starlette(routes=[Route("/{path:path}", _arrived)])) as base_url:
        yield base_url


@pytest.fixture
def shop(merchant: str) -> Iterator[tuple[Sandbox, stripe.StripeClient, str]]:
    sandbox = new_sandbox()
    asking = client(sandbox, add_account(sandbox)["keys"][0])
    with served_sandbox(sandbox) as base_url:
        sandbox.world.base_url = base_url
        yield sandbox, asking, merchant
    assert sandbox.check_books() == []


@contextmanager
def _page(browser: Browser, width: int, *, scripts: bool = False, dark: bool = False) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        color_scheme="dark" if dark else "light",
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield page
    assert [one for one in wrong if "402" not in one and "422" not in one and "410" not in one] == []
    context.close()


def _url(asking: stripe.StripeClient, merchant: str, **more: object) -> str:
    params = session_params(
        success_url=f"{merchant}/thanks?cs={{CHECKOUT_SESSION_ID}}", cancel_url=f"{merchant}/back", **more
    )
    return str(asking.v1.checkout.sessions.create(params).url)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_donor_is_declined_asked_by_the_bank_and_arrives(
    browser: Browser, shop: tuple[Sandbox, stripe.StripeClient, str], width: int
):
    _, asking, merchant = shop
    with _page(browser, width) as page:
        page.goto(_url(asking, merchant))
        page.fill("#card_number", "4000 0000 0000 0002")
        page.click("#pay-card")
        assert "Nothing was taken" in page.inner_text("#message")
        page.fill("[name=card_number]", "4000 0000 0000 3220")
        page.fill("[name=email]", "ada@example.org")
        page.click("button[name=pay][value=card]")
        page.click("#complete")
        assert page.inner_text("#at").startswith("/thanks?cs=cs_test_")


def test_back_leads_to_the_merchant(browser: Browser, shop: tuple[Sandbox, stripe.StripeClient, str]):
    _, asking, merchant = shop
    with _page(browser, 360) as page:
        page.goto(_url(asking, merchant))
        page.click("#cancel")
        assert page.inner_text("#at") == "/back?"


def test_paying_with_the_keyboard_alone(browser: Browser, shop: tuple[Sandbox, stripe.StripeClient, str]):
    _, asking, merchant = shop
    with _page(browser, 1280) as page:
        page.goto(_url(asking, merchant))
        seen = []
        for _ in range(7):
            page.keyboard.press("Tab")
            seen.append(page.locator(":focus").get_attribute("id"))
        assert seen == ["cancel", "email", "card_number", "exp", "cvc", "name", "pay-card"]
        page.keyboard.press("Enter")
        assert page.inner_text("#at").startswith("/thanks")


def test_a_bank_debit_from_the_page(browser: Browser, shop: tuple[Sandbox, stripe.StripeClient, str]):
    _, asking, merchant = shop
    with _page(browser, 360) as page:
        page.goto(_url(asking, merchant))
        page.click("text=Pay from your bank account instead")
        page.select_option("[name=bank_account]", "22222227")
        page.click("button[name=pay][value=bank_debit]")
        assert page.inner_text("#at").startswith("/thanks")
    assert asking.v1.payment_intents.list().data[0].status == "processing"


def _every_page(sandbox: Sandbox, asking: stripe.StripeClient, merchant: str) -> dict[str, str]:
    """Return an address of each page the sandbox has."""
    recurring = session_params(1000, mode="subscription")["line_items"]
    recurring[0]["price_data"]["recurring"] = {"interval": "month"}
    monthly = _url(asking, merchant, mode="subscription", line_items=recurring)
    sandbox.control("pay", {"session": monthly.rsplit("/", 1)[1], "email": "ada@example.org"})
    customer = asking.v1.customers.list().data[0].id
    asked = _url(asking, merchant)
    sandbox.control("pay", {"session": asked.rsplit("/", 1)[1], "card": "4000000000003220", "authenticate": None})
    sandbox.control("dispute", {"charge": sandbox.control("external-charge", {"amount": 999_900})["charge"]})
    return {
        "pay": _url(asking, merchant),
        "paid": monthly,
        "asked": f"{asked}/3ds",
        "portal": asking.v1.billing_portal.sessions.create({"customer": customer}).url,
        "control": f"{sandbox.world.base_url}/_sandbox/",
    }


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_has_no_barrier(
    browser: Browser, shop: tuple[Sandbox, stripe.StripeClient, str], width: int, *, dark: bool
):
    for name, url in _every_page(*shop).items():
        with _page(browser, width, scripts=True, dark=dark) as page:
            page.goto(url)
            if name == "pay":
                page.click("text=Which test card does what?")
                page.click("text=Pay from your bank account instead")
            keep_picture(page, f"sandbox-{name}-{width}{'-dark' * dark}")
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
            assert barriers(page, colours="only" if dark else "too") == [], name
            small = page.locator("button:visible, input:visible, select:visible").evaluate_all(
                "all => all.filter(one => one.getBoundingClientRect().height < 20).map(one => one.outerHTML)"
            )
            assert small == []
