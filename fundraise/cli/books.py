"""Commands for the treasurer: checking the books."""

import json
from typing import Annotated

import typer

from fundraise.cli.database import opened_database
from fundraise.flows.check_books import check_books_side_by_side
from fundraise.ledger.balances import rebuild_checkpoints


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("check")(check)


def check(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,  # noqa: FBT002  An option of the command line.
    rebuild: Annotated[bool, typer.Option(help="Make the checkpoints of the books afresh first.")] = False,  # noqa: FBT002
) -> None:
    """Check the books: exit code 1 and one line for each finding, 0 when all is well."""
    with opened_database() as db:
        if rebuild:
            rebuild_checkpoints(db)
        findings = check_books_side_by_side(db)
    if as_json:
        rows = [{"check": finding.check, "message": finding.message} for finding in findings]
        typer.echo(json.dumps({"findings": rows}, ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(f"{finding.check}: {finding.message}")
        if not findings:
            typer.echo("The books are in order.")
    raise typer.Exit(1 if findings else 0)
