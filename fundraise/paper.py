"""Paper: HTML drawn as PDF by a library that brings its fonts along, so that every script is readable."""

import threading
from io import BytesIO

_MARGIN = 50  # points
# MuPDF may be used by one thread at a time.
_one_at_a_time = threading.Lock()


def to_pdf(html: str, *, title: str) -> bytes:
    """Draw HTML (MuPDF's subset of CSS) on as many A4 sheets as it takes; only the letters used go into the file."""
    import pymupdf  # noqa: PLC0415  It takes a fifth of a second and 60 MB; most processes never draw a receipt.

    with _one_at_a_time:
        story = pymupdf.Story(html)
        drawn = BytesIO()
        writer = pymupdf.DocumentWriter(drawn)
        sheet = pymupdf.paper_rect("a4")
        inside = pymupdf.Rect(_MARGIN, _MARGIN, sheet.width - _MARGIN, sheet.height - _MARGIN)
        more = 1
        while more:
            device = writer.begin_page(sheet)
            more, _ = story.place(inside)
            story.draw(device)
            writer.end_page()
        writer.close()
        with pymupdf.open("pdf", drawn.getvalue()) as document:
            document.subset_fonts()
            document.set_metadata({"title": title, "creator": "", "producer": ""})
            return bytes(document.tobytes(garbage=4, deflate=True))
