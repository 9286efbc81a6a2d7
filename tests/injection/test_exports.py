"""No cell of an export is ever a formula, however a program takes the file apart; numbers are numbers (goal 36)."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.cell import Cell
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook

from fundraise import sheets
from fundraise.figures import gift_list
from fundraise.figures.gift_list import HEADING, TOTALS_HEADING
from fundraise.sheets import neutral, write_xlsx
from tests.injection.corpus import CORPUS
from tests.injection.town import DAY, Place
from tests.world import World

WORDS = ("campaign", "charity", "account of", "event")
NUMBERS = ("given", "fee cover", "charged", "settled gross", "fee", "net")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def runs(cell: str) -> bool:
    """Tell whether some program may take a cell for a formula; told here by other means than the product's."""
    shown = cell
    while shown and (shown[0] == '"' or shown[0].isspace() or unicodedata.category(shown[0]) in {"Cc", "Cf"}):
        shown = shown[1:]
    begins = unicodedata.normalize("NFKC", shown)[:1]
    return cell[:1] in {"\t", "\r", "\n", "\x00"} or (begins != "" and begins in "=+-@−")


def running(cells: Iterator[str]) -> list[str]:
    return [cell for cell in cells if runs(cell) and not NUMBER.fullmatch(cell)]


def exported(world: World, kind: str) -> bytes:
    answer = world.donor.get(f"/staff/reconciliation/export?from={DAY}&to={DAY}&format={kind}")
    assert answer.status_code == 200
    return answer.content


def cells_of(text: str, delimiter: str) -> Iterator[str]:
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        yield from row


def said(text: str) -> str:
    """Return what is left of a text to compare it by: without apostrophes and what spreadsheets do to breaks."""
    return "".join(sign for sign in text if sign != "'" and sign.isprintable())


def test_every_string_in_every_text(world: World, places: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    table = exported(world, "csv").decode("utf-8-sig")
    look_at_csv(table, places)
    # A program set to another separator begins cells elsewhere.
    for delimiter in ";\t|":
        assert running(cells_of(table, delimiter)) == []
    look_at_workbook(openpyxl.load_workbook(io.BytesIO(exported(world, "xlsx"))), places)

    # The control: had nobody made the texts harmless, it would be seen.
    monkeypatch.setattr(gift_list, "neutral", str)
    table = exported(world, "csv").decode("utf-8-sig")
    assert len(running(cells_of(table, ","))) > 4 * 100
    assert all(running(cells_of(table, delimiter)) for delimiter in ";\t|")
    book = openpyxl.load_workbook(io.BytesIO(exported(world, "xlsx")))
    assert len(running(texts_in(book))) > 4 * 100


def look_at_csv(table: str, places: list[Place]) -> None:
    rows = list(csv.reader(io.StringIO(table, newline="")))
    gifts, totals = rows[1 : rows.index([])], rows[rows.index([]) + 1 :]
    assert (tuple(rows[0]), tuple(totals[0])) == (HEADING, TOTALS_HEADING)
    assert len(gifts) == len(places) + 1 > 400
    by_ref = {row[1]: dict(zip(HEADING, row, strict=True)) for row in gifts}
    for place in places:
        row = by_ref[place.ref]
        assert [said(row[name]) for name in WORDS] == [said(place.text[:120])] * len(WORDS)
        assert all(NUMBER.fullmatch(row[name]) for name in NUMBERS), place.text
    assert all(NUMBER.fullmatch(row[-1]) for row in totals[1:])
    assert running(cell for row in rows for cell in row) == []


def look_at_workbook(book: Workbook, places: list[Place]) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert running(texts_in(book)) == []
    by_ref = {row[1].value: dict(zip(HEADING, row, strict=True)) for row in book["Gifts"].iter_rows(min_row=2)}
    for place in places:
        row = by_ref[place.ref]
        assert [said(text_in(row[name])) for name in WORDS] == [said(place.text[:120])] * len(WORDS)
        assert all(row[name].data_type == "n" and row[name].value is not None for name in NUMBERS), place.text
    assert all(row[-1].data_type == "n" for row in book["Totals"].iter_rows(min_row=2))


def texts_in(book: Workbook) -> Iterator[str]:
    return (text_in(cell) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s")


def text_in(cell: Cell) -> str:
    return unescape(str(cell.value or ""))  # Controls stand in a workbook as `_x000D_`.


def first_sign_only(text: str) -> str:
    return f"'{text}" if text[:1] in {*"=+-@＝＋－＠\t\r\n\x00"} else text


@pytest.mark.parametrize(("how", "most"), [(neutral, 0), (first_sign_only, 200), (str, 1000)])
def test_every_string_alone(how: Callable[[str], str], most: int) -> None:
    """With what makes it harmless, and, as a control, with less: the first sign alone is not enough."""
    texts = [how(text) for text in CORPUS]
    found = len(running(iter(texts)))
    for delimiter in ";\t|":
        out = io.StringIO(newline="")
        csv.writer(out).writerows([["2026-11-22", text, "1.00"] for text in texts])
        found += len(running(cells_of(out.getvalue(), delimiter)))
    assert (found == 0) if how is neutral else (found > 0)
    assert found <= most
    assert len(CORPUS) >= 300


def test_control_a_workbook_written_without_care_has_formulas(tmp_path: Path) -> None:
    careful, careless = tmp_path / "careful.xlsx", tmp_path / "careless.xlsx"
    write_xlsx(careful, [("x", ("a",), [(text,) for text in CORPUS])])
    with xlsxwriter.Workbook(str(careless), {"strings_to_urls": False}) as book:
        sheet = book.add_worksheet("x")
        for row, text in enumerate(CORPUS):
            sheet.write(row, 0, text)
    kinds = {
        path: {cell.data_type for row in openpyxl.load_workbook(path)["x"].iter_rows() for cell in row}
        for path in (careful, careless)
    }
    assert "f" not in kinds[careful]
    assert "f" in kinds[careless]


@pytest.mark.parametrize(
    "text",
    ["", "Mara", "1-1", "a=b", "£5", "O’Neill", "O'Neill", "Tea, coffee", "A; B", "x - y", "Zoë", "日本語", "(5)"],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert sheets.neutral(text) == text
