"""The same form twice, two tabs, the way back, and a campaign that changes under an open page."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from fundraise.flows import begin_gift, give
from fundraise.flows.begin_gift import Giver
from tests.doors.knocking import HONEST, open_form, rows, traces
from tests.doors.reading import shown
from tests.world import Gift, World


def sessions(world: World) -> set[str]:
    """Return the keys under which payment pages were opened at Stripe."""
    calls = world.sandbox.control("requests", {"path": "/v1/checkout/sessions"})["requests"]
    return {call["idempotency_key"] for call in calls if call["method"] == "POST" and call["status"] == 200}


def gifts(world: World) -> list[tuple[str, int]]:
    return [(state, minor) for state, minor in rows(world, "SELECT state, gift_minor FROM donation ORDER BY id")]


def click_at_once(world: World, typed: dict[str, str], clicks: int = 6) -> list[str]:
    start = Barrier(clicks)

    def click(_: int) -> str:
        start.wait()
        answer = world.donor.post("/c/winter/give", data=typed)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    with ThreadPoolExecutor(clicks) as fingers:
        return list(fingers.map(click, range(clicks)))


def one_gift_of_many_clicks(world: World) -> None:
    """Send one form several times at the same moment."""
    went = click_at_once(world, {**HONEST, "token": open_form(world)})
    assert len(set(went)) == 1
    assert len(sessions(world)) == 1
    assert gifts(world) == [("opened", 2000)]


def test_clicks_at_the_same_moment_are_one_gift_and_one_payment_page(shelter: World) -> None:
    one_gift_of_many_clicks(shelter)
    assert rows(shelter, "SELECT COUNT(*) FROM donor") == [(1,)]


def first_page_closes(world: World) -> None:
    """Send one form with one content, then with another."""
    token = open_form(world)
    first = world.gift_at(world.send_form(token=token, amount="20").headers["location"])
    second = world.gift_at(world.send_form(token=token, amount="30").headers["location"])
    pages = [world.stripe_object("checkout/sessions", gift.session)["status"] for gift in (first, second)]
    assert pages == ["expired", "open"]
    assert gifts(world) == [("expired", 2000), ("opened", 3000)]


def test_the_same_form_with_other_content_closes_the_first_page(shelter: World) -> None:
    first_page_closes(shelter)


def statuses(world: World) -> list[tuple[int, str, str]]:
    """Return amount and state of each gift, and what its payment page is at Stripe."""
    found = rows(world, "SELECT gift_minor, state, checkout_id FROM donation ORDER BY id")
    return [
        (minor, state, world.stripe_object("checkout/sessions", page)["status"] if page else "")
        for minor, state, page in found
    ]


def one_page_stays_of_contents_at_once(world: World) -> None:
    """Send one form with four contents at the same moment, a few times."""
    for number in range(6):
        token, start = f"at-once-{number}", Barrier(4)

        def send(amount: int, token: str = token, start: Barrier = start) -> int:
            start.wait()
            return world.send_form(token=token, amount=str(amount)).status_code

        with ThreadPoolExecutor(4) as fingers:
            assert set(fingers.map(send, (20, 30, 40, 50))) == {303}
    found = statuses(world)
    assert len(found) == 24
    assert [status for _, _, status in found].count("open") == 6
    assert [state for _, state, _ in found].count("opened") == 6
    tokens = rows(world, "SELECT COUNT(DISTINCT form_token) FROM donation WHERE state = 'opened'")
    assert tokens == [(6,)]


def test_of_several_contents_at_once_one_page_stays_open(shelter: World) -> None:
    one_page_stays_of_contents_at_once(shelter)


def overtaken_page_closes(world: World) -> None:
    """Let a form ask for something else while the page it asked for first is being opened."""
    giver = Giver(open_form(world))
    first = begin_gift.begin_gift(world.parts, "winter", {"amount": "20"}, giver)
    asyncio.run(give.give(world.parts, "winter", {"amount": "30"}, giver))
    where = asyncio.run(give._go_on(world.parts, first.ref, first.page))
    assert statuses(world) == [(2000, "expired", "expired"), (3000, "opened", "open")]
    assert where is not None
    assert "/d/" in where.url
    answer = world.donor.post(where.url.removeprefix(world.settings.base_url) + "/pay")
    assert answer.headers["location"] == where.url
    assert statuses(world)[0] == (2000, "expired", "expired")


def test_a_page_that_is_opened_too_late_closes_again(shelter: World) -> None:
    overtaken_page_closes(shelter)


def test_there_and_back_again_leaves_the_last_page_open(shelter: World) -> None:
    token = open_form(shelter)
    for amount in ("20", "30", "20", "30", "30"):
        assert shelter.send_form(token=token, amount=amount).status_code == 303
    assert statuses(shelter) == [
        *[(amount, "expired", "expired") for amount in (2000, 3000, 2000)],
        (3000, "opened", "open"),
    ]


def test_a_page_that_could_not_be_closed_then_is_closed_with_the_next_form(shelter: World) -> None:
    token = open_form(shelter)
    shelter.send_form(token=token, amount="20")
    shelter.sandbox.control("fault", {"kind": "status", "status": 500, "times": 10, "path": "/expire$"})
    shelter.send_form(token=token, amount="30")
    shelter.sandbox.control("fault", {"clear": True})
    assert statuses(shelter) == [(2000, "opened", "open"), (3000, "opened", "open")]
    shelter.send_form(token=token, amount="30")
    assert statuses(shelter) == [(2000, "expired", "expired"), (3000, "opened", "open")]


def what_was_let_go_of_is_paid_once(world: World) -> None:
    """Pay on a page of which no news comes, ask for something else by the same form, then for the first again."""
    token = open_form(world)
    gift = world.gift_at(world.send_form(token=token, amount="20").headers["location"])
    world.sandbox.control("pay", {"session": gift.session, "card": "4242424242424242"})
    world.sandbox.control("fault", {"kind": "status", "status": 500, "times": 10, "path": "/v1/(checkout|payment)"})
    assert world.send_form(token=token, amount="30").status_code == 503
    asked_again = world.send_form(token=token, amount="20")
    assert asked_again.status_code == 503
    assert "whether your gift was paid before is not known" in asked_again.text
    world.sandbox.control("fault", {"clear": True})
    asked_again = world.send_form(token=token, amount="20")
    assert "/d/" in asked_again.headers["location"]
    assert gifts(world) == [("paid", 2000), ("expired", 3000)]
    world.settle()
    assert world.total_minor() == 2000


def test_a_gift_that_was_paid_before_it_was_let_go_of_is_not_asked_for_again(shelter: World) -> None:
    what_was_let_go_of_is_paid_once(shelter)


def test_a_gift_paid_before_the_form_asked_for_another_stays_paid(shelter: World) -> None:
    token = open_form(shelter)
    first = shelter.gift_at(shelter.send_form(token=token, amount="20").headers["location"])
    shelter.pay(first)
    second = shelter.gift_at(shelter.send_form(token=token, amount="30").headers["location"])
    shelter.settle()
    assert gifts(shelter) == [("paid", 2000), ("opened", 3000)]
    assert (second.session, shelter.total_minor()) != (first.session, 0)


def shared(world: World, paid: str) -> tuple[dict[str, str], str]:
    """Begin a gift to two charities, pay the part of one alone, and let the other's page close."""
    bodies = [world.body(slug) for slug in ("shelter", "network")]
    for body in bodies:
        world.account(body)
    world.campaign(*bodies)
    typed = {**HONEST, "charity": "share", "token": open_form(world)}
    world.send_form(**typed)
    other = "network" if paid == "shelter" else "shelter"
    for slug in (paid, other):
        answer = world.donor.post(f"/d/{world.parts.sealer.link_token('donation', ref_of(world, slug))}/pay")
        gift = world.gift_at(answer.headers["location"])
        if slug == paid:
            world.pay(gift)
    world.settle()
    world.advance(hours=1)
    world.hear()
    return typed, other


def ref_of(world: World, slug: str) -> str:
    body_id = world.bodies[slug].id
    return str(rows(world, f"SELECT ref FROM donation WHERE beneficiary_body_id = {body_id} ORDER BY id DESC")[0][0])


def states(world: World) -> list[tuple[str, str, int]]:
    of_gift = "SELECT b.slug, d.state, d.gift_minor FROM donation d JOIN body b ON b.id = d.beneficiary_body_id"
    return [(slug, state, minor) for slug, state, minor in rows(world, f"{of_gift} ORDER BY d.id")]


def asks_only_for_what_is_not_paid(world: World, paid: str = "network") -> None:
    typed, other = shared(world, paid)
    before = states(world)
    assert sorted(before) == sorted([(paid, "paid", 1000), (other, "expired", 1000)])
    gift = world.gift_at(world.send_form(**typed).headers["location"])
    assert states(world) == [*before, (other, "opened", 1000)]
    assert world.gift_at(world.send_form(**typed).headers["location"]) == gift
    world.pay(gift)
    world.settle()
    assert states(world) == [*before, (other, "paid", 1000)]
    assert (world.total_minor(), world.total()["gifts"]) == (2000, 2)
    world.send_form(**typed)
    assert len(states(world)) == 3


@pytest.mark.parametrize("paid", ["shelter", "network"])
def test_a_shared_gift_sent_again_asks_only_for_what_is_not_paid(world: World, paid: str) -> None:
    asks_only_for_what_is_not_paid(world, paid)


@pytest.mark.parametrize("state", ["created", "opened"])
def test_a_part_that_can_still_be_paid_is_not_asked_for_a_second_time(world: World, state: str) -> None:
    typed, _ = shared(world, "network")
    with world.parts.db.write("test") as session:
        values = {"state": state, "ref": ref_of(world, "network")}
        session.execute(text("UPDATE donation SET state = :state, paid_at = NULL WHERE ref = :ref"), values)
    world.books_are_broken = True  # The paid part is made unpaid by hand.
    world.send_form(**typed)
    assert [slug for slug, _, _ in states(world)] == ["shelter", "network", "shelter"]


def a_slip_keeps_the_form(world: World) -> None:
    """20 by mistake, back, a slip of the keys, then 30: only the last page can be paid."""
    token = open_form(world)
    first = world.gift_at(world.send_form(token=token, amount="20").headers["location"])
    slip = shown(world.send_form(token=token, amount="3o").text).values
    second = world.send_form(**{**slip, "amount": "30"})
    assert world.stripe_object("checkout/sessions", first.session)["status"] == "expired"
    assert "cs_test_" in second.headers["location"]
    assert gifts(world) == [("expired", 2000), ("opened", 3000)]


def test_a_mistake_in_between_keeps_the_form_the_same_form(shelter: World) -> None:
    a_slip_keeps_the_form(shelter)


def each_campaign_has_its_own_gift(world: World) -> None:
    """Send one form, token and all, to its campaign and to another one."""
    world.campaign(world.bodies["shelter"], slug="summer")
    typed = {**HONEST, "token": open_form(world)}
    answers = {slug: world.send_form(slug, **typed) for slug in ("winter", "summer")}
    assert [answer.status_code for answer in answers.values()] == [303, 303]
    begun = rows(world, "SELECT c.slug, d.state FROM donation d JOIN campaign c ON c.id = d.campaign_id ORDER BY d.id")
    assert begun == [("winter", "opened"), ("summer", "opened")]
    gifts_at = {slug: world.gift_at(answer.headers["location"]) for slug, answer in answers.items()}
    pages = {world.stripe_object("checkout/sessions", gift.session)["status"] for gift in gifts_at.values()}
    assert (len({gift.session for gift in gifts_at.values()}), pages) == (2, {"open"})
    for slug, answer in answers.items():
        assert world.send_form(slug, **typed).headers["location"] == answer.headers["location"]


def test_a_form_that_is_sent_to_another_campaign_is_that_campaigns_gift(shelter: World) -> None:
    each_campaign_has_its_own_gift(shelter)


@pytest.mark.parametrize("token", ["", "short", "x" * 65, "no spaces here", "'; DROP TABLE donation", "\x00" * 16])
def test_a_token_that_is_none_of_ours_is_no_hindrance(shelter: World, token: str) -> None:
    answers = [shelter.send_form(token=token, amount="20") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(gifts(shelter)) == 2


def test_two_tabs_are_two_gifts_and_both_count(shelter: World) -> None:
    tabs = [shelter.give(amount="20", email="mara@example.org") for _ in range(2)]
    for tab in tabs:
        shelter.pay(tab)
    shelter.settle()
    assert gifts(shelter) == [("paid", 2000), ("paid", 2000)]
    assert (shelter.total_minor(), shelter.total()["gifts"]) == (4000, 2)


def test_the_back_button_after_paying_leads_to_the_gift(shelter: World) -> None:
    typed = {**HONEST, "token": open_form(shelter)}
    gift = shelter.gift_at(shelter.send_form(**typed).headers["location"])
    shelter.pay(gift)
    shelter.settle()
    before = traces(shelter)
    again = shelter.send_form(**typed)
    assert (again.status_code, again.headers["location"]) == (303, shelter.settings.base_url + gift.page)
    assert traces(shelter) == before


def test_thanks_may_be_reloaded_as_often_as_one_likes(shelter: World) -> None:
    gift = shelter.give(**HONEST)
    shelter.pay(gift)
    for _ in range(5):
        assert 'data-state="paid"' in shelter.donor.get(f"{gift.page}/thanks").text
    shelter.settle()
    shelter.donor.get(f"{gift.page}/thanks")
    assert rows(shelter, "SELECT COUNT(*) FROM receipt") == [(1,)]
    assert rows(shelter, "SELECT COUNT(*) FROM letter") == [(1,)]
    assert shelter.total_minor() == 2000


def test_coming_back_without_paying_says_so_and_leads_on(shelter: World) -> None:
    gift = shelter.give(amount="20")
    page = shelter.donor.get(f"{gift.page}/thanks?back=1")
    assert 'data-state="cancelled"' in page.text
    assert "before paying" in page.text
    again = shelter.donor.post(f"{gift.page}/pay")
    assert shelter.gift_at(again.headers["location"]) == gift
    assert gifts(shelter) == [("opened", 2000)]
    assert shelter.total_minor() == 0


@pytest.mark.parametrize(
    "claims", ["", "?paid=1", "?session_id=cs_test_x&status=complete", "?back=0&redirect_status=ok"]
)
def test_the_address_one_comes_back_to_proves_no_payment(shelter: World, claims: str) -> None:
    gift = shelter.give(amount="20")
    page = shelter.donor.get(f"{gift.page}/thanks{claims}")
    assert page.status_code == 200
    assert 'data-state="paid"' not in page.text
    assert shelter.total_minor() == 0
    assert gifts(shelter) == [("opened", 2000)]


def test_a_page_left_open_for_a_day_closes_and_the_form_makes_the_next_gift(shelter: World) -> None:
    typed = {**HONEST, "token": open_form(shelter)}
    gift = shelter.gift_at(shelter.send_form(**typed).headers["location"])
    shelter.advance(days=1)
    assert "Nothing was taken" in shelter.donor.get(f"{gift.page}/thanks").text
    assert gift.page in shelter.donor.post(f"{gift.page}/pay").headers["location"]
    other = shelter.gift_at(shelter.send_form(**typed).headers["location"])
    assert other.session != gift.session
    assert gifts(shelter) == [("expired", 2000), ("opened", 2000)]


def ends(world: World, **values: object) -> None:
    sets = ", ".join(f"{name} = :{name}" for name in values)
    with world.parts.db.write("test") as session:
        session.execute(text(f"UPDATE campaign SET {sets}"), values)


def paid_late(world: World, gift: Gift) -> None:
    world.pay(gift)
    world.settle()
    assert 'data-state="paid"' in world.donor.get(f"{gift.page}/thanks").text
    assert world.donor.get(f"{gift.page}/receipt").status_code == 200
    assert gifts(world) == [("paid", 2000)]


@pytest.mark.parametrize("state", ["ended", "paused"])
def test_a_gift_begun_before_the_end_is_taken_after_it(shelter: World, state: str) -> None:
    gift = shelter.give(**HONEST)
    ends(shelter, state=state)
    paid_late(shelter, gift)
    assert shelter.total_minor() == 2000


def test_a_gift_paid_after_the_last_day_counts(shelter: World) -> None:
    ends(shelter, ends_at=shelter.now() + timedelta(minutes=5))
    gift = shelter.give(**HONEST)
    shelter.advance(minutes=10)
    assert shelter.send_form(token=open_form_late(shelter), amount="5").status_code == 409
    paid_late(shelter, gift)
    assert shelter.total_minor() == 2000


def open_form_late(world: World) -> str:
    """Return a token kept from before; the page of an ended campaign has no form."""
    assert 'name="token"' not in world.donor.get("/c/winter?fresh=1").text
    return "kept-from-before"


def closes_under_an_open_page(world: World, state: str, words: str) -> None:
    token = open_form(world)
    ends(world, state=state)
    before = traces(world)
    answer = world.send_form(**{**HONEST, "token": token})
    assert answer.status_code == 409
    assert words in answer.text
    assert traces(world) == before


@pytest.mark.parametrize(("state", "words"), [("ended", "ended"), ("paused", "paused")])
def test_a_campaign_that_closes_under_an_open_page_refuses_and_says_why(shelter: World, state: str, words: str) -> None:
    closes_under_an_open_page(shelter, state, words)


def test_a_charity_that_loses_its_account_under_an_open_page_takes_nothing(shelter: World) -> None:
    token = open_form(shelter)
    with shelter.parts.db.write("test") as session:
        session.execute(text("UPDATE stripe_account SET closed_at = :now"), {"now": shelter.now()})
    before = traces(shelter)
    answer = shelter.send_form(**{**HONEST, "token": token})
    assert answer.status_code == 409
    assert "being set up" in answer.text
    assert traces(shelter) == before
