"""QR codes lead to the giving page of the campaign or of the event, and posters say the same."""

import io

import pytest
import segno

from tests.staff.office import Office
from tests.staff.test_setting_up import EVENT

pytestmark = pytest.mark.pages

CASES = (
    ("/staff/campaigns/winter", "/c/winter", "winter"),
    ("/staff/campaigns/winter/events/quiz", "/c/winter/e/quiz", "winter-quiz"),
)


def drawn(address: str, kind: str) -> bytes:
    """Draw a code as it should be: its dots are made of the address alone."""
    picture = io.BytesIO()
    scale = {"svg": 4, "png": 20}[kind]
    light = {"light": "#fff"} if kind == "svg" else {}
    segno.make(address, error="q", micro=False).save(picture, kind=kind, scale=scale, border=4, **light)
    return picture.getvalue()


@pytest.mark.parametrize(("door", "public", "name"), CASES)
@pytest.mark.parametrize(("kind", "media_type"), [("svg", "image/svg+xml"), ("png", "image/png")])
def test_a_code_is_of_the_public_address(
    at_shelter: Office, door: str, public: str, name: str, kind: str, media_type: str
) -> None:
    at_shelter.fill("/staff/campaigns/winter/events/new", "/events", **EVENT)
    base_url = at_shelter.world.settings.base_url
    shown = at_shelter.browser.get(f"{door}/qr.{kind}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, media_type)
    assert "content-disposition" not in shown.headers
    assert shown.content == drawn(f"{base_url}{public}", kind)
    assert shown.content != drawn(f"{base_url}/c/winter/e/other", kind)
    kept = at_shelter.browser.get(f"{door}/qr.{kind}?keep=1")
    assert kept.headers["content-disposition"] == f'attachment; filename="{name}.{kind}"'
    assert kept.content == shown.content
    assert at_shelter.world.donor.get(public).status_code == 200


@pytest.mark.parametrize(("door", "public", "name"), CASES)
def test_a_poster_says_where_and_for_whom(at_shelter: Office, door: str, public: str, name: str) -> None:
    at_shelter.fill("/staff/campaigns/winter/events/new", "/events", **EVENT)
    page = at_shelter.open(f"{door}/poster").text
    assert f'src="{door}/qr.svg"' in page
    assert f"127.0.0.1:8000{public}<" in page
    assert "The Shelter Trust, Registered charity 1234567" in page
    assert ("Friday 4 December 2026, 19:30 GMT" in page) == (name == "winter-quiz")
    assert "not published yet" not in page


def test_a_poster_of_a_draft_warns(at_shelter: Office) -> None:
    at_shelter.world.campaign(slug="draft", state="draft")
    assert "not published yet" in at_shelter.open("/staff/campaigns/draft/poster").text
