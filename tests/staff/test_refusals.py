"""Forms that will not do: a message beside each field, everything typed kept, and nothing half-written."""

import unicodedata
from typing import Any

import pytest
from sqlalchemy import text

from fundraise.web.forms import MOST_FIELDS
from fundraise.web.guard import LONGEST_FORM_BYTES
from tests.gallery.page_facts import PageFacts
from tests.staff.office import Office, form_of
from tests.staff.test_setting_up import APPEAL, CAMPAIGN, CHARITY, EVENT, stripe_account
from tests.world import WEBHOOK_SECRET, World

pytestmark = pytest.mark.pages

FORMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "charity": ("/staff/charities/new", "/staff/charities", CHARITY),
    "appeal": ("/staff/appeals/new", "/staff/appeals", APPEAL),
    "campaign": (
        "/staff/campaigns/new",
        "/staff/campaigns",
        {**CAMPAIGN, "appeal": "winter-appeal", "charities": ["shelter"]},
    ),
    "event": ("/staff/campaigns/winter/events/new", "/events", EVENT),
}
TABLES = ("staff_act", "campaign", "appeal", "body", "event", "stripe_account", "campaign_beneficiary")
WRONG: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("charity", {"name": " \t "}, {"name": "name its regulator knows"}),
    ("charity", {"name": "x" * 201}, {"name": "at most 200"}),
    ("charity", {"slug": "Rainbow Shelter!"}, {"slug": "mall letters"}),
    ("charity", {"slug": "shelter"}, {"slug": "has this short name already"}),
    ("charity", {"slug": "share"}, {"slug": "meaning of its own"}),
    ("charity", {"slug": "new"}, {"slug": "meaning of its own"}),
    ("charity", {"name": "Приют", "called": "", "slug": ""}, {"slug": "choose an address"}),
    ("charity", {"kind": "bank"}, {"kind": "what it is"}),
    ("charity", {"kind": "society"}, {"gift_aid": "Only a charity that HMRC recognises"}),
    ("charity", {"currency": "XXX"}, {"currency": "from the list"}),
    ("charity", {"country": "England"}, {"country": "from the list"}),
    ("charity", {"email": "hello@"}, {"email": "e-mail"}),
    ("charity", {"email": "a@b.example\r\nbcc: all@c.example"}, {"email": "e-mail"}),
    ("charity", {"website": "javascript:alert(1)"}, {"website": "whole address"}),
    ("charity", {"website": "example.org"}, {"website": "whole address"}),
    ("charity", {"website": "https://[::1"}, {"website": "whole address"}),
    ("charity", {"number": "1" * 41}, {"number": "at most 40"}),
    ("charity", {"refunds": "x" * 2001}, {"refunds": "at most 2000"}),
    ("charity", {"name": "A\x00B", "called": "A\x07B"}, {"name": "cannot be kept", "called": "cannot be kept"}),
    ("appeal", {"title": "", "helped": ""}, {"title": "a name", "helped": "one sentence"}),
    ("appeal", {"slug": "winter-appeal"}, {"slug": "already"}),
    ("appeal", {"currency": "gold", "stage": "spent", "rate_source": "me"},
     {"currency": "list", "stage": "headline", "rate_source": "exchange rates"}),
    ("appeal", {"beneficiary": "nobody"}, {"beneficiary": "charities here"}),
    ("appeal", {"story": "x" * 20_001}, {"story": "at most 20000"}),
    ("campaign", {"title": "", "organiser": "", "helped": ""},
     {"title": "a name", "organiser": "who raises", "helped": "one sentence"}),
    ("campaign", {"slug": "winter"}, {"slug": "already"}),
    ("campaign", {"charities": []}, {"charities": "at least one"}),
    ("campaign", {"charities": ["shelter", "nobody"]}, {"charities": "charities here"}),
    ("campaign", {"appeal": ""}, {"appeal": "choose the appeal"}),
    ("campaign", {"goal": "plenty"}, {"goal": "in digits"}),
    ("campaign", {"goal": "-5"}, {"goal": "above zero"}),
    ("campaign", {"goal": "0"}, {"goal": "above zero"}),
    ("campaign", {"goal": "1,500"}, {"goal": "two ways"}),
    ("campaign", {"goal": "1e309"}, {"goal": "digits"}),
    ("campaign", {"goal": "99999999999999999999"}, {"goal": "more than"}),
    ("campaign", {"goal": "€100"}, {"goal": "British pounds"}),
    ("campaign", {"choices": "10, 20"}, {"choices": "three amounts"}),
    ("campaign", {"choices": "20, 10, 50"}, {"choices": "smallest first"}),
    ("campaign", {"choices": "10, 10, 50"}, {"choices": "different"}),
    ("campaign", {"choices": "1, 20, 50"}, {"choices": "smallest gift"}),
    ("campaign", {"choices": "10, 20, 1000000"}, {"choices": "£999,999.99"}),
    ("campaign", {"choices": "ten, twenty, fifty"}, {"choices": "digits"}),
    ("campaign", {"amount_min": "0.50"}, {"amount_min": "at least £1"}),
    ("campaign", {"amount_min": ""}, {"amount_min": "at least £1"}),
    ("campaign", {"currency": "JPY", "choices": "10.50, 20, 50", "amount_min": "200", "goal": ""},
     {"choices": "whole number"}),
    ("campaign", {"currency": "JPY", "choices": "500, 1000, 2000", "amount_min": "50", "goal": ""},
     {"amount_min": "JP¥100"}),
    ("campaign", {"time_zone": "Europe/Atlantis"}, {"time_zone": "from the list"}),
    ("campaign", {"begins": "tomorrow"}, {"begins": "day and a time"}),
    ("campaign", {"begins": "2026-02-31T10:00"}, {"begins": "day and a time"}),
    ("campaign", {"ends": "0001-01-01T00:00"}, {"ends": "day and a time"}),
    ("campaign", {"ends": "2027-01-01T10:00+05:00"}, {"ends": "day and a time"}),
    ("campaign", {"begins": "2027-01-02T10:00", "ends": "2027-01-02T10:00"}, {"ends": "after the beginning"}),
    ("campaign", {"statement": "*****"}, {"statement": "plain Latin"}),
    ("campaign", {"statement": "КРОВАТИ"}, {"statement": "plain Latin"}),
    ("campaign", {"statement": "2026"}, {"statement": "one letter"}),
    ("campaign", {"statement": "FOURTEEN BEDSSS"}, {"statement": "room for 13"}),
    ("campaign", {"holding": "mine"}, {"holding": "whose money"}),
    ("campaign", {"holding": "agent"}, {"merchant": "which society"}),
    ("campaign", {"holding": "agent", "merchant": "shelter"}, {"merchant": "for itself"}),
    ("campaign", {"other_currencies": ["EUR", "ZZZ"]}, {"other_currencies": "from the list"}),
    ("event", {"title": "", "begins": ""}, {"title": "a name", "begins": "when it begins"}),
    ("event", {"ends": "2026-12-04T19:00"}, {"ends": "after the beginning"}),
    ("event", {"slug": "../quiz"}, {"slug": "small letters"}),
    ("event", {"place": "x" * 201}, {"place": "at most 200"}),
]  # fmt: skip


def rows(world: World) -> dict[str, int]:
    with world.parts.db.read() as session:
        return {table: int(session.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()) for table in TABLES}


def test_each_wrong_field_has_its_message_and_keeps_what_was_typed(at_shelter: Office) -> None:
    before, surprises = rows(at_shelter.world), []
    pages = {thing: at_shelter.open(address) for thing, (address, _, _) in FORMS.items()}
    for thing, wrong, expected in WRONG:
        _, ending, good = FORMS[thing]
        said = at_shelter.refused(pages[thing], ending, **{**good, **wrong})
        is_so = set(said) == set(expected) and all(words in said[name] for name, words in expected.items())
        if not is_so:
            surprises.append((thing, wrong, said))
    assert surprises == []
    assert rows(at_shelter.world) == before


HOSTILE = (
    "{{7*7}}", "${7*7}", "<svg onload=alert(1)>", "' OR 1=1--", "%00%0d%0a", "../../etc", "null", "NaN", "true", "-0",
    "O’Brien & <Söhne>", "\u202egnp.exe", "zero\u200bwidth", "🏳️‍🌈 x", "שלום", "نزار", "e\u0301" * 20, "N",
)  # fmt: skip


def test_strange_texts_are_kept_as_text_and_shown_as_text(at_shelter: Office) -> None:
    office, rounds = at_shelter, range(0, len(HOSTILE), 3)
    for start in rounds:
        one, two, three = (HOSTILE[(start + step) % len(HOSTILE)] for step in range(3))
        slug = f"odd-{start}"
        charity = {**CHARITY, "name": one, "called": two, "regulator": three, "refunds": one, "slug": slug}
        office.fill(*FORMS["charity"][:2], **charity)
        appeal = {**APPEAL, "title": two, "helped": three, "story": one, "beneficiary_name": two, "slug": slug}
        office.fill(*FORMS["appeal"][:2], **appeal)
        campaign = {**FORMS["campaign"][2], "title": three, "helped": one, "story": two, "organiser": one, "slug": slug}
        office.fill(*FORMS["campaign"][:2], **campaign)
        event = {**EVENT, "title": one, "place": two, "story": three}
        office.fill(f"/staff/campaigns/{slug}/events/new", "/events", **event)
        for page in (f"/staff/campaigns/{slug}", f"/staff/campaigns/{slug}/events/quiz/poster"):
            shown = office.open(page).text
            for never in ("<svg onload", "\u202e", "\u200b", "<Söhne>"):
                assert never not in shown
        _, kept = form_of(office.open(f"/staff/appeals/{slug}/edit"), f"/{slug}")
        assert (kept["title"], kept["story"]) == ([tidied(two)], [tidied(one)])


def tidied(text: str) -> str:
    """Return a text as it is kept: composed, and without marks that turn or hide what is read."""
    return unicodedata.normalize("NFC", text.replace("\u202e", "").replace("\u200b", ""))


def test_what_is_no_such_form_is_refused_whole(at_shelter: Office) -> None:
    before = rows(at_shelter.world)
    browser = at_shelter.browser
    for address, _, good in FORMS.values():
        where = address.removesuffix("/new")
        one = next(name for name, value in good.items() if isinstance(value, str))
        kind = {"content-type": "application/x-www-form-urlencoded"}
        assert browser.post(where, content=f"{one}=a&{one}=b".encode(), headers=kind).status_code == 400
        assert browser.post(where, content=b"title=\xff", headers=kind).status_code == 400
        assert browser.post(where, content=b"title=%ff", headers=kind).status_code == 400
        many = "&".join(f"f{number}=1" for number in range(MOST_FIELDS + 1)).encode()
        assert browser.post(where, content=many, headers=kind).status_code == 400
        assert browser.post(where, content=b"a=" + b"x" * LONGEST_FORM_BYTES, headers=kind).status_code == 413
        assert browser.post(where, data=good, headers={"sec-fetch-site": "cross-site"}).status_code == 403
        assert browser.post(where, files={"file": ("a", b"x")}).status_code == 400
        empty = browser.post(where, data={})
        assert empty.status_code == 422
        assert PageFacts(empty.text).faults() == []
    assert rows(at_shelter.world) == before


@pytest.mark.parametrize("name", ["nobody", "x" * 300, "%2e%2e", "1", "null"])
def test_what_is_not_there_is_not_there(at_shelter: Office, name: str) -> None:
    for place in (f"/staff/charities/{name}", f"/staff/appeals/{name}", f"/staff/campaigns/{name}"):
        for ending in ("", "/edit"):
            assert at_shelter.browser.get(place + ending).status_code == 404
        assert at_shelter.browser.post(place, data={"title": "x"}).status_code == 404
    for place in ("events/nobody", "events/nobody/edit", "events/nobody/poster", "events/nobody/qr.svg", "qr.gif"):
        assert at_shelter.browser.get(f"/staff/campaigns/winter/{place}").status_code in {404, 422}
    assert at_shelter.browser.post("/staff/campaigns/winter/charities/nobody/withdraw").status_code == 404
    assert at_shelter.browser.get(f"/staff/jobs/{name}").status_code == 404
    assert at_shelter.browser.post(f"/staff/jobs/{name}").status_code == 404


def test_a_key_is_tried_at_stripe_and_never_shown_again(at_shelter: Office) -> None:
    world = at_shelter.world
    world.body("network", currency="GBP")
    door = "/staff/charities/network/connect"
    good = {"slug": "network", "key": "", "webhook_secret": WEBHOOK_SECRET}
    before = rows(world)

    def said(**typed: str) -> tuple[int, str]:
        answer = at_shelter.send(at_shelter.open(door), "/connect", **{**good, **typed})
        assert PageFacts(answer.text).faults() == []
        _, kept = form_of(answer, "/connect")
        assert kept["key"] == kept["webhook_secret"] == [""]
        assert typed["key"] == "" or typed["key"] not in answer.text
        assert WEBHOOK_SECRET not in answer.text
        return answer.status_code, answer.text

    key = stripe_account(world, "network")["keys"][0]
    for typed, words in (
        ({"key": ""}, "A Stripe key begins with"),
        ({"key": "pk_test_123"}, "A Stripe key begins with"),
        ({"key": "rk_test_not_a_key_of_anybody"}, "Stripe does not take this key"),
        ({"key": "rk_live_5a5a5a5a5a5a5a5a"}, "Stripe"),
        ({"key": key, "webhook_secret": "secret"}, "whsec_"),
        ({"key": key, "slug": "shelter"}, "another body"),
        ({"key": key, "slug": "platform"}, "webhook address"),
        ({"key": key, "mode": "connected", "account": ""}, "acct_"),
        ({"key": key, "fee_percent": "lots"}, "percentage"),
        ({"key": key, "fee_percent": "21"}, "percentage"),
        ({"key": key, "fee_fixed": "x"}, "digits"),
        ({"key": key, "statement_prefix": "Ночлег"}, "plain Latin"),
    ):
        status, page = said(**typed)
        assert (status, words in page) == (422, True), (typed, page)
    world.sandbox.control("fault", {"kind": "status", "status": 500, "times": 10})
    status, page = said(key=key)
    assert (status, "Stripe does not answer" in page) == (503, True)
    world.sandbox.control("fault", {"clear": True})
    assert rows(world) == before
    assert at_shelter.fill(door, "/connect", **{**good, "key": key}).url.path == "/staff/charities/network"


def test_keys_pass_through_no_page_without_https(at_shelter: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    world = at_shelter.world
    settings = world.settings.model_copy(update={"base_url": "http://give.example.org"})
    object.__setattr__(world.parts, "settings", settings)
    assert "Renew the key" not in at_shelter.browser.get("/staff/charities/shelter").text
    key = world.accounts["shelter"]["keys"][0]
    sent = {"slug": "shelter", "mode": "own-key", "key": key, "webhook_secret": WEBHOOK_SECRET}
    answer = at_shelter.browser.post("/staff/charities/shelter/connect", data=sent)
    assert (answer.status_code, "only over https" in answer.text) == (422, True)
    assert key not in answer.text
