"""Forms that will not do: the message stands beside its field, what was typed stays, and nothing came of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import text

from fundraise import money
from fundraise.clock import FrozenClock
from fundraise.money import Money
from fundraise.sandbox.money import MINIMUM_CHARGE
from tests.doors.conftest import ABROAD
from tests.doors.knocking import (
    HONEST,
    on_the_wire,
    open_form,
    refused_beside_its_field,
    rows,
    says_nothing_of_the_inside,
    traces,
)
from tests.doors.reading import shown
from tests.world import Gift, World

pytestmark = pytest.mark.pages

ABOVE_ZERO, DIGITS, TOO_MUCH = "above zero", "in digits", "more than we can take"
KEPT = "cannot be kept"
ADDRESS = "does not look like an e-mail address"


@dataclass(frozen=True)
class Wrong:
    """What somebody sends besides an honest form, beside which field we answer, and with which words."""

    name: str
    typed: dict[str, str]
    where: str
    words: str
    slug: str = "winter"


def amounts() -> Sequence[Wrong]:
    table = [
        ("0", ABOVE_ZERO), ("-0", ABOVE_ZERO), ("0.00", ABOVE_ZERO), ("-1", ABOVE_ZERO), ("−5", ABOVE_ZERO),
        ("0.001", "at most 2 digits"), ("1e309", DIGITS), ("1e3", DIGITS), ("NaN", DIGITS), ("Infinity", DIGITS),
        ("true", DIGITS), ("null", DIGITS), ("0x10", DIGITS), ("+5", DIGITS), ("5;5", DIGITS), ("5%", DIGITS),
        ("²", DIGITS), ("½", DIGITS), ("{{7*7}}", DIGITS), ("' OR 1=1--", DIGITS), ("5\x00", DIGITS),
        ("1,500", "two ways"), ("1.500", "two ways"), ("1,50,0", "could not read"), ("1..5", "could not read"),
        ("1 0", "could not read"), ("0.99", "smallest gift"), ("0.5", "smallest gift"), ("0,5", "smallest gift"),
        (str(2**31), "largest gift"), (str(2**53 + 1), "largest gift"), ("1000000", "largest gift"),
        (str(2**63), TOO_MUCH), ("9" * 40, TOO_MUCH), ("9" * 41, "too long"), ("5 EUR", "British pounds"),
        ("€5", "British pounds"), ("$5", "British pounds"), ("bitcoin 5", DIGITS),
    ]  # fmt: skip
    return [Wrong(f"amount {typed[:12]!r}", {"amount": typed}, "amount", words) for typed, words in table] + [
        Wrong("amount blank", {"amount": "  ", "choice": ""}, "amount", "Please write an amount"),
        Wrong("amount absent", {"amount": ""}, "amount", "Please write an amount"),
        Wrong("choice tampered", {"amount": "", "choice": "-20"}, "amount", ABOVE_ZERO),
        Wrong("yen with decimals", {"amount": "500.50", "currency": "JPY"}, "amount", "whole number", "yen"),
        Wrong("yen below the least", {"amount": "49", "currency": "JPY"}, "amount", "smallest gift", "yen"),
        Wrong("dinar with a third digit", {"amount": "2.505", "currency": "KWD"}, "amount", "third digit", "dinar"),
        Wrong("dinar with four", {"amount": "2.5050", "currency": "KWD"}, "amount", "at most 3 digits", "dinar"),
        Wrong("euro sign with pounds chosen", {"amount": "€5", "currency": "GBP"}, "amount", "You wrote €", "two"),
    ]


def what_no_card_is_charged_with() -> Sequence[Wrong]:
    """Return amounts that Stripe refuses, by the local Stripe's own table: too little, too much, too fine."""
    little = [
        (
            code,
            money.plain(Money(least - 1, code)),
            f"The smallest gift we can take is {money.show(Money(least, code))}",
        )
        for code in ABROAD
        if (least := MINIMUM_CHARGE.get(code.lower()))
    ]
    return [
        *(Wrong(f"too little {code}", {"amount": typed, "currency": code}, "amount", words, "abroad")
          for code, typed, words in little),
        Wrong("shares too little", {"amount": "1"}, "amount", "over 4 charities is £1.20", "four"),
        Wrong("shares a penny too little", {"amount": "1.19", "charity": "share"}, "amount", "£1.20", "four"),
        Wrong("too much with the fee", {"amount": "999999.99"}, "amount", "With the card fee added this is £1,01"),
        Wrong("too much of eight digits", {"amount": "1000000", "currency": "ISK"}, "amount", "ISK999,999", "abroad"),
        Wrong("ariary in parts", {"amount": "1000.50", "currency": "MGA"}, "amount", "cards take no smaller", "abroad"),
    ]  # fmt: skip


def addresses() -> Sequence[Wrong]:
    typed = [
        "a@b", '"x y"@z', "mara", "mara@", "@example.org", "mara@example.org, eve@example.org", "m a@example.org",
        "mara@example.org\r\nBcc: eve@example.org", "mara@example.org\nX: y", "mara@exa\x00mple.org",
        "x" * 309 + "@example.org", "mara@-example.org", "mara@example..org", "mara@[127.0.0.1]", "javascript:alert(1)",
        "<mara@example.org>", "mara@localhost", "mara@xn--.org",
    ]  # fmt: skip
    return [Wrong(f"email {one[:24]!r}", {"email": one}, "email", ADDRESS) for one in typed]


def texts() -> Sequence[Wrong]:
    signs = {
        "NUL": "Ma\x00ra", "escape": "\x1b[31mMara", "backspace": "Mara\x08", "delete": "Mara\x7f", "C1": "Ma\x9fra",
        "private use": "Mara\ue000", "noncharacter": "Mara\ufffe", "noncharacter of plane 16": "Mara\U0010ffff",
    }  # fmt: skip
    wrong = [Wrong(f"{where} {name}", {where: sign}, where, KEPT) for name, sign in signs.items() for where in FREE]
    return [
        *wrong,
        Wrong("name of 201", {"name": "m" * 201}, "name", "at most 200 characters; this has 201"),
        Wrong("message of 501", {"message": "é" * 501}, "message", "at most 500 characters; this has 501"),
        Wrong("name that grows when composed", {"name": "\ufb2c" * 101}, "name", "at most 200 characters"),
    ]


FREE = ("name", "message")
CHOSEN = "Please choose one of the"
CHOICES = [
    Wrong("currency unknown", {"currency": "XXX"}, "currency", CHOSEN, "two"),
    Wrong("currency not offered", {"currency": "USD"}, "currency", CHOSEN, "two"),
    Wrong("currency changed between page and post", {"currency": "EUR"}, "currency", CHOSEN),
    Wrong("currency of markup", {"currency": "<svg onload=alert(1)>"}, "currency", CHOSEN, "two"),
    Wrong("charity of another campaign", {"charity": "poor"}, "charity", CHOSEN, "two"),
    Wrong("charity unknown", {"charity": "' OR 1=1--"}, "charity", CHOSEN, "two"),
]


WRONG = {wrong.name: wrong for wrong in [*amounts(), *what_no_card_is_charged_with(), *addresses(), *texts(), *CHOICES]}


def stands_beside_its_field(world: World, name: str) -> None:
    wrong = WRONG[name]
    typed = {**HONEST, "cover_fee": "1", **wrong.typed}
    page = refused_beside_its_field(world, wrong.slug, typed, wrong.where, wrong.words)
    if wrong.where in page.described:
        assert f"f-{wrong.where}-error" in page.described[wrong.where]


@pytest.mark.parametrize("name", WRONG)
def test_the_message_stands_beside_its_field(street: World, name: str) -> None:
    stands_beside_its_field(street, name)


def test_several_wrong_fields_are_all_said_at_once(street: World) -> None:
    typed = {**HONEST, "token": open_form(street), "amount": "-1", "email": "a@b", "name": "\x00", "message": "m" * 501}
    answer = street.donor.post("/c/winter/give", data=typed)
    assert answer.status_code == 422
    page = shown(answer.text)
    assert list(page.beside) == list(page.summary) == ["amount", "email", "name", "message"]


@pytest.mark.parametrize("event", ["elsewhere", "nowhere", "../x", "%00", "quiz'--"])
def test_an_event_of_elsewhere_is_said_and_forgotten_so_that_the_same_form_works(street: World, event: str) -> None:
    page = refused_beside_its_field(street, "winter", {**HONEST, "event": event}, "form", "That event is not part")
    assert page.values["event"] == ""


def test_a_refused_form_of_an_event_stays_the_events(street: World) -> None:
    page = refused_beside_its_field(
        street, "winter", {**HONEST, "event": " quiz ", "amount": "0"}, "amount", ABOVE_ZERO
    )
    assert page.values["event"] == "quiz"


@dataclass(frozen=True)
class NoForm:
    """A body that is no form of ours: refused before anybody looks at it."""

    name: str
    body: bytes
    status: int = 400
    kind: str = "application/x-www-form-urlencoded"
    more: dict[str, str] = field(default_factory=dict)


PARTS = "multipart/form-data; boundary=x"


def part(name: str, value: bytes, more: str = "") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


NO_FORMS = {sent.name: sent for sent in [
    NoForm("invalid UTF-8", b"amount=20&name=%FF%FE"),
    NoForm("lone surrogate", b"amount=20&name=%ED%A0%80"),
    NoForm("overlong NUL", b"amount=20&name=%C0%80"),
    NoForm("bytes beyond ASCII", b"amount=20&name=\xe9"),
    NoForm("a field twice", b"amount=20&amount=2000"),
    NoForm("10,000 fields", b"&".join(b"f%d=1" % place for place in range(10_000)) + b"&amount=20"),
    NoForm("1 MB in one field", b"amount=20&message=" + b"m" * 1_000_000, 413),
    NoForm("256 KB and one byte", b"amount=20&name=".ljust(256 * 1024 + 1, b"m"), 413),
    NoForm("JSON", b'{"amount": 20}', kind="application/json"),
    NoForm("plain text", b"amount=20", kind="text/plain"),
    NoForm("XML", b"<amount>20</amount>", kind="application/xml"),
    NoForm("compressed", b"\x1f\x8b\x08\x00", 415, more={"content-encoding": "gzip"}),
    NoForm("parts: a field twice", part("amount", b"20") + part("amount", b"2000") + b"--x--\r\n", kind=PARTS),
    NoForm("parts: a file", part("amount", b"20", '; filename="a.exe"') + b"--x--\r\n", kind=PARTS),
    NoForm("parts: invalid UTF-8", part("amount", b"20") + part("name", b"\xff\xfe") + b"--x--\r\n", kind=PARTS),
    NoForm("parts: lone surrogate by UTF-7", part("amount", b"+2AA-") + b"--x--\r\n", kind=PARTS + "; charset=utf-7"),
    NoForm("parts: escapes", part("amount", rb"\ud800") + b"--x--\r\n", kind=PARTS + "; charset=unicode_escape"),
    NoForm("parts: no boundary", b"--x--\r\n", kind="multipart/form-data"),
    NoForm("parts: broken off", part("amount", b"20")[:-9], 422, kind=PARTS),
    NoForm("parts: 1,000 fields", b"".join(part(f"f{at}", b"1") for at in range(1000)) + b"--x--\r\n", kind=PARTS),
]}  # fmt: skip


def is_refused_whole(world: World, name: str) -> None:
    sent = NO_FORMS[name]
    before = traces(world)
    answer = world.donor.post("/c/winter/give", content=sent.body, headers={"content-type": sent.kind, **sent.more})
    assert answer.status_code == sent.status
    assert answer.headers["content-type"].startswith("text/html")
    says_nothing_of_the_inside(answer)
    assert traces(world) == before


@pytest.mark.parametrize("name", NO_FORMS)
def test_what_is_no_form_of_ours_is_refused_whole(street: World, name: str) -> None:
    is_refused_whole(street, name)


@pytest.mark.parametrize("name", ["amount[]", "amount[0]", "amount.minor", "Amount", " amount"])
def test_an_array_where_one_value_is_due_is_no_amount(street: World, name: str) -> None:
    before = traces(street)
    answer = street.donor.post("/c/winter/give", data={name: "20"})
    assert (answer.status_code, shown(answer.text).beside["amount"]) == (422, "Please write an amount.")
    assert traces(street) == before


def is_counted_while_it_comes(world: World) -> None:
    before = traces(world)
    kind = (b"content-type", b"application/x-www-form-urlencoded")
    for chunks in ([b"amount=20&name="] + [b"m" * 1000] * 300, [b"m" * 300_000]):
        heard = on_the_wire(world, "POST", "/c/winter/give", headers=[kind], chunks=chunks)
        assert heard.status == 413
        assert b"That is more than can be sent here" in heard.body
    assert traces(world) == before


def test_a_body_of_unknown_length_is_counted_while_it_comes(street: World) -> None:
    is_counted_while_it_comes(street)


@pytest.mark.parametrize("length", [b"-1", b"\xb2", b"1" * 5000, b"", b"0x10", b"1,1"])
def test_a_length_that_is_none_is_refused(street: World, length: bytes) -> None:
    heard = on_the_wire(street, "POST", "/c/winter/give", headers=[(b"content-length", length)], chunks=[b"amount=20"])
    assert heard.status == 413


ODD = ["\x00", "%", "'--", "<svg onload=alert(1)>", "{{7*7}}", "ünïcode", "\u202e", "a" * 3000, "../x", "draft"]
PATHS = ["/c/{}", "/c/{}/give", "/c/winter/e/{}", "/c/{}/total", "/a/{}", "/d/{}", "/d/{}/pay"]


def is_nowhere(world: World, path: str) -> None:
    before = traces(world)
    for odd in ODD:
        method = "POST" if path.endswith(("give", "pay")) else "GET"
        answer = world.donor.request(method, path.format(quote(odd, safe="")))
        assert answer.status_code == 404, odd
        assert "<svg onload" not in answer.text
        says_nothing_of_the_inside(answer)
    assert traces(world) == before


@pytest.mark.parametrize("path", PATHS)
def test_an_address_of_anything_is_nowhere(street: World, path: str) -> None:
    is_nowhere(street, path)


CLOSED = {"paused": "paused", "ended": "ended", "over": "ended", "tomorrow": "begins on", "poor": "being set up"}


@pytest.mark.parametrize("slug", CLOSED)
def test_a_campaign_that_takes_nothing_now_says_why(street: World, slug: str) -> None:
    before = traces(street)
    answer = street.donor.post(f"/c/{slug}/give", data={**HONEST, "token": "a-token-of-before"})
    assert answer.status_code == 409
    assert CLOSED[slug] in answer.text
    says_nothing_of_the_inside(answer)
    assert traces(street) == before


def test_hidden_fields_and_the_address_decide_nothing_that_is_not_asked(shelter: World) -> None:
    """Of all that is sent only what the form asks for is read; the query is no form."""
    extra = {
        "gift_minor": "1", "total_minor": "1", "fee_cover_minor": "-500", "campaign_id": "2", "stripe_account_id": "2",
        "state": "paid", "paid_at": "2026-01-01", "ref": "abc", "origin": "x", "is_admin": "1", "success_url": "//evil",
    }  # fmt: skip
    query = urlencode({"amount": "1", "currency": "JPY", **extra})
    answer = shelter.donor.post(f"/c/winter/give?{query}", data={"token": open_form(shelter), "amount": "20", **extra})
    gift = shelter.gift_at(answer.headers["location"])
    session = shelter.stripe_object("checkout/sessions", gift.session)
    assert (session["amount_total"], session["currency"]) == (2000, "gbp")
    assert session["success_url"].startswith(shelter.settings.base_url + "/d/")
    found = rows(shelter, "SELECT gift_minor, fee_cover_minor, state, origin, paid_at FROM donation")
    assert found == [(2000, 0, "opened", "", None)]


# What people type and mean: read, never guessed, and told to Stripe to the penny.
ACCEPTED = [
    ({"amount": "1,50"}, 150, "gbp"),
    ({"amount": "1.50"}, 150, "gbp"),
    ({"amount": "1 000"}, 100_000, "gbp"),
    ({"amount": "1\u00a0000"}, 100_000, "gbp"),
    ({"amount": "1'000.50"}, 100_050, "gbp"),
    ({"amount": "£10"}, 1000, "gbp"),
    ({"amount": " 10 GBP "}, 1000, "gbp"),
    ({"amount": "٣"}, 300, "gbp"),
    ({"amount": "１２"}, 1200, "gbp"),
    ({"amount": "500", "currency": "JPY"}, 500, "jpy"),
    ({"amount": "2.50", "currency": "KWD"}, 2500, "kwd"),
    ({"email": "mara@bücher.example"}, 2000, "gbp"),
    ({"email": "m.o'hara+gift@xn--bcher-kva.example"}, 2000, "gbp"),
    ({"email": "  MARA@Example.ORG "}, 2000, "gbp"),
]
OPEN = {"gbp": "winter", "jpy": "yen", "kwd": "dinar"}


@pytest.mark.parametrize(("typed", "minor", "currency"), ACCEPTED, ids=[str(row[0]) for row in ACCEPTED])
def test_what_people_mean_is_read_and_asked_for_to_the_penny(
    avenue: World, typed: dict[str, str], minor: int, currency: str
) -> None:
    gift = avenue.give(OPEN[currency], **HONEST | typed)
    session = avenue.stripe_object("checkout/sessions", gift.session)
    assert (session["amount_total"], session["currency"]) == (minor, currency)
    kept = rows(avenue, "SELECT gift_minor, currency, state FROM donation ORDER BY id DESC LIMIT 1")
    assert kept == [(minor, currency.upper(), "opened")]


# The least that cards take is taken, in Stripe's own units.
LEAST_TAKEN = [
    *((code, money.plain(Money(least, code)), least) for code in ABROAD if (least := MINIMUM_CHARGE.get(code.lower()))),
    ("MGA", "5", 5), ("MGA", "1 000.00", 1000), ("ISK", "105", 10_500), ("ISK", "999999", 99_999_900),
    ("UGX", "105", 10_500),
]  # fmt: skip


@pytest.mark.parametrize(("currency", "typed", "stripe_minor"), LEAST_TAKEN)
def test_the_least_and_the_most_that_cards_take_are_taken(
    avenue: World, currency: str, typed: str, stripe_minor: int
) -> None:
    gift = avenue.give("abroad", amount=typed, currency=currency)
    session = avenue.stripe_object("checkout/sessions", gift.session)
    assert (session["amount_total"], session["currency"]) == (stripe_minor, currency.lower())


def parts_of(world: World, gift: Gift) -> list[tuple[int, int]]:
    """Return gift and fee cover of each part of the gift begun last, after opening each part's payment page."""
    ((group,),) = rows(world, "SELECT group_ref FROM donation ORDER BY id DESC LIMIT 1")
    ours = f"FROM donation WHERE group_ref = '{group}'"
    for (ref,) in rows(world, f"SELECT ref {ours} AND state = 'created' ORDER BY part"):
        answer = world.donor.post(f"/d/{world.parts.sealer.link_token('donation', ref)}/pay")
        assert "cs_test_" in answer.headers["location"], answer.text
    assert rows(world, f"SELECT DISTINCT state {ours}") == [("opened",)]
    return [(given, cover) for given, cover in rows(world, f"SELECT gift_minor, fee_cover_minor {ours} ORDER BY part")]


def test_shares_are_what_cards_take_and_sum_to_the_gift(avenue: World) -> None:
    assert parts_of(avenue, avenue.give("four", amount="1.20")) == [(30, 0)] * 4
    shares = parts_of(avenue, avenue.give("dinars", amount="10", currency="KWD"))
    assert shares == [(3340, 0), (3330, 0), (3330, 0)]


@pytest.mark.parametrize("amount", ["10", "25", "7.5", "1.01", "333.33"])
def test_a_fee_cover_in_dinars_ends_in_nought_and_still_covers(avenue: World, amount: str) -> None:
    for slug in ("dinar", "dinars"):
        for given, cover in parts_of(avenue, avenue.give(slug, amount=amount, currency="KWD", cover_fee="1")):
            assert (given % 10, cover % 10) == (0, 0)
            assert (given + cover) * (10_000 - 150) >= 10_000 * (given + 80)  # 20p are 80.4 fils.


def test_no_page_offers_an_amount_that_its_own_form_refuses(avenue: World) -> None:
    html = avenue.donor.get("/c/abroad").text
    offered = re.findall(r'<option value="([A-Z]{3})"[^>]* data-values="([^"]+)"', html)
    assert {code for code, _ in offered} == {"GBP", *ABROAD}
    for code, values in offered:
        for value in values.split():
            answer = avenue.form("abroad", amount="", choice=value, currency=code)
            assert answer.status_code == 303, (code, value)


def test_a_gift_written_down_that_no_card_takes_is_over_at_the_next_try(avenue: World) -> None:
    """What was written down before its amount was refused is not asked for over and over."""
    typed = {"token": open_form(avenue, "dinar"), "amount": "20", "currency": "KWD"}
    avenue.sandbox.control("fault", {"kind": "status", "status": 500, "times": 10, "path": "/v1/"})
    assert avenue.send_form("dinar", **typed).status_code == 503
    avenue.sandbox.control("fault", {"clear": True})
    with avenue.parts.db.write("test") as session:
        session.execute(text("UPDATE donation SET gift_minor = 20005 WHERE form_token = :token"), typed)
    answer = avenue.send_form("dinar", **typed)
    assert answer.status_code == 503
    assert "would not take this gift" in answer.text
    assert rows(avenue, "SELECT state FROM donation ORDER BY id DESC LIMIT 1") == [("failed",)]
    assert avenue.send_form("dinar", **typed).status_code == 303


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_a_day_off_opens_no_page_that_is_not_meant(avenue: World, days: int) -> None:
    """Stripe refuses a page that ends in the past or in two days; the donor hears that nothing was taken."""
    before = rows(avenue, "SELECT COUNT(*) FROM donation WHERE state = 'opened'")
    clock = avenue.parts.clock
    object.__setattr__(avenue.parts, "clock", FrozenClock(clock.now() + timedelta(days=days)))
    try:
        answer = avenue.donor.post("/c/winter/give", data={**HONEST, "token": open_form(avenue)})
    finally:
        object.__setattr__(avenue.parts, "clock", clock)
    assert answer.status_code == 503
    assert "nothing was taken" in " ".join(answer.text.lower().split())
    says_nothing_of_the_inside(answer)
    assert rows(avenue, "SELECT COUNT(*) FROM donation WHERE state = 'opened'") == before
