"""Words out of a bank's file: on one line, without what hides, turns round or cannot be kept."""

import unicodedata
from typing import Final

from fundraise.statements.vocabulary import LONGEST_NAME, LONGEST_TEXT

# Composing letters takes the square of the time where marks pile up; no text of a bank is cut by this.
_CUT_BEFORE: Final = 4


def tidy(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return the text with single blanks, in composed form, cut at `longest` characters.

    What is nothing to read is left out: control and format characters (which hide or turn round), surrogates, and what
    Unicode keeps private or has not assigned.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text[: _CUT_BEFORE * longest])
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in text)
    return " ".join(text.split())[:longest].rstrip()


def tidy_name(text: str) -> str:
    """Return a name, a reference or an id."""
    return tidy(text, LONGEST_NAME)


def account_number(text: str) -> str:
    """Return an IBAN or an account's number without what only makes it easier to read."""
    return "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())[:40]


def together(parts: list[str]) -> str:
    """Put texts together in their order, leaving out what another of them says already."""
    kept: list[str] = []
    left = [part for part in parts if part]
    while left:
        part = left.pop(0)
        for other in kept + left:
            if part in other:
                break
        else:
            kept.append(part)
    return " ".join(kept)[:LONGEST_TEXT].rstrip()


def left_out(pending: int, nothing: int) -> tuple[str, ...]:
    """Say how many lines were left out: those the bank has not booked yet, and those of no amount."""
    notes = []
    if pending:
        notes.append(
            f"{pending} {'line is' if pending == 1 else 'lines are'} not booked (pending, declined or taken back) "
            "and left out."
        )
    if nothing:
        notes.append(f"{nothing} {'line is' if nothing == 1 else 'lines are'} of 0.00 and left out.")
    return tuple(notes)
