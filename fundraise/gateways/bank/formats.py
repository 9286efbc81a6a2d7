"""Telling what a file is before it is read, so that the wrong one is named to the person who chose it."""

import re
from typing import Final

from fundraise.gateways.bank.refusals import Unreadable

_TAKEN: Final = "Please export it as camt.053 or CSV."
_BY_FIRST_BYTES: Final = (
    (b"PK\x03\x04", "This is an Excel workbook or another packed file, whatever its name says. Please save it as CSV."),
    (b"PK\x05\x06", "This is an empty packed file. Please export the statement as camt.053 or CSV."),
    (b"\xd0\xcf\x11\xe0", "This is an old Excel or Word file. Please save it as CSV."),
    (b"%PDF", f"This is a PDF. A PDF is for reading; {_TAKEN[0].lower()}{_TAKEN[1:]}"),
    (b"\x1f\x8b", f"This file is packed (gzip). Please unpack it first. {_TAKEN}"),
    (b"7z\xbc\xaf", f"This file is packed (7z). Please unpack it first. {_TAKEN}"),
    (b"Rar!", f"This file is packed (RAR). Please unpack it first. {_TAKEN}"),
    (b"\x89PNG", f"This is a picture. {_TAKEN}"),
    (b"\xff\xd8\xff", f"This is a picture. {_TAKEN}"),
    (b"{\\rtf", f"This is a text document (RTF). {_TAKEN}"),
)
_BY_FIRST_WORDS: Final = (
    (re.compile(r"OFXHEADER|<OFX>|<\?OFX", re.IGNORECASE), "This is an OFX file, which we do not read yet."),
    (
        re.compile(r"(?s:.*?)^!(Type|Account|Option):", re.IGNORECASE | re.MULTILINE),
        "This is a QIF file, which we do not read yet.",
    ),
    (re.compile(r"\{1:|(?s:.*?)^:(20|25|60F|61):", re.MULTILINE), "This is an MT940 file, which we do not read yet."),
    (re.compile(r"01,[^,]*,[^,]*,\d{6},"), "This is a BAI2 file, which we do not read yet."),
    (re.compile(r"<!DOCTYPE html|<html", re.IGNORECASE), "This is a web page, perhaps a sign-in page that was saved."),
    (re.compile(r"\s*[\[{]\s*[\"\[{]"), "This is a JSON file."),
)
_START: Final = 4000


def refuse_other_kinds(raw: bytes) -> None:
    """Raise `Unreadable`, naming what it is, for a file that is plainly neither camt.053 nor CSV."""
    if not raw.strip():
        raise Unreadable("This file is empty.")
    for start, sentence in _BY_FIRST_BYTES:
        if raw.startswith(start):
            raise Unreadable(sentence)
    words = raw[:_START].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").decode("latin-1")
    for pattern, sentence in _BY_FIRST_WORDS:
        if pattern.match(words):
            raise Unreadable(sentence if sentence.endswith("saved.") else f"{sentence} {_TAKEN}")


def is_xml(raw: bytes) -> bool:
    """Tell whether a file begins as XML does, in any of the encodings XML may have."""
    return raw[:_START].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")
