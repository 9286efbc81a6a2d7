"""Receipts over a real mail server (goal 18): at least once, to their donor alone, encrypted where that is offered."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from fundraise import faults
from fundraise.gateways.mail.smtp import SmtpMailer
from fundraise.jobs.outbox import send_letters
from fundraise.outbox import MOST_TRIES
from tests.gateways.postman import Postman, make_certificate, post_office
from tests.sandbox.driving import free_port
from tests.world import World


@pytest.fixture
def posted(shelter: World) -> Iterator[tuple[World, Postman]]:
    """A world whose letters go to a mail server."""
    with post_office() as (postman, host):
        shelter.parts = replace(shelter.parts, mailer=SmtpMailer(f"smtp://{host}"))
        yield shelter, postman


def letters(world: World) -> list[tuple[str, int, bool, bool]]:
    with world.parts.db.read() as session:
        found = session.execute(
            text("SELECT kind, tries, sent_at IS NOT NULL, dead_at IS NOT NULL FROM letter ORDER BY id")
        )
        return [(kind, tries, bool(sent), bool(dead)) for kind, tries, sent, dead in found]


def test_a_receipt_arrives_and_says_what_it_must(posted: tuple[World, Postman]) -> None:
    world, postman = posted
    gift = world.paid_gift("50", email="mara@example.org", name="Mara Łukasiewicz منى")
    send_letters(world.parts)
    send_letters(world.parts)
    assert postman.envelopes == [("receipts@localhost", ("mara@example.org",))]
    letter = postman.letters[0]
    plain, html = (part.get_content() for part in letter.iter_parts())
    for said in ("£50.00", "The Shelter Trust", "1234567", "000001", gift.page, "Mara Łukasiewicz منى"):
        assert said in plain
        assert said in html
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "@" in letter["Message-ID"]
    assert letters(world) == [("receipt", 0, True, False)]


class Killed(BaseException):
    """The process died here."""


@pytest.mark.parametrize("death", ["mail: send: after", "outbox: sent: before commit"])
def test_a_death_after_sending_sends_again_under_the_same_message_id(posted: tuple[World, Postman], death: str) -> None:
    world, postman = posted
    world.paid_gift("50", email="mara@example.org")

    def dies(point: str) -> None:
        if point == death:
            raise Killed(point)

    with faults.listening(dies), pytest.raises(Killed):
        send_letters(world.parts)
    send_letters(world.parts)
    assert len(postman.letters) == 1  # Claimed for two minutes, in case its sender lives.
    world.advance(minutes=3)
    send_letters(world.parts)
    assert len(postman.letters) == 2
    assert len({letter["Message-ID"] for letter in postman.letters}) == 1
    assert {to for _, to in postman.envelopes} == {("mara@example.org",)}


def test_an_answer_that_is_lost_sends_again_under_the_same_message_id(posted: tuple[World, Postman]) -> None:
    world, postman = posted
    world.paid_gift("50", email="mara@example.org")
    postman.to_letters = ["kept, and the answer lost"]
    assert send_letters(world.parts) == {"failed": 1}
    world.advance(minutes=2)
    assert send_letters(world.parts) == {"sent": 1}
    assert len({letter["Message-ID"] for letter in postman.letters}) == 1


def test_control_without_its_claim_two_senders_post_one_letter_twice(
    posted: tuple[World, Postman], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, postman = posted
    world.paid_gift("50", email="mara@example.org")
    inner = world.parts.mailer
    assert inner is not None

    class MeanwhileAnother:
        """Another process looks at the outbox while this one is sending."""

        def send(self, message: object) -> None:
            world.parts = replace(world.parts, mailer=inner)
            send_letters(world.parts)
            inner.send(message)  # type: ignore[arg-type]

    send_letters(replace(world.parts, mailer=MeanwhileAnother()))
    assert len(postman.letters) == 1
    world.paid_gift("50", email="mara@example.org")
    monkeypatch.setattr("fundraise.outbox._CLAIM_SECONDS", -1)
    send_letters(replace(world.parts, mailer=MeanwhileAnother()))
    assert len(postman.letters) == 1 + 2


def test_an_address_refused_for_good_is_shown_to_a_person_and_not_asked_again(posted: tuple[World, Postman]) -> None:
    world, postman = posted
    world.paid_gift("50", email="gone@example.org")
    world.paid_gift("20", email="mara@example.org")
    postman.to_addresses = ["550 no such mailbox"]
    assert send_letters(world.parts) == {"failed": 1, "sent": 1}
    assert letters(world) == [("receipt", 1, False, True), ("receipt", 0, True, False)]
    world.advance(days=1)
    assert send_letters(world.parts) == {}
    assert [to for _, to in postman.envelopes] == [("mara@example.org",)]


@pytest.mark.parametrize(("where", "answer"), [("to_addresses", "451 try later"), ("to_letters", "452 no space")])
def test_a_letter_refused_for_now_is_asked_again_and_ends(
    posted: tuple[World, Postman], where: str, answer: str
) -> None:
    world, postman = posted
    world.paid_gift("50", email="mara@example.org")
    setattr(postman, where, [answer] * 2)
    for expected in ({"failed": 1}, {"failed": 1}, {"sent": 1}):
        assert send_letters(world.parts) == expected
        world.advance(hours=6)
    world.paid_gift("50", email="mara@example.org")
    setattr(postman, where, [answer] * 100)
    for _ in range(20):
        send_letters(world.parts)
        world.advance(hours=6)
    assert letters(world)[1] == ("receipt", MOST_TRIES, False, True)


def test_no_field_of_a_letter_can_be_split(posted: tuple[World, Postman]) -> None:
    """What a form refuses is harmless, too, where it came into the books another way."""
    world, postman = posted
    world.paid_gift("50", email="mara@example.org")
    split = "Our site\r\nBcc: everybody@example.org"
    with world.parts.db.write("test") as session:
        session.execute(text("UPDATE body SET name = :split, legal_name = :split"), {"split": split})
        session.execute(text("UPDATE campaign SET title = :split"), {"split": split})
        session.execute(text("UPDATE receipt SET legal_name = :split"), {"split": split})
    settings = world.parts.settings.model_copy(update={"site_name": split})
    send_letters(replace(world.parts, settings=settings))
    letter = postman.letters[0]
    assert letter["Bcc"] is None
    assert "Bcc: everybody@example.org" in letter["From"] + letter["Subject"]
    assert [to for _, to in postman.envelopes] == [("mara@example.org",)]


def test_an_address_that_would_split_a_field_is_never_written_to(posted: tuple[World, Postman]) -> None:
    world, postman = posted
    world.paid_gift("50", email="mara@example.org")
    with world.parts.db.write("test") as session:
        split = "mara@example.org\r\nBcc: everybody@example.org"
        session.execute(text("UPDATE donor SET email = :split"), {"split": split})
    assert send_letters(world.parts) == {"failed": 1}
    assert postman.envelopes == []


def test_without_mail_letters_wait(shelter: World) -> None:
    shelter.paid_gift("50", email="mara@example.org")
    assert send_letters(replace(shelter.parts, mailer=None)) == {}
    assert letters(shelter) == [("receipt", 0, False, False)]


def sent(world: World, host: str) -> None:
    send_letters(replace(world.parts, mailer=SmtpMailer(f"smtp://mara:let%20me%20in@{host}")))


def test_encryption_is_used_where_it_is_offered_and_the_password_only_then(
    shelter: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelter.paid_gift("50", email="mara@example.org")
    certificate = make_certificate(tmp_path)
    with post_office(certificate=certificate) as (postman, host):
        sent(shelter, host)  # Nobody vouches for this certificate: nothing is said to whoever shows it.
        assert (postman.letters, postman.passwords) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        shelter.advance(hours=1)
        sent(shelter, host)
        assert postman.encrypted == [True]
        assert postman.passwords == [b"let me in"]
    shelter.paid_gift("50", email="mara@example.org")
    with post_office() as (postman, host):
        sent(shelter, host)
        assert (postman.letters, postman.passwords) == ([], [])


def test_a_server_that_is_away_is_said_to_be(shelter: World) -> None:
    shelter.paid_gift("50", email="mara@example.org")
    assert send_letters(replace(shelter.parts, mailer=SmtpMailer(f"smtp://127.0.0.1:{free_port()}"))) == {"failed": 1}
    assert letters(shelter) == [("receipt", 1, False, False)]
