"""A file that breaks off half-way leaves nothing behind, and nothing that looks whole."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from fundraise import sheets
from fundraise.cli import reconciling
from fundraise.errors import SetupError
from fundraise.flows.staff_entry import enter, make_link
from fundraise.sheets import write_xlsx
from fundraise.web.staff import reconciliation
from fundraise.web.staff.door import COOKIE
from tests.world import World

PERIOD = {"from": "2026-11-01", "to": "2026-11-30"}
DAY = datetime(2026, 11, 1)  # noqa: DTZ001  As the command reads it.


class BreaksOff(Exception):  # noqa: N818
    """The database is gone."""


def two_rows_and_no_more(*_: object) -> Iterator[tuple[str, ...]]:
    yield ("first",)
    yield ("second",)
    raise BreaksOff


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary files are made."""
    room = tmp_path / "temporary"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    return room


@pytest.fixture
def staff(shelter: World) -> TestClient:
    shelter.paid_gift("50")
    token = make_link(shelter.parts, "Priya Raman").rpartition("/")[2]
    shelter.donor.cookies.set(COOKIE, enter(shelter.parts, token))
    return shelter.donor


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_a_spreadsheet_is_sent_whole_and_leaves_nothing(staff: TestClient, room: Path, tmp_path: Path) -> None:
    sent = staff.get("/staff/reconciliation/export", params={**PERIOD, "format": "xlsx"})
    assert sent.status_code == 200
    assert sent.headers["content-length"] == str(len(sent.content))
    assert left(room) == []
    file = tmp_path / "gifts.xlsx"
    file.write_bytes(sent.content)
    assert openpyxl.load_workbook(file)["Gifts"].max_row == 2


def test_a_spreadsheet_that_breaks_off_leaves_nothing(
    staff: TestClient, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "gift_rows", two_rows_and_no_more)
    assert staff.get("/staff/reconciliation/export", params={**PERIOD, "format": "xlsx"}).status_code == 500
    assert left(room) == []


def half_a_workbook(folder: Path, before: bytes | None = None) -> Path:
    """Let a workbook break off, where there may be one from yesterday."""
    out = folder / "gifts.xlsx"
    if before is not None:
        out.write_bytes(before)
    with pytest.raises(BreaksOff):
        write_xlsx(out, [("Gifts", ("a",), two_rows_and_no_more())])
    return out


def test_half_a_workbook_is_none(tmp_path: Path, room: Path) -> None:
    half_a_workbook(tmp_path)
    assert left(tmp_path) == ["temporary"]
    assert half_a_workbook(tmp_path, b"yesterday's").read_bytes() == b"yesterday's"
    assert left(tmp_path) == ["gifts.xlsx", "temporary"]
    assert left(room) == []


def test_control_without_it_half_a_workbook_looks_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def there(path: Path) -> Iterator[Path]:
        yield path

    monkeypatch.setattr(sheets, "whole", there)
    assert openpyxl.load_workbook(half_a_workbook(tmp_path, b"yesterday's"))["Gifts"].max_row == 3


@pytest.mark.parametrize("form", list(reconciling.Format))
def test_the_commands_file_is_whole_or_as_it_was(
    shelter: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: reconciling.Format
) -> None:
    @contextmanager
    def opened() -> Iterator[Any]:
        yield shelter.parts

    monkeypatch.setattr(reconciling, "opened", opened)
    out = tmp_path / "files" / f"gifts.{form.value}"
    with pytest.raises(SetupError, match="cannot be written: No such file or directory"):
        reconciling.export_reconciliation(DAY, DAY.replace(day=30), form, out)
    out.parent.mkdir()
    shelter.paid_gift("50")
    reconciling.export_reconciliation(DAY, DAY.replace(day=30), form, out)
    whole = out.read_bytes()
    monkeypatch.setattr(reconciling, "gift_rows", two_rows_and_no_more)
    with pytest.raises(BreaksOff):
        reconciling.export_reconciliation(DAY, DAY.replace(day=30), form, out)
    assert out.read_bytes() == whole
    assert left(out.parent) == [out.name]


def test_a_device_takes_what_comes(tmp_path: Path) -> None:
    with sheets.whole(Path("/dev/null")) as place:
        assert place == Path("/dev/null")
    link = tmp_path / "latest.csv"
    link.symlink_to(tmp_path / "gifts.csv")
    with sheets.whole(link) as place:
        place.write_text("a")
    assert link.is_symlink()
    assert (tmp_path / "gifts.csv").read_text() == "a"
