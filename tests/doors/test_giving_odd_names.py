"""People with unusual names give like everybody else, and what they typed is text wherever it is shown."""

import html
import unicodedata
from dataclasses import dataclass

import pymupdf
import pytest

from tests.doors.knocking import rows
from tests.world import World

pytestmark = pytest.mark.pages


@dataclass(frozen=True)
class Name:
    """What somebody types as their name, and how we keep it ("": as it was typed)."""

    label: str
    typed: str
    kept: str = ""
    on_paper: bool = True  # Whether the paper's text can be read back letter by letter.

    @property
    def is_kept(self) -> str:
        return self.kept or self.typed


NAMES = [
    Name("Null", "Null"),
    Name("null", "null"),
    Name("NaN", "NaN"),
    Name("true", "true"),
    Name("one letter", "X"),
    Name("apostrophes", "Siobhán O'Brien-d’Arcy"),
    Name("quotes", 'Robert"); DROP TABLE donation;--'),
    Name("200 characters", "Nana " + "m" * 195, on_paper=False),
    Name("200 of four bytes", "𐍈" * 200, on_paper=False),
    Name("Arabic", "مريم العلي", on_paper=False),
    Name("Hebrew with Latin", "שרה Levi", on_paper=False),
    Name("joiners of Persian", "می\u200cخواهم", on_paper=False),
    Name("Chinese", "李小龍", on_paper=False),
    Name("Cyrillic homoglyphs", "Rаinbow Shеlter", on_paper=False),
    Name("decomposed", "Zoe\u0308 Mu\u0308ller", "Zoë Müller"),
    Name("emoji", "Mara 🏳️‍🌈👩‍👩‍👧", on_paper=False),
    Name("emoji younger than this Python", "Mara \U0001fae9", on_paper=False),
    Name("flag of tags", "Nia 🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", on_paper=False),
    Name("right-to-left override", "Mara \u202egnp.exe\u202c", "Mara gnp.exe"),
    Name("zero width", "Ma\u200br\ufeffa", "Mara"),
    Name("line breaks", "Mara\r\nBcc: eve@example.org", "Mara Bcc: eve@example.org"),
    Name("spaces around and within", " \t Mara \u00a0\u2003 Lind\u2028qvist ", "Mara Lind qvist"),
    Name("markup", "<svg onload=alert(1)>"),
    Name("script", "</p><script>alert(1)</script>"),
    Name("template", "{{7*7}}${7*7}<%= 7*7 %>"),
    Name("entity", "&lt;b&gt; & &amp;", on_paper=False),
    Name("address", "javascript:alert(1) data:text/html,x"),
    Name("formula", "=cmd|'/c calc'!A1"),
    Name("percent", "%0d%0a%00 100%"),
    Name("path", "../../etc/passwd"),
]


NAMED = {name.label: name for name in NAMES}


def is_taken_and_shown_as_text(world: World, label: str) -> None:
    name = NAMED[label]
    typed = {"name": name.typed, "message": name.typed, "show_name": "1", "show_message": "1"}
    gift = world.give(amount="5", email="odd@example.org", **typed)
    world.pay(gift)
    world.hear()
    kept = rows(world, "SELECT name, message FROM donor JOIN donation ON donor_id = donor.id ORDER BY donation.id")[-1]
    assert kept[0] == name.is_kept
    assert unicodedata.is_normalized("NFC", kept[1])

    escaped = html.escape(name.is_kept).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    for path in ("/c/winter?fresh=1", f"{gift.page}/thanks", gift.page, f"{gift.page}/receipt"):
        page = world.donor.get(path)
        assert page.status_code == 200
        assert escaped in page.text, path
        assert "<svg onload" not in page.text
        assert "alert(1)</script>" not in page.text
        assert page.headers["content-type"] == "text/html; charset=utf-8"

    paper = world.donor.get(f"{gift.page}/receipt.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    with pymupdf.open(stream=paper.content, filetype="pdf") as document:
        read = " ".join("".join(sheet.get_text() for sheet in document).split())
    assert "£5.00" in read
    if name.on_paper:
        assert name.is_kept in read

    world.send_mail()
    letter = world.mailbox.letters[-1]
    assert letter["To"] == "odd@example.org"
    assert "Bcc" not in letter
    assert name.is_kept in world.mailbox.text()
    rich = letter.get_body(("html",))
    assert rich is not None
    assert escaped in rich.get_content()

    for path in ("/api/v1/campaigns", "/api/v1/campaigns/winter"):
        answer = world.donor.get(path)
        assert answer.status_code == 200
        assert "odd@example.org" not in answer.text


@pytest.mark.parametrize("label", NAMED)
def test_an_odd_name_is_taken_and_shown_as_text(street: World, label: str) -> None:
    is_taken_and_shown_as_text(street, label)
