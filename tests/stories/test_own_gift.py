"""What a donor finds on their gift's own page, and can do there without a password."""

from sqlalchemy import text

from fundraise.flows.manage_gift import MOST_RECEIPT_LETTERS
from tests.doors.reading import shown
from tests.stories.test_moments_of_money import charge_of
from tests.world import World

MARA = {"email": "mara@example.org", "name": "Mara Lindqvist"}


def latest_gifts(world: World) -> str:
    page = world.donor.get("/c/winter?fresh=1").text
    return page.partition('id="gifts"')[2].partition("</ul>")[0]


def test_what_others_see_is_changed_and_changed_back(shelter: World) -> None:
    gift = shelter.paid_gift("50", **MARA)
    said = ("Mara L.", "Warm beds.", "£50.00")
    assert [word for word in ("Mara", *said) if word in latest_gifts(shelter)] == []
    typed = {"name": "Mara L.", "message": "Warm beds."}
    shows = {"show_name": "1", "show_amount": "1", "show_message": "1"}
    answer = shelter.donor.post(f"{gift.page}/visibility", data={**typed, **shows})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{gift.page}?done=saved")
    assert [word for word in said if word in latest_gifts(shelter)] == list(said)
    shelter.donor.post(f"{gift.page}/visibility", data=typed)
    assert [word for word in said if word in latest_gifts(shelter)] == []
    assert shelter.total_minor() == 5000


def test_a_message_too_long_is_said_beside_its_field_and_nothing_is_lost(shelter: World) -> None:
    gift = shelter.paid_gift("50", **MARA)
    typed = {"name": "Mara", "message": "x" * 2000, "show_name": "1"}
    answer = shelter.donor.post(f"{gift.page}/visibility", data=typed)
    assert answer.status_code == 422
    page = shown(answer.text)
    assert list(page.beside) == ["message"]
    assert {name: page.values[name] for name in typed} == typed
    with shelter.parts.db.read() as session:
        assert not session.execute(text("SELECT show_name FROM donation")).scalar_one()


def test_the_receipt_is_sent_again_but_not_without_end(shelter: World) -> None:
    gift = shelter.paid_gift("50", **MARA)
    answers = [shelter.donor.post(f"{gift.page}/receipt/send").status_code for _ in range(MOST_RECEIPT_LETTERS)]
    assert answers == [303] * (MOST_RECEIPT_LETTERS - 1) + [429]
    shelter.send_mail()
    assert len(shelter.mailbox.letters) == MOST_RECEIPT_LETTERS
    assert {letter["To"] for letter in shelter.mailbox.letters} == {"mara@example.org"}
    assert all("000001" in shelter.mailbox.text(place) for place in range(MOST_RECEIPT_LETTERS))


def test_what_became_of_the_amount_adds_up_before_the_donors_eyes(shelter: World) -> None:
    gift = shelter.paid_gift("22.50")
    shelter.advance(days=12)
    shelter.sandbox.control("refund", {"charge": charge_of(shelter, gift.session), "amount": 1000})
    shelter.settle()
    page = shelter.donor.get(gift.page).text
    for line in ("£22.50", "−£0.54", "−£10.00", "Reaches Shelter", "£11.96"):
        assert line in page
    assert "Usually by" not in page  # That day is over; the next transfer brings it.


def test_the_charity_says_itself_how_gifts_are_given_back(shelter: World) -> None:
    says = "We return a gift within 30 days if you ask us."
    gift = shelter.paid_gift("50")
    for page in ("/help", gift.page):
        assert says not in shelter.donor.get(page).text
        assert "14 days" not in shelter.donor.get(page).text
    with shelter.parts.db.write("test") as session:
        session.execute(text("UPDATE body SET refund_policy = :says"), {"says": says})
    for page in ("/help", gift.page):
        assert says in shelter.donor.get(page).text


def test_every_page_of_a_gift_names_who_receives_it(shelter: World) -> None:
    gift = shelter.give(amount="50")
    for page in (gift.page, f"{gift.page}/thanks", f"{gift.page}/thanks?back=1"):
        assert "Registered charity 1234567" in shelter.donor.get(page).text


def test_an_address_that_is_not_quite_a_gifts_opens_nothing(shelter: World) -> None:
    gift = shelter.paid_gift("50", **MARA)
    last = "0" if gift.token[-1] != "0" else "1"
    for token in (gift.token[:-1], gift.token[:-1] + last, gift.token.upper(), f"{gift.token}%00", "x"):
        answer = shelter.donor.get(f"/d/{token}")
        assert answer.status_code == 404, token
        assert "Mara" not in answer.text
