"""Commands for bank accounts and their statements."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from fundraise import times
from fundraise.bodies.questions import bodies_by_id
from fundraise.cli.opening import opened
from fundraise.errors import SetupError
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import Imported, Upload, import_statement
from fundraise.statements.questions import bank_account_by_name, bank_accounts, recent_files
from fundraise.statements.vocabulary import LARGEST_FILE_BYTES, DateOrder

bank_app = typer.Typer(no_args_is_help=True, help="Accounts at banks.")
statement_app = typer.Typer(no_args_is_help=True, help="Bank statements.")
_BY = "the command line"
_LISTED = 50


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(bank_app, name="bank")
    app.add_typer(statement_app, name="statement")


@bank_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="A name for it here: small letters, digits and hyphens.")],
    body: Annotated[str, typer.Option(help="Whose account it is: the charity's or society's name here.")],
    currency: Annotated[str, typer.Option(help="Its currency, like GBP.")],
    stripe_pattern: Annotated[
        str, typer.Option(help="Words in the text of Stripe's payouts, with commas between choices.")
    ] = "STRIPE",
) -> None:
    """Add an account that payouts arrive on, or change its pattern."""
    with opened() as parts:
        add_bank_account(parts, name=name, body_slug=body, currency=currency, stripe_pattern=stripe_pattern)
    typer.echo(f"Added. Import its statements with: fundraise statement import FILE --account {name}")


@bank_app.command("list")
def list_accounts() -> None:
    """Show the accounts."""
    with opened() as parts, parts.db.read() as session:
        accounts = bank_accounts(session)
        bodies = bodies_by_id(session, {account.body_id for account in accounts})
    for account in accounts:
        number = account.iban or "number not known yet"
        owner = bodies[account.body_id].name
        typer.echo(f"{account.name}: {owner}, {account.currency}, {number}, Stripe's text: {account.stripe_pattern}")
    if not accounts:
        typer.echo("No bank account yet. Add one with: fundraise bank add NAME --body SLUG --currency GBP")


@statement_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A camt.053 or CSV file from the bank.")],
    account: Annotated[str, typer.Option(help="The account's name here.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,  # noqa: FBT002  An option of the command line.
    dates: Annotated[
        DateOrder | None, typer.Option(help="How dates like 01/02/03 are meant, if the file does not tell.")
    ] = None,
    alike_is_new: Annotated[  # noqa: FBT002  An option of the command line.
        bool, typer.Option("--alike-is-new", help="Lines that look like kept ones are movements of their own.")
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option(help='A JSON file that names a CSV file\'s columns: {"date": "…", "amount": "…"}.')
    ] = None,
) -> None:
    """Import a statement and match its payouts. The same file twice adds nothing; a bad file changes nothing."""
    upload = Upload(account, file.name, _bytes_of(file), _BY, date_order=dates, alike_is_new=alike_is_new)
    if mapping is not None:
        upload = replace(upload, columns=_mapping_in(mapping))
    with opened() as parts:
        done = import_statement(parts, upload)
    if as_json:
        typer.echo(json.dumps(_as_json(done), ensure_ascii=False))
        return
    matched = done.matched["matched"]
    typer.echo(f"{done.lines} lines, {done.new} new, {done.lines - done.new} known. Payouts matched: {matched}.")
    for sentence in (*done.warnings, *done.notes):
        typer.echo(sentence)


@statement_app.command("list")
def list_files(
    account: Annotated[str, typer.Option(help="Only of this account.")] = "",
) -> None:
    """Show the files that were imported, newest first."""
    with opened() as parts, parts.db.read() as session:
        only = [bank_account_by_name(session, account).id] if account else None
        names = {each.id: each.name for each in bank_accounts(session)}
        files = recent_files(session, most=_LISTED, account_ids=only)
    for file in files:
        period = f"{file.from_date} to {file.to_date}" if file.from_date and file.to_date else "no lines"
        typer.echo(
            f"{times.iso(file.imported_at)} {names[file.bank_account_id]}: {file.name}, {period}, "
            f"{file.lines_in_file} lines, {file.lines_new} new, by {file.imported_by}"
        )
    if not files:
        typer.echo("No statement was imported yet.")


def _bytes_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened_file:
            return opened_file.read(LARGEST_FILE_BYTES + 1)
    except OSError as problem:
        raise SetupError(f"{file} cannot be read: {problem.strerror}.") from None


def _mapping_in(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise SetupError(f"{file} cannot be read as JSON: {problem}") from None
    if not isinstance(found, dict):
        raise SetupError(f'{file} must hold an object like {{"date": "Date", "amount": "Amount"}}.')
    return found


def _as_json(done: Imported) -> dict[str, object]:
    return {
        "file": done.file_id,
        "lines": done.lines,
        "new": done.new,
        "known": done.lines - done.new,
        "matched": done.matched["matched"],
        "warnings": list(done.warnings),
        "notes": list(done.notes),
    }
