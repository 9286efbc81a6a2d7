"""Sending the letters that wait."""

import logging
from collections import Counter
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage

from fundraise import outbox
from fundraise.letters import Written, compose
from fundraise.outbox import Letter
from fundraise.parts import MailFailed, Parts

_AT_ONCE = 20
logger = logging.getLogger(__name__)


def send_letters(parts: Parts) -> Counter[str]:
    """Send what waits; without mail set up the letters stay where they are."""
    done: Counter[str] = Counter()
    if parts.mailer is None:
        return done
    while True:
        with parts.db.write("outbox: claim") as session:
            letters = outbox.claim(session, parts.clock.now(), _AT_ONCE)
        if not letters:
            return done
        for letter in letters:
            done[_send(parts, letter)] += 1


def _send(parts: Parts, letter: Letter) -> str:
    try:
        with parts.db.read() as session:
            written = compose(parts, session, letter)
        if written is not None and parts.mailer is not None:
            parts.mailer.send(_message(parts, letter, written))
    except MailFailed as problem:
        _put_back(parts, letter, str(problem), final=problem.final)
        return "failed"
    except Exception as problem:  # One letter that cannot be written must not hold up the others.
        logger.exception("letter %s", letter.key)
        _put_back(parts, letter, f"{type(problem).__name__}: {problem}", final=False)
        return "failed"
    with parts.db.write("outbox: sent") as session:
        outbox.mark_sent(session, letter.id, parts.clock.now())
    return "sent" if written is not None else "nobody to send to"


def _put_back(parts: Parts, letter: Letter, error: str, *, final: bool) -> None:
    with parts.db.write("outbox: put back") as session:
        outbox.put_back(session, letter.id, error, parts.clock.now(), final=final)


def _message(parts: Parts, letter: Letter, written: Written) -> EmailMessage:
    """Make the letter a mail: text, and HTML beside it. Header fields cannot be split; it goes to one address.

    Raises `MailFailed` for an address that mail cannot write as one.
    """
    message = EmailMessage()
    message["From"] = Address(_header_words(parts.settings.site_name), addr_spec=parts.settings.mail_from)
    _address(message, written.recipient)
    message["Subject"] = _header_words(written.subject)
    message["Message-ID"] = letter.message_id
    message["Date"] = letter.written_at
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message


def _address(message: EmailMessage, email: str) -> None:
    """Set the recipient, who is this address and nobody else: no list, no group, no words in code, no remark."""
    try:
        message["To"] = email
        addresses = [each.addr_spec for each in message["To"].addresses]
    except (ValueError, IndexError, MessageError):
        addresses = []
    if addresses != [email]:
        raise MailFailed("the address cannot be written as one", final=True)


def _header_words(value: str) -> str:
    """Return words as one line of a header.

    `=?` begins words in code (RFC 2047), which Python would decode when the header is set, line breaks and all.
    """
    printable = "".join(sign if sign.isprintable() else " " for sign in value)
    return " ".join(printable.split()).replace("=?", "= ?")
