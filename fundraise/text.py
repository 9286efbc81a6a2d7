"""Text people typed: tidied without changing what it says, and refused where it would deceive or break a line."""

import re
import unicodedata
from typing import Final

# Marks that turn the reading direction round or hide; a name with them can pretend to be another text.
_DECEIVING: Final = frozenset("\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u180e")
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG: Final = 60


class TextError(ValueError):
    """What somebody typed cannot be taken; the message is for them."""


def clean_line(typed: str, *, longest: int) -> str:
    """Return one tidy line, in composed form; `TextError` for control characters or more than `longest` characters."""
    return _checked(" ".join(_composed(typed).split()), longest)


def clean_text(typed: str, *, longest: int) -> str:
    """Return tidy paragraphs: line breaks are kept, at most one empty line in a row."""
    lines = [" ".join(line.split()) for line in _composed(typed).replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return _checked(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), longest)


def clean_slug(typed: str) -> str:
    """Return a name for an address: small letters, digits and hyphens."""
    slug = typed.strip().lower()
    if not _SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise TextError(f"Use small letters, digits and hyphens, at most {LONGEST_SLUG} characters.")
    return slug


def slug_of(title: str) -> str:
    """Make a name for an address out of a title; empty when nothing of it can stand in one."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text."""
    return tuple(part.strip() for part in text.split("\n\n") if part.strip())


def _composed(typed: str) -> str:
    try:
        typed.encode()
    except UnicodeEncodeError:
        raise TextError("This has characters that cannot be kept. Please type it again.") from None
    kept = "".join(sign for sign in typed if sign not in _DECEIVING)
    return unicodedata.normalize("NFC", kept)


def _checked(text: str, longest: int) -> str:
    if any(_cannot_be_kept(sign) for sign in text):
        raise TextError("This has characters that cannot be kept. Please type it again.")
    if len(text) > longest:
        raise TextError(f"Please use at most {longest} characters; this has {len(text)}.")
    return text


def _cannot_be_kept(sign: str) -> bool:
    """Tell a control, a surrogate, a private character or one that Unicode will never give a meaning.

    What this Python has no name for yet is kept: phones write emoji that are younger than it.
    """
    if unicodedata.category(sign) in {"Cc", "Cs", "Co"}:
        return sign != "\n"
    return 0xFDD0 <= ord(sign) <= 0xFDEF or ord(sign) & 0xFFFE == 0xFFFE  # noqa: PLR2004  Unicode's noncharacters.
