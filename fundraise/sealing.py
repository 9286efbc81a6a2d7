"""Secrets made from the installation's one secret key: sealed values, signed links, keyed hashes."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken

from fundraise.errors import SetupError

# Crockford's base32: no letter that is mistaken for another when read out.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_REF_CHARACTERS = 16
_PAIRS = [second + first for first in _LETTERS for second in _LETTERS]  # Every page sent has a fresh id in it.
_MAC_CHARACTERS = 20
_MOST_UNSEALED = 1000


class Sealer:
    """Seals, signs and hashes with keys derived from the secret key, a different one for each purpose."""

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(self._key("seal")))
        self._unsealed: dict[str, str] = {}

    def seal(self, value: str) -> str:
        """Encrypt a value for the database."""
        return self._fernet.encrypt(value.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Decrypt a sealed value; raises `SetupError` when the secret key is another one.

        The few there are stay in memory, where Stripe's client holds them anyway.
        """
        known = self._unsealed.get(sealed)
        if known is not None:
            return known
        try:
            opened = self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SetupError(
                "A Stripe key in the database was sealed with another FUNDRAISE_SECRET_KEY. "
                "Set the old one, or connect the account again."
            ) from None
        if len(self._unsealed) >= _MOST_UNSEALED:
            self._unsealed.clear()
        self._unsealed[sealed] = opened
        return opened

    def link_token(self, purpose: str, ref: str) -> str:
        """Return the token of a link that only its holder can open: the random id and a signature over it."""
        return ref + self._signature(f"{purpose}:{ref}")

    def open_link(self, purpose: str, token: str) -> str | None:
        """Return the random id in a link's token, or None when it is not ours."""
        if len(token) != _REF_CHARACTERS + _MAC_CHARACTERS or not token.isascii():
            return None
        ref = token[:_REF_CHARACTERS]
        return ref if hmac.compare_digest(token, self.link_token(purpose, ref)) else None

    def origin(self, address: str, day: datetime) -> str:
        """Hash a network address with a key of the day: it counts repeats and cannot be looked up afterwards."""
        return hmac.new(self._key(f"origin:{day:%Y-%m-%d}"), address.encode(), hashlib.sha256).hexdigest()[:24]

    def _signature(self, value: str) -> str:
        digest = hmac.new(self._key("link"), value.encode(), hashlib.sha256).digest()
        number = int.from_bytes(digest)
        return "".join(_LETTERS[(number >> (5 * place)) & 31] for place in range(_MAC_CHARACTERS))

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self._secret, b"fundraise:" + purpose.encode(), hashlib.sha256).digest()


def new_ref() -> str:
    """Return a fresh random id of 80 bits, readable aloud."""
    number = int.from_bytes(secrets.token_bytes(_REF_CHARACTERS * 5 // 8))
    return "".join([_PAIRS[(number >> place) & 1023] for place in range(0, _REF_CHARACTERS * 5, 10)])


def hash_token(token: str) -> str:
    """Hash a random token for keeping; it has enough randomness to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
