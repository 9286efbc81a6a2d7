"""What Stripe is told of a gift: what the page promised, in one session for each charity, and nothing of the donor."""

import re

from sqlalchemy import text

from tests.world import World

HIDDEN = {"name": "Zarema Q", "message": "for my cousin", "email": "zarema@example.org"}


def test_a_session_says_what_the_page_promised_and_only_our_random_id(world: World) -> None:
    body = world.body()
    world.account(body, statement_prefix="SHELTER")
    world.campaign(body, statement_suffix="BEDS")
    page = world.donor.get("/c/winter").text
    assert "SHELTER* BEDS" in page
    gift = world.give(amount="50", cover_fee="1", **HIDDEN)
    session = world.stripe_object("checkout/sessions", gift.session)
    assert session["submit_type"] == "donate"
    reference = session["client_reference_id"]
    assert list(session["metadata"].values()) == [reference]
    world.pay(gift)
    session = world.stripe_object("checkout/sessions", gift.session)
    intent = world.stripe_object("payment_intents", session["payment_intent"])
    assert list(intent["metadata"].values()) == [reference]
    assert intent["statement_descriptor_suffix"] == "BEDS"
    charge = world.stripe_object("charges", intent["latest_charge"])
    assert charge["calculated_statement_descriptor"] == "SHELTER* BEDS"
    items = world.stripe_object("checkout/sessions", f"{gift.session}/line_items")["data"]
    assert [item["amount_total"] for item in items] == [5000, 97]
    for said in (session["metadata"], intent["metadata"], intent["description"], charge["description"]):
        for secret in HIDDEN.values():
            assert secret not in str(said)


def test_a_gift_for_several_charities_is_one_session_each(world: World) -> None:
    slugs = ("shelter", "network", "clinic")
    bodies = [world.body(slug) for slug in slugs]
    for body in bodies:
        world.account(body)
    world.campaign(*bodies)
    gift = world.give(amount="50", charity="share")
    for number in range(len(slugs)):
        world.pay(gift)
        world.settle()
        page = world.donor.get(f"{gift.page}/thanks").text
        assert f"Part {number + 1} of 3" in page
        following = re.search(r'action="(/d/[^"]+/pay)"', page)
        assert (following is None) == (number == len(slugs) - 1)
        if following is not None:
            gift = world.gift_at(world.donor.post(following.group(1)).headers["location"])
    sessions = [world.sandbox.world.accounts[world.accounts[slug]["id"]]["sessions"].rows for slug in slugs]
    assert [[row["amount_total"] for row in rows] for rows in sessions] == [[1667], [1667], [1666]]
    assert world.total_minor() == 5000
    with world.parts.db.read() as session:
        given = session.execute(
            text("SELECT body_id, SUM(minor) FROM ledger_line WHERE account = '4110' GROUP BY body_id")
        )
        assert sorted(-int(minor) for _, minor in given) == [1666, 1667, 1667]
