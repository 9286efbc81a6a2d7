"""Who may send the form: pages of ours and programs, not pages of others; and nobody a thousand times an hour."""

from urllib.parse import urlencode

import pytest

from tests.doors.knocking import HONEST, Heard, on_the_wire, open_form, rows, says_nothing_of_the_inside, traces
from tests.doors.routes import changing_doors
from tests.world import World

pytestmark = pytest.mark.pages

OURS = "http://127.0.0.1:8000"
NOT_OURS = {
    "origin of another site": {"origin": "https://evil.example"},
    "origin that begins like ours": {"origin": OURS + ".evil.example"},
    "origin with another port": {"origin": "http://127.0.0.1:8001"},
    "origin with another scheme": {"origin": "https://127.0.0.1:8000"},
    "origin null": {"origin": "null"},
    "origin empty": {"origin": ""},
    "origin with a path": {"origin": OURS + "/"},
    "cross-site": {"sec-fetch-site": "cross-site"},
    "cross-site with our origin": {"sec-fetch-site": "cross-site", "origin": OURS},
    "same site, another origin": {"sec-fetch-site": "same-site"},
    "a site that no browser sends": {"sec-fetch-site": "trust-me"},
    "site empty": {"sec-fetch-site": ""},
}
TAKEN = {
    "no headers at all": {},
    "our origin": {"origin": OURS},
    "our origin in capitals": {"origin": OURS.upper()},
    "same origin": {"sec-fetch-site": "same-origin", "origin": OURS},
    "typed by hand": {"sec-fetch-site": "none"},
}


@pytest.mark.parametrize("headers", NOT_OURS.values(), ids=NOT_OURS)
def test_a_form_of_another_site_is_refused(street: World, headers: dict[str, str]) -> None:
    before = traces(street)
    answer = street.donor.post("/c/winter/give", data=HONEST, headers=headers)
    assert answer.status_code == 403
    assert "sent from another site" in answer.text
    says_nothing_of_the_inside(answer)
    assert traces(street) == before


@pytest.mark.parametrize("headers", TAKEN.values(), ids=TAKEN)
def test_a_form_of_ours_or_of_no_browser_is_taken(street: World, headers: dict[str, str]) -> None:
    answer = street.donor.post("/c/winter/give", data={**HONEST, "token": open_form(street)}, headers=headers)
    assert answer.status_code == 303


def every_changing_door_is_shut_to_other_sites(world: World) -> None:
    """Knock at every door that changes something, found from the app itself, as another site's page would."""
    gift = world.give(**HONEST)
    world.pay(gift)
    world.settle()
    before = traces(world)
    opened = [
        f"{method} {path}"
        for method, path in changing_doors(world.donor.app, gift.token)
        if world.donor.request(method, path, headers={"sec-fetch-site": "cross-site"}).status_code != 403
    ]
    assert opened == []
    assert traces(world) == before


def test_every_door_that_changes_something_is_shut_to_other_sites(shelter: World) -> None:
    assert {("POST", "/c/winter/give")} < set(changing_doors(shelter.donor.app, "x"))
    every_changing_door_is_shut_to_other_sites(shelter)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
def test_no_other_method_gives(street: World, method: str) -> None:
    before = traces(street)
    headers = {"x-http-method-override": "POST", "x-method-override": "POST"}
    answer = street.donor.request(method, "/c/winter/give?_method=POST", headers=headers, content=urlencode(HONEST))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert street.donor.get(f"/c/winter/give?_method=POST&{urlencode(HONEST)}", headers=headers).status_code == 405
    assert traces(street) == before


PAGES = (
    "/", "/c/winter", "/c/winter?fresh=1", "/c/winter/e/quiz", "/c/winter/counted", "/a/winter-appeal", "/nowhere",
    "/c/winter/", "/api/v1/campaigns/winter", "/api/v1/openapi.json", "/static/nowhere.js",
)  # fmt: skip
FORGED = {
    name: {name: value}
    for name, value in {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-host": "evil.example",
        "x-forwarded-server": "evil.example",
        "x-original-url": "//evil.example/",
        "x-rewrite-url": "//evil.example/",
        "x-forwarded-prefix": "//evil.example",
        "forwarded": "host=evil.example;proto=https",
        "referer": "https://evil.example/",
        "x-forwarded-for": "evil.example",
    }.items()
}


def links_are_ours(world: World, headers: dict[str, str]) -> None:
    for path in PAGES:
        answer = world.donor.get(path, headers=headers)
        assert "evil.example" not in answer.text + str(answer.headers), path
    sent = world.donor.post("/c/winter/give", data={**HONEST, "token": open_form(world)}, headers=headers)
    assert sent.status_code == 303
    gift = world.gift_at(sent.headers["location"])
    session = world.stripe_object("checkout/sessions", gift.session)
    for address in (session["success_url"], session["cancel_url"]):
        assert address.startswith(world.settings.base_url + "/d/")
    away = world.donor.post(f"{gift.page}/pay", headers=headers)
    assert "evil.example" not in away.headers["location"]
    world.pay(gift)
    world.hear()
    world.send_mail()
    assert "evil.example" not in str(world.mailbox.letters[-1])


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_no_link_is_ever_made_of_what_the_request_claims_to_be_for(street: World, headers: dict[str, str]) -> None:
    links_are_ours(street, headers)


FORM_KIND = (b"content-type", b"application/x-www-form-urlencoded")


def knock_from(world: World, address: str, token: str) -> Heard:
    body = urlencode({**HONEST, "token": token}).encode()
    return on_the_wire(world, "POST", "/c/winter/give", headers=[FORM_KIND], chunks=[body], address=address)


def posts_are_limited(world: World, posts: int) -> list[Heard]:
    """Send many forms within the hour from one address."""
    most = world.settings.gifts_per_address_per_hour
    answers = [knock_from(world, "203.0.113.9", f"token-{place:08}") for place in range(posts)]
    assert [answer.status for answer in answers] == [303] * most + [429] * (posts - most)
    assert rows(world, "SELECT COUNT(*) FROM donation") == [(most,)]
    return answers


@pytest.mark.parametrize("many", [200, pytest.param(1000, marks=pytest.mark.long)])
def test_many_posts_of_one_address_are_limited_and_honest_ones_come_back(shelter: World, many: int) -> None:
    answers = posts_are_limited(shelter, many)
    last = answers[-1].body.decode()
    assert "Many gifts were begun from your network" in last
    assert HONEST["message"] in last
    assert knock_from(shelter, "203.0.113.10", "token-of-another").status == 303
    # A gift that was begun before the limit is still the same gift, and can be paid.
    assert knock_from(shelter, "203.0.113.9", "token-00000000").status == 303
    assert knock_from(shelter, "203.0.113.9", "token-still-too-soon").status == 429
    shelter.advance(hours=1, seconds=1)
    assert knock_from(shelter, "203.0.113.9", "token-of-later").status == 303


def test_a_crowd_of_many_addresses_is_let_in(shelter: World) -> None:
    """Hundreds of donors within a minute look like hundreds of donors; each is sent to a page of their own."""
    many = 300
    answers = [
        knock_from(shelter, f"2001:db8:{number:x}::1", f"token-of-one-in-{number:05d}") for number in range(many)
    ]
    assert {answer.status for answer in answers} == {303}
    assert rows(shelter, "SELECT COUNT(*), COUNT(DISTINCT checkout_id) FROM donation") == [(many, many)]


def test_nobodys_address_is_kept(shelter: World) -> None:
    knock_from(shelter, "203.0.113.9", "token-of-somebody")
    kept = rows(shelter, "SELECT origin FROM donation")[0][0]
    assert len(kept) == 24
    assert "203.0.113.9" not in kept
    shelter.advance(days=1)
    knock_from(shelter, "203.0.113.9", "token-of-tomorrow")
    assert len({row[0] for row in rows(shelter, "SELECT origin FROM donation")}) == 2
