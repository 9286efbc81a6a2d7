"""Commands of reconciliation: run it, and take its lists away as files."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fundraise.cli.opening import opened
from fundraise.errors import SetupError
from fundraise.figures.gift_list import HEADING, TOTALS_HEADING, ControlTotals, gift_rows
from fundraise.flows.reconcile import Outcome, reconcile_all
from fundraise.parts import Parts
from fundraise.reconciliation.tables import RunState
from fundraise.sheets import Cell, csv_chunks, whole, write_xlsx

export_app = typer.Typer(no_args_is_help=True, help="Lists as files.")
_EXIT = {RunState.CLEAN: 0, RunState.DIFFERENCES: 1, RunState.FAILED: 2}


class Format(StrEnum):
    """The kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("reconcile")(reconcile)
    app.add_typer(export_app, name="export")


def reconcile(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Fetch again from this day on (UTC), if that is before the last run."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,  # noqa: FBT002  An option of the command line.
) -> None:
    """Compare Stripe, the bank and the books: exit code 0 when all agree, 1 for differences, 2 for a failure."""
    begins = since.replace(tzinfo=UTC) if since is not None else None
    with opened() as parts:
        outcomes = reconcile_all(parts, by="the command line", since=begins)
    if as_json:
        typer.echo(json.dumps({"accounts": [_as_json(outcome) for outcome in outcomes]}, ensure_ascii=False))
    else:
        for outcome in outcomes:
            typer.echo(_sentence(outcome))
        if not outcomes:
            typer.echo("No Stripe account is connected yet.")
    raise typer.Exit(max((_EXIT[outcome.state] for outcome in outcomes), default=0))


@export_app.command("reconciliation")
def export_reconciliation(
    begins: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day (UTC).")],
    ends: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day (UTC).")],
    form: Annotated[Format, typer.Option("--format", help="csv or xlsx.")] = Format.CSV,
    out: Annotated[Path | None, typer.Option(help="The file; standard output without one (csv).")] = None,
) -> None:
    """Write one row for each gift of a period: gross, fee, net, payout, bank date, and the totals to check it by."""
    if ends < begins:
        raise SetupError("The last day lies before the first.")
    out = out or (Path(f"reconciliation-{begins:%Y-%m-%d}-{ends:%Y-%m-%d}.xlsx") if form is Format.XLSX else None)
    with opened() as parts:
        totals = ControlTotals()
        try:
            if form is Format.XLSX and out is not None:
                _write_xlsx(parts, begins, ends, out, totals)
            else:
                _write_csv(parts, begins, ends, out, totals)
        except OSError as problem:
            raise SetupError(f"{out or 'The list'} cannot be written: {problem.strerror}.") from None
    if out is not None:
        facts = {
            "file": str(out),
            "from": f"{begins:%Y-%m-%d}",
            "to": f"{ends:%Y-%m-%d}",
            "gifts": sum(totals.gifts.values()),
            "totals": {f"{currency} {what}": str(amount) for currency, what, _, amount in totals.rows()},
            "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        }
        typer.echo(json.dumps(facts, ensure_ascii=False))


def _write_csv(parts: Parts, begins: datetime, ends: datetime, out: Path | None, totals: ControlTotals) -> None:
    with parts.db.read() as session:
        rows = gift_rows(session, begins.date(), ends.date(), totals)
        if out is None:
            for chunk in _csv(rows, totals):
                typer.echo(chunk.decode(), nl=False)
            return
        with whole(out) as place, place.open("wb") as file:
            file.writelines(_csv(rows, totals))


def _csv(rows: Iterator[tuple[Cell, ...]], totals: ControlTotals) -> Iterator[bytes]:
    """Yield the gifts and below them their totals, which are known when the last one has gone by."""
    yield from csv_chunks(HEADING, rows)
    yield from csv_chunks((), [TOTALS_HEADING, *totals.rows()], is_first=False)


def _write_xlsx(parts: Parts, begins: datetime, ends: datetime, out: Path, totals: ControlTotals) -> None:
    with parts.db.read() as session:
        gifts = gift_rows(session, begins.date(), ends.date(), totals)
        # The second sheet is written when the first is full, and so are its totals.
        write_xlsx(out, [("Gifts", HEADING, gifts), ("Totals", TOTALS_HEADING, totals.rows())])


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "account": outcome.account,
        "run": outcome.run_id,
        "state": outcome.state,
        "open_differences": outcome.open_differences,
        "error": outcome.error,
    }


def _sentence(outcome: Outcome) -> str:
    if outcome.state is RunState.FAILED:
        return f"{outcome.account}: could not be reconciled. {outcome.error}"
    if outcome.state is RunState.CLEAN:
        return f"{outcome.account}: Stripe and the books agree."
    many = "1 difference is" if outcome.open_differences == 1 else f"{outcome.open_differences} differences are"
    return f"{outcome.account}: {many} open."
