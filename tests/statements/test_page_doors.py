"""Who may come to the bank pages, how much they may send, and that nothing of it is taken for more than text."""

from datetime import date

import pytest
from sqlmodel import func, select
from starlette.testclient import TestClient

from fundraise.statements.tables import StatementUpload
from fundraise.statements.vocabulary import LARGEST_FILE_BYTES
from fundraise.web.guard import LONGEST_FORM_BYTES
from fundraise.web.staff import bank_lines, statements
from fundraise.web.staff.door import COOKIE
from tests.gallery.page_facts import PageFacts
from tests.statements.bank_files import Movement, camt053
from tests.statements.browsing import HOME, bring, looked_at, page_at, press
from tests.statements.teller import Teller

pytestmark = pytest.mark.pages

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", HOME),
        ("POST", HOME),
        ("GET", f"{HOME}/current"),
        ("GET", f"{HOME}/uploads/x"),
        ("POST", f"{HOME}/uploads/x/read"),
        ("POST", f"{HOME}/uploads/x/columns"),
        ("POST", f"{HOME}/uploads/x/keep"),
        ("POST", f"{HOME}/uploads/x/drop"),
        ("GET", "/staff/lines/1"),
        ("POST", "/staff/lines/1/match"),
        ("POST", "/staff/lines/1/undo"),
    ],
)
def test_only_staff_come_in(stranger: TestClient, method: str, address: str) -> None:
    assert stranger.request(method, address, data={"note": "x"} if method == "POST" else None).status_code == 403
    stranger.cookies.set(COOKIE, "a-guess")
    assert stranger.request(method, address).status_code == 403


def test_every_door_is_in_the_list_above() -> None:
    marks = test_only_staff_come_in.pytestmark
    known = {
        (method, address.replace("current", "{name}").replace("/x", "/{ref}").replace("lines/1", "lines/{line_id}"))
        for method, address in marks[0].args[1]
    }
    doors = {
        (next(iter(route.methods)), route.path)  # type: ignore[attr-defined]
        for router in (statements.router, bank_lines.router)
        for route in router.routes
    }
    assert doors == known


def test_a_strangers_file_is_not_even_read(teller: Teller, stranger: TestClient) -> None:
    assert bring(stranger, b"x" * 5_000_000).status_code == 403
    with teller.world.parts.db.read() as session:
        assert session.exec(select(func.count()).select_from(StatementUpload)).one() == 0


def test_only_this_form_takes_a_large_body(staff: TestClient) -> None:
    large = b"x" * (LONGEST_FORM_BYTES + 1)
    assert staff.post("/staff/lines/1/undo", content=large).status_code == 413
    assert staff.post(f"{HOME}/uploads/x/read", content=large).status_code == 413
    assert "This is no table" in looked_at(staff, large).text
    assert bring(staff, b"x" * (LARGEST_FILE_BYTES + 1)).status_code == 422
    assert bring(staff, b"x" * (LARGEST_FILE_BYTES + 128 * 1024)).status_code == 413


def test_a_form_that_is_not_this_one_is_refused(teller: Teller, staff: TestClient) -> None:
    good = ("a.csv", b"x", "text/csv")
    for files in (
        [("other", good)],
        [("file", good), ("file", good)],
        [("file", good), ("more", good)],
    ):
        assert staff.post(HOME, data={"account": "current"}, files=files).status_code == 400
    twice = [("account", (None, "current")), ("account", (None, "savings")), ("file", good)]
    assert staff.post(HOME, files=twice).status_code == 400
    assert staff.post(HOME, content=b"not a form", headers={"content-type": "multipart/form-data"}).status_code == 400
    for account, name, raw, word in (
        ("current", "", b"", "choose a file"),
        ("current", "a.csv", b"", "choose a file"),
        ("nobody", "a.csv", b"x", "no bank account"),
    ):
        refused = bring(staff, raw, name, account)
        assert refused.status_code == 422
        assert word in refused.text
        assert PageFacts(refused.text).faults() == []
    assert staff.post(HOME, data={"account": "current"}).status_code == 422


def test_names_and_texts_are_shown_as_text(teller: Teller, staff: TestClient) -> None:
    evil = "<script>alert(1)</script>"
    page = looked_at(staff, camt053([Movement(MONDAY, 500, f"STRIPE {evil}", "=cmd|' /C calc'!A0")]), f"{evil}.xml")
    assert "<script>alert" not in page.text
    press(staff, page, "/keep")
    for address in (
        HOME,
        f"{HOME}/current?show=all",
        f"/staff/lines/{teller.line(500).id}",
        f"{HOME}/current?q={evil}",
    ):
        assert "<script>alert" not in page_at(staff, address).text
