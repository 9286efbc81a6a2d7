"""Coming in by a link, and going again."""

from pathlib import Path
from threading import Barrier, Thread

import httpx2 as httpx
import pytest
from sqlmodel import select

from fundraise.errors import Refusal
from fundraise.flows.staff_entry import enter, make_link
from fundraise.settings import Settings
from fundraise.staff.tables import StaffLink, StaffSession
from fundraise.web.staff.door import COOKIE
from tests.databases import fresh_sqlite
from tests.staff.office import Office, another_browser, form_of, signed_in
from tests.world import World, small_world

pytestmark = pytest.mark.pages


def path_of(world: World, link: str) -> str:
    return link.removeprefix(world.settings.base_url)


def sessions(world: World) -> int:
    with world.parts.db.read() as session:
        return len(session.exec(select(StaffSession)).all())


def unused(world: World) -> int:
    with world.parts.db.read() as session:
        return sum(link.used_at is None for link in session.exec(select(StaffLink)))


def test_looking_at_a_link_changes_nothing_and_its_button_opens_once(world: World) -> None:
    path = path_of(world, make_link(world.parts, "Priya Raman"))
    office = Office(world, world.donor)
    for _ in range(3):
        page = office.open(path)
        assert world.donor.head(path).status_code == 200
    assert "You are <bdi>Priya Raman</bdi>" in page.text
    assert (sessions(world), unused(world)) == (0, 1)
    answer = office.send(page, "/staff/enter")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert "Priya Raman" in office.open("/staff").text

    with another_browser(world) as late:
        second = late.post("/staff/enter", data={"token": path.rpartition("/")[2]})
        assert second.status_code == 410
        assert "no longer opens the door" in second.text
        assert late.get(path).status_code == 410
        assert "set-cookie" not in second.headers
    assert sessions(world) == 1


def test_old_and_invented_links_open_nothing(world: World) -> None:
    path = path_of(world, make_link(world.parts))
    world.advance(minutes=31)
    for wrong in (path, "/staff/enter/nonsense", "/staff/enter/" + "x" * 5000):
        assert world.donor.get(wrong).status_code == 410
        assert world.donor.post("/staff/enter", data={"token": wrong}).status_code == 410
    assert world.donor.post("/staff/enter", data={}).status_code == 410
    assert sessions(world) == 0


def cookie_of(answer: httpx.Response) -> set[str]:
    return {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}


def test_the_cookie_is_for_this_browser_and_these_pages_alone(world: World) -> None:
    token = make_link(world.parts).rpartition("/")[2]
    parts = cookie_of(world.donor.post("/staff/enter", data={"token": token}))
    assert {"httponly", "samesite=lax", "path=/staff", "max-age=43200"} <= parts
    assert "secure" not in parts


def test_over_https_the_cookie_never_leaves_it(tmp_path: Path) -> None:
    with fresh_sqlite(tmp_path) as plain:
        values = {**plain.model_dump(), "base_url": "https://give.example.org"}
        settings = Settings(_env_file=None, **values)
        with small_world(settings) as world:
            token = make_link(world.parts).rpartition("/")[2]
            parts = cookie_of(world.donor.post("/staff/enter", data={"token": token}))
            assert "secure" in parts


def test_whoever_is_not_signed_in_is_told_how_and_goes_on_to_the_page_they_wanted(at_shelter: Office) -> None:
    world = at_shelter.world
    with another_browser(world) as browser:
        office = Office(world, browser)
        page = office.open("/staff/campaigns/winter?done=saved", 403)
        assert "fundraise staff link" in page.text
        link = make_link(world.parts, "Jo Miller")
        answer = office.send(page, "/staff/enter", token=f"  {link} ")
        assert answer.headers["location"] == "/staff/campaigns/winter?done=saved"
        assert "Jo Miller" in office.open("/staff/campaigns/winter").text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/staff",
        "//evil.example",
        "/staff//evil.example",
        "/staff/../c/winter",
        "/staffroom",
        "/c/winter",
        "/staff\r\nset-cookie: a=b",
        "/staff/x?y=\\",
        "/staff@evil.example",
        "/staff/" + "x" * 400,
    ],
)
def test_the_way_on_leads_nowhere_else(world: World, wanted: str) -> None:
    token = make_link(world.parts).rpartition("/")[2]
    answer = world.donor.post("/staff/enter", data={"token": token, "next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")


def test_leaving_ends_the_session_and_not_only_the_cookie(world: World) -> None:
    office = signed_in(world, world.donor)
    kept = world.donor.cookies[COOKIE]
    answer = office.send(office.open("/staff"), "/staff/leave")
    assert answer.status_code == 303
    assert "fundraise staff link" in office.open(answer.headers["location"]).text
    office.open("/staff", 403)
    with another_browser(world) as browser:
        browser.cookies.set(COOKIE, kept)
        assert browser.get("/staff").status_code == 403
        assert browser.post("/staff/leave").status_code == 303


def test_a_session_ends_by_itself(world: World) -> None:
    office = signed_in(world, world.donor)
    world.advance(hours=11, minutes=59)
    office.open("/staff")
    world.advance(minutes=1)
    office.open("/staff", 403)


def test_a_form_from_another_site_lets_nobody_in(world: World) -> None:
    token = make_link(world.parts).rpartition("/")[2]
    headers = {"sec-fetch-site": "cross-site"}
    assert world.donor.post("/staff/enter", data={"token": token}, headers=headers).status_code == 403
    assert unused(world) == 1


def test_of_many_who_press_at_once_one_is_let_in(world: World) -> None:
    token = make_link(world.parts).rpartition("/")[2]
    together, let_in, refused = Barrier(6), [], []

    def press() -> None:
        together.wait()
        try:
            let_in.append(enter(world.parts, token))
        except Refusal as problem:
            refused.append(problem.status)

    threads = [Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(let_in), refused) == (1, [410] * 5)
    assert sessions(world) == 1


def test_the_page_of_a_link_holds_no_other_secret(world: World) -> None:
    path = path_of(world, make_link(world.parts, "<script>x</script>"))
    page = world.donor.get(path)
    assert "<script>x" not in page.text
    _, fields = form_of(page, "/staff/enter")
    assert fields == {"token": [path.rpartition("/")[2]]}
    assert page.headers["cache-control"] == "no-store"
