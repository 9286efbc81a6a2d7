"""A mail server on this machine that takes letters, refuses them as told, and encrypts when it has a certificate."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sandbox.driving import free_port


@dataclass
class Postman:
    """What arrived, and what is to be said at which point of the talk, once each."""

    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)
    to_addresses: list[str] = field(default_factory=list)
    to_letters: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to_addresses:
            return self.to_addresses.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.to_letters.pop(0) if self.to_letters else "250 OK"
        if answer.startswith(("250", "kept")):
            letter = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
            self.envelopes.append((envelope.mail_from or "", tuple(envelope.rcpt_tos)))
            self.encrypted.append(session.ssl is not None)
        if answer == "kept, and the answer lost":
            raise ConnectionResetError
        return answer

    async def handle_exception(self, _error: Exception) -> str:
        return "421 closing"

    def know(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        self.passwords.append(data.password)
        return AuthResult(success=data.password == b"let me in")


@contextmanager
def post_office(*, certificate: Path | None = None) -> Iterator[tuple[Postman, str]]:
    """Run a server; gives its postman and the end of its address, `127.0.0.1:PORT`."""
    postman = Postman()
    options: dict[str, Any] = {"authenticator": postman.know, "auth_required": False}
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        options["tls_context"] = context
    controller = Controller(postman, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield postman, f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def make_certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 with its key into one file; who trusts the file trusts the server."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path
