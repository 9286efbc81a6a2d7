"""Reading a form of several fields: each is tidied, and what will not do is noted beside it, for all at once."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from fundraise import money, times
from fundraise.errors import FieldErrors
from fundraise.money import AmountError, Money
from fundraise.text import TextError, clean_line, clean_slug, clean_text, slug_of

LONGEST_STORY: Final = 20_000
_LONGEST_EMAIL: Final = 254
# Words that stand in our own addresses where a name would stand.
_TAKEN: Final = frozenset({"new", "edit"})


class Reading:
    """One form as it is read. `done` raises `FieldErrors` when anything in it will not do."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.errors: dict[str, str] = {}

    def refuse(self, name: str, message: str) -> None:
        """Note why a field will not do; the first reason stays."""
        self.errors.setdefault(name, message)

    def done(self) -> None:
        """Raise `FieldErrors` if a field will not do."""
        if self.errors:
            raise FieldErrors(self.errors)

    def raw(self, name: str) -> str:
        """Return what was typed, without the blanks around it."""
        return self._form.get(name, "").strip()

    def line(self, name: str, *, longest: int, missing: str = "") -> str:
        """Read one line; empty is refused with `missing`, if that says something."""
        return self._text(name, longest, missing, several=False)

    def story(self, name: str, *, longest: int = LONGEST_STORY) -> str:
        """Read paragraphs."""
        return self._text(name, longest, "", several=True)

    def slug(self, name: str, title: str) -> str:
        """Read a name for an address; left empty it is made of the title, once there is one."""
        typed = self.raw(name) or slug_of(title)
        if not typed and self.errors:
            return ""
        if not typed:
            self.refuse(name, "Please choose an address: small letters, digits and hyphens, such as winter-beds.")
            return ""
        try:
            slug = clean_slug(typed)
        except TextError as problem:
            self.refuse(name, f"{problem} For example: winter-beds.")
            return ""
        if slug in _TAKEN:
            self.refuse(name, "This word has a meaning of its own here. Please choose another.")
        return slug

    def choice(self, name: str, allowed: Collection[str], message: str) -> str:
        """Read one of several values."""
        typed = self.raw(name)
        if typed not in allowed:
            self.refuse(name, message)
        return typed

    def several(self, name: str, allowed: Collection[str], message: str) -> tuple[str, ...]:
        """Read any of several values, in the order of `allowed`."""
        ticked = set(self._form.get(name, "").split("\n")) - {""}
        if ticked - set(allowed):
            self.refuse(name, message)
        return tuple(value for value in allowed if value in ticked)

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return self.raw(name).lower() in {"on", "1", "true", "yes"}

    def amount(self, name: str, currency: str) -> int | None:
        """Read an amount above zero, in minor units; None when none was typed."""
        typed = self.raw(name)
        if not typed or not money.is_currency(currency):
            return None
        try:
            minor = money.parse(typed, currency).minor
        except AmountError as problem:
            self.refuse(name, str(problem))
            return None
        if minor <= 0:
            self.refuse(name, "Please write an amount above zero.")
        return minor

    def zone(self, name: str, *, kept: str = "") -> str:
        """Read a time zone; one that a row has already may stay."""
        typed = self.raw(name)
        if typed not in {*times.zone_names(), kept} - {""}:
            self.refuse(name, "Please choose a time zone from the list.")
            return "UTC"
        return typed

    def moment(
        self, name: str, zone: str, *, kept: datetime | None = None, late: bool = False, missing: str = ""
    ) -> datetime | None:
        """Read a clock time of a zone. Untouched, a moment that is `kept` stays the moment it is."""
        typed = self.raw(name)
        if not typed:
            if missing:
                self.refuse(name, missing)
            return None
        if kept is not None and typed == times.typed(kept, zone):
            return kept
        try:
            return times.at_local(typed, zone, late=late)
        except times.LocalTimeError as problem:
            self.refuse(name, str(problem))
            return None

    def email(self, name: str) -> str:
        """Read an e-mail address, or nothing."""
        typed = self.raw(name)
        if not typed:
            return ""
        try:
            normal = validate_email(typed, check_deliverability=False, strict=True).normalized
        except EmailNotValidError:
            normal = ""
        if not normal or len(normal) > _LONGEST_EMAIL:
            self.refuse(name, "This does not look like an e-mail address.")
        return normal

    def web_address(self, name: str, *, longest: int) -> str:
        """Read the address of a web page, or nothing."""
        typed = self.line(name, longest=longest)
        if not typed:
            return ""
        try:
            parts = urlsplit(typed)
            good = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and " " not in typed
        except ValueError:
            good = False
        if not good:
            self.refuse(name, "Please write the whole address, like https://www.example.org.")
        return typed

    def _text(self, name: str, longest: int, missing: str, *, several: bool) -> str:
        clean = clean_text if several else clean_line
        try:
            text = clean(self._form.get(name, ""), longest=longest)
        except TextError as problem:
            self.refuse(name, str(problem))
            return ""
        if not text and missing:
            self.refuse(name, missing)
        return text


def typed_amount(minor: int | None, currency: str) -> str:
    """Return an amount as a form holds it: `20`, `12.50`; "" for none."""
    if minor is None:
        return ""
    text = money.plain(Money(minor, currency))
    return text.partition(".")[0] if not minor % 10 ** money.exponent(currency) else text


def mark_of(values: Any) -> str:
    """Return a short text that changes when the values do: a form carries it, so that nobody overwrites blindly."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]
