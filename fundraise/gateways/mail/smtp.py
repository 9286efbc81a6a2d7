"""Letters over SMTP."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from fundraise import faults
from fundraise.parts import MailFailed

TIMEOUT_SECONDS = 20
_PERMANENT = 500


class SmtpMailer:
    """Sends each letter over a connection of its own; STARTTLS whenever the server offers it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._implicit_tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._implicit_tls else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def send(self, message: EmailMessage) -> None:
        """Hand the letter to the server; raises `MailFailed`, final when the server refused the address for good."""
        try:
            with faults.around("mail: send"), self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as problem:
            codes = [code for code, _ in problem.recipients.values()]
            raise MailFailed("the address was refused", final=all(code >= _PERMANENT for code in codes)) from problem
        except smtplib.SMTPNotSupportedError as problem:
            raise MailFailed("the server cannot take this address", final=True) from problem
        except (OSError, smtplib.SMTPException, ValueError) as problem:
            raise MailFailed(f"{type(problem).__name__}: the mail server did not take the letter") from problem

    def _connect(self) -> smtplib.SMTP:
        if self._implicit_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            server.ehlo()
            if not self._implicit_tls and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self._user:
                _require_encryption(server)
                server.login(self._user, self._password)
        except BaseException:
            with suppress(OSError, smtplib.SMTPException):
                server.close()
            raise
        return server


def _require_encryption(server: smtplib.SMTP) -> None:
    if not isinstance(server.sock, ssl.SSLSocket):
        raise smtplib.SMTPException("the server offers no encryption; a password is not sent in the clear")
