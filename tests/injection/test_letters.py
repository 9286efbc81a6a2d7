"""Every string in a letter is words: it adds no header, no recipient and nothing to what the letter shows (goal 36)."""

import logging
import unicodedata
from collections.abc import Iterator
from email import message_from_bytes, message_from_string, policy
from email.errors import MessageError
from email.message import EmailMessage

import pytest
from email_validator import validate_email

from fundraise.donations import rules
from fundraise.jobs import outbox
from fundraise.parts import MailFailed
from tests.injection.corpus import CORPUS
from tests.injection.pages import Seen, tidy
from tests.injection.town import HARMLESS, Place, told_in
from tests.world import World

on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
# Python decodes words in code when a header is set: these would become a header of its own, and another recipient.
IN_CODE = (
    "=?utf-8?q?=0D=0ABcc:_all=40evil=2Eexample?=",
    "=?utf-8?q?all=40evil.example=2C?=@example.org",
    "=?utf-8?q?a=2C_b?=@example.org",
    "mara=?utf-8?q?=0D=0ABcc:_all?=@example.org",
)
HEADERS = ["From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"]


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@pytest.mark.long
@on_sqlite
def test_each_string_in_a_letter_is_words_and_no_header(
    world: World, places: list[Place], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world.donor.get("/")
    world.send_mail()
    first, *letters = world.mailbox.letters[1:]  # Before them stands the letter of the gift that was copied.
    assert len(letters) == len(places) - 1
    harmless = Seen(body(first, "html"))
    assert HARMLESS in harmless.words
    for letter, place in zip(letters, places[1:], strict=True):
        arrived = message_from_bytes(letter.as_bytes(policy=policy.SMTP), policy=policy.default)
        assert arrived.keys() == HEADERS
        assert str(arrived["To"]) == "mara@example.org"
        assert tidy(place.text[:20]).replace("=?", "= ?") in tidy(arrived["Subject"]) or not place.text.isprintable()
        seen = Seen(body(letter, "html"))
        assert seen.elements - harmless.elements == {}
        assert seen.runs == set()
        assert tidy(place.text[:20]) in seen.words
        assert tidy(place.text[:20]) in tidy(body(letter, "plain"))
    assert told_in(caplog, places) == []


def headers_of(subject: str) -> list[str]:
    letter = EmailMessage()
    try:
        letter["Subject"] = subject
        return message_from_bytes(letter.as_bytes(policy=policy.SMTP), policy=policy.default).keys()
    except MessageError:  # Younger Pythons notice it when the letter is written.
        return ["refused"]


def test_words_in_code_become_no_header() -> None:
    assert {tuple(headers_of(outbox._header_words(text))) for text in (*CORPUS, *IN_CODE)} == {("Subject",)}


def test_control_without_care_they_do() -> None:
    assert headers_of(" ".join(IN_CODE[0].split())) in (["Subject", "Bcc"], ["refused"])


def addresses() -> Iterator[str]:
    yield from IN_CODE
    for text in CORPUS:
        yield from (text, f"{text}@example.org", f"mara@example.org{text}", f"mara{text}@example.org")


def recipients(letter: EmailMessage) -> list[str]:
    arrived = message_from_string(letter.as_string(policy=policy.SMTPUTF8), policy=policy.default)
    assert arrived.keys() == ["To"]
    return [each.addr_spec for each in arrived["To"].addresses]


@on_sqlite
def test_the_giving_form_says_that_words_in_code_are_no_address(shelter: World) -> None:
    for typed in IN_CODE:
        answer = shelter.form(amount="20", email=typed)
        assert (answer.status_code, "does not look like an e-mail address" in answer.text) == (422, True)


def test_an_address_that_is_taken_is_one_address() -> None:
    taken = {rules._email(typed, {}) for typed in addresses()} - {""}
    assert len(taken) > 100
    for address in (*taken, "zoë@example.org", "zoe@bücher.example", "o'neill@example.org", "a+b@example.org"):
        letter = EmailMessage()
        outbox._address(letter, address)
        assert recipients(letter) == [address]


def test_an_address_that_should_not_have_been_taken_gets_no_letter() -> None:
    refused = set()
    for typed in addresses():
        letter = EmailMessage()
        try:
            outbox._address(letter, typed)
            assert recipients(letter) == [typed]
        except MailFailed as problem:
            assert (problem.final, str(problem)) == (True, "the address cannot be written as one")
            refused.add(typed)
    assert refused >= set(IN_CODE)


def test_control_without_care_a_letter_would_go_to_others() -> None:
    """The form's own check takes it; a mail program would read two addresses."""
    assert validate_email(IN_CODE[2], check_deliverability=False, strict=True).normalized == IN_CODE[2]
    letter = EmailMessage()
    letter["To"] = IN_CODE[2]
    assert len(recipients(letter)) == 2


def test_what_the_giving_form_takes_for_a_name_is_one_line() -> None:
    for text in CORPUS:
        name = rules._texts({"name": text}, {}).get("name", "")
        assert not any(unicodedata.category(sign) in {"Cc", "Zl", "Zp"} for sign in name), text
