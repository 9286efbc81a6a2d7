"""The receipt as PDF: the names on it are readable in every script, and can be found, copied and read aloud."""

import unicodedata

import pymupdf
import pytest
from sqlalchemy import text

from tests.world import World

pytestmark = pytest.mark.pages

pymupdf.TOOLS.mupdf_display_errors(False)
NAMES = {
    "Cyrillic": "Екатерина Щербакова-Ёлкина",
    "accents": "Zoë Łukasiewiczówna Ñandú Åström-Þórsdóttir Đặng",
    "Greek": "Ελένη Παπαδοπούλου",
    "Hebrew": "נועה בן־דוד",
    "Chinese": "王小明",
    "Japanese": "山田さくら",
    "Korean": "김지우",
    "Thai": "สมชาย ใจดี",
    "Georgian": "ნინო ბერიძე",
    "Armenian": "Անի Պետրոսյան",
}
# Scripts whose letters join: a joined form need not be the letter it was made of when it is copied out again.
JOINED = {"Arabic": ("منى عبد الرحمن الخطيب", "Arab"), "Devanagari": ("श्रेया कुलकर्णी", "Devanagari")}


def receipt(world: World, name: str) -> pymupdf.Document:
    gift = world.paid_gift("50", name=name)
    answer = world.donor.get(f"{gift.page}/receipt.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    return pymupdf.open("pdf", answer.content)


def letters_of(document: pymupdf.Document) -> str:
    """Return what can be copied out of it; shaping may split words, so blanks do not count."""
    return "".join("".join(page.get_text() for page in document).split())


def fonts_of(document: pymupdf.Document) -> list[str]:
    return [font[3] for page in document for font in page.get_fonts()]


def test_names_of_every_script_can_be_read_and_copied(shelter: World) -> None:
    unread = {}
    for script, name in NAMES.items():
        with receipt(shelter, name) as document:
            copied = letters_of(document)
        if "".join(name.split()) not in copied:
            unread[script] = copied
    assert unread == {}


def test_names_whose_letters_join_are_drawn_with_a_font_of_their_script(shelter: World) -> None:
    with receipt(shelter, "Mara") as plain:
        usual = fonts_of(plain)
    for name, script in JOINED.values():
        assert not [used for used in usual if script in used]
        with receipt(shelter, name) as document:
            assert [used for used in fonts_of(document) if script in used]
            copied = unicodedata.normalize("NFKC", letters_of(document))
        assert len([letter for letter in name if letter in copied]) > len(name) / 2
        assert "\ufffd" not in copied


def test_it_says_all_that_a_receipt_must(shelter: World) -> None:
    with shelter.parts.db.write("test") as session:
        session.execute(text("UPDATE body SET legal_name = 'Российская ЛГБТ-сеть', regulator = 'Минюст'"))
    with receipt(shelter, "Mara") as document:
        assert (document.page_count, document.metadata["title"]) == (1, "Receipt 000001")
        said = letters_of(document)
    for word in ("РоссийскаяЛГБТ-сеть", "1234567", "Минюст", "Receipt000001", "£50.00", "Mara", "Fortywinterbeds"):
        assert word in said
