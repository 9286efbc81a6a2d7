"""The staff's doors to reconciliation: how all accounts stand, a run now, each run, and a period as a file."""

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path as FilePath
from typing import Annotated, BinaryIO, Final

from fastapi import APIRouter, Depends, Query, Response
from starlette.responses import RedirectResponse, StreamingResponse

from fundraise.doors import PartsOf
from fundraise.errors import Refusal
from fundraise.figures.differences import (
    account_states,
    closed_differences,
    open_differences,
    recent_runs,
    run_facts,
    runs_since,
)
from fundraise.figures.gift_list import (
    HEADING,
    TOTALS_HEADING,
    ControlTotals,
    gift_count,
    gift_rows,
)
from fundraise.flows.ask_reconciliation import RECONCILE, ask_for_reconciliation
from fundraise.job_runs import open_slot
from fundraise.parts import Parts
from fundraise.patience import in_patience
from fundraise.sheets import MOST_XLSX_ROWS, csv_chunks, write_xlsx
from fundraise.views.parts import Link, Toast
from fundraise.web.pages import answer
from fundraise.web.staff.door import Number, Person, StaffPerson, signed_in, staff_frame
from fundraise.web.staff.lists import day_of, iso
from fundraise.web.staff.reconciliation_page import (
    HOME,
    Standing,
    export_bar,
    last_month,
    reconciliation_page,
    run_page,
)

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_TOASTS: Final = {
    "asked": Toast(text="Stripe, the bank and the books are being compared.", tone="on_its_way"),
    "running": Toast(text="A run is under way already.", tone="quiet"),
}
_PIECE_BYTES: Final = 64 * 1024
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("")
def show_reconciliation(parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show how all accounts stand."""
    return _page(parts, person, toast=_TOASTS.get(done))


@router.post("/run")
def run_now(parts: PartsOf, person: Person) -> Response:
    """Ask for a run; whoever runs the timetable does it, and the page says how far it is."""
    asked = ask_for_reconciliation(parts, by=person.name)
    return RedirectResponse(f"{HOME}?done={'asked' if asked else 'running'}", 303)


@router.get("/runs/{run_id}")
def show_run(run_id: Number, parts: PartsOf, person: Person) -> Response:
    """Show one run and what it left open."""
    with parts.db.read() as session:
        facts = run_facts(session, run_id)
    frame = staff_frame(person, "reconciliation", back=Link(text="Reconciliation", href=HOME))
    return answer(parts, "staff/reconciliation_run.html", run_page(frame, facts), private=True)


@router.get("/export")
async def export(
    parts: PartsOf,
    person: Person,
    begins: Annotated[str, Query(alias="from", max_length=10)] = "",
    ends: Annotated[str, Query(alias="to", max_length=10)] = "",
    kind: Annotated[str, Query(alias="format", max_length=10)] = "csv",
) -> Response:
    """Send the gifts of a period as a file, row by row."""
    return await in_patience(_export, parts, person, begins, ends, kind)


def _page(
    parts: Parts,
    person: StaffPerson,
    *,
    toast: Toast | None = None,
    typed: tuple[str, str, str] | None = None,
    status: int = 200,
) -> Response:
    now = parts.clock.now()
    first, last = last_month(now.date())
    with parts.db.read() as session:
        running = open_slot(session, RECONCILE)
        standing = Standing(
            accounts=account_states(session),
            open=open_differences(session),
            closed=closed_differences(session),
            runs=recent_runs(session),
            running=running,
            done=runs_since(session, running.started_at) if running is not None else 0,
        )
    frame = staff_frame(person, "reconciliation", toast=toast)
    page = reconciliation_page(frame, standing, now, export=export_bar(*(typed or (iso(first), iso(last), "xlsx"))))
    return answer(parts, "staff/reconciliation.html", page, status=status, private=True)


def _export(parts: Parts, person: StaffPerson, begins: str, ends: str, kind: str) -> Response:
    try:
        return _file(parts, begins, ends, kind)
    except Refusal as refusal:
        toast = Toast(text=refusal.message, tone="wrong")
        return _page(parts, person, toast=toast, typed=(begins, ends, kind), status=refusal.status)


def _file(parts: Parts, begins: str, ends: str, kind: str) -> Response:
    first, last = day_of(begins), day_of(ends)
    if first is None or last is None:
        raise Refusal("Please choose the first and the last day to download.")
    if last < first:
        raise Refusal("The last day lies before the first. Please choose them the other way round.")
    if kind not in {"csv", "xlsx"}:
        raise Refusal("Please choose CSV or a spreadsheet.")
    name = f"gifts-{iso(first)}-{iso(last)}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if kind == "csv":

        def chunks() -> Iterator[bytes]:
            totals = ControlTotals()
            with parts.db.read() as session:
                yield from csv_chunks(HEADING, gift_rows(session, first, last, totals))
            yield from csv_chunks((), [TOTALS_HEADING, *totals.rows()], is_first=False)

        return StreamingResponse(chunks(), media_type="text/csv; charset=utf-8", headers=headers)
    file = _spreadsheet(parts, first, last)
    headers["Content-Length"] = str(os.fstat(file.fileno()).st_size)
    return StreamingResponse(_pieces(file), media_type=_XLSX, headers=headers)


def _spreadsheet(parts: Parts, first: date, last: date) -> BinaryIO:
    """Write a period as a workbook and open it; its name is gone then, so that nothing is left whatever comes."""
    with tempfile.TemporaryDirectory() as folder, parts.db.read() as session:
        if gift_count(session, first, last) > MOST_XLSX_ROWS:
            raise Refusal("These are more gifts than a spreadsheet holds. Choose fewer days, or CSV.")
        totals = ControlTotals()
        path = FilePath(folder) / "gifts.xlsx"
        # The second sheet is written when the first is full, and so are its totals.
        gifts = gift_rows(session, first, last, totals)
        write_xlsx(path, [("Gifts", HEADING, gifts), ("Totals", TOTALS_HEADING, totals.rows())])
        return path.open("rb")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
