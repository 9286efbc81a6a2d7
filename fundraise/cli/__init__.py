"""The command line: every command parses, calls one flow or question, and prints."""

import logging
import sys

import typer

from fundraise.cli import banking, books, partnering, people, reconciling, running
from fundraise.errors import Refusal, SetupError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Fundraising campaigns, donations through Stripe, and totals that are right to the penny.",
)
running.add_to(app)
books.add_to(app)
reconciling.add_to(app)
people.add_to(app)
banking.add_to(app)
partnering.add_to(app)


def main() -> None:
    """Run a command. What it refuses is one line on standard error and exit code 2, never a trace."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # The schedulers of others are quiet unless something is wrong.
    for noisy in ("apscheduler", "stripe", "alembic", "httpx", "aiohttp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        app()
    except SetupError as problem:
        typer.echo(str(problem), err=True)
        sys.exit(2)
    except Refusal as refusal:
        typer.echo(refusal.message, err=True)
        sys.exit(2)
