"""The command line: every command parses, calls one flow or question, and prints."""

import logging
import sys

import typer

from fundraise.cli import books
from fundraise.errors import Refusal, SetupError


def commands(first: str = "") -> typer.Typer:
    """Return the commands; of one that is asked for alone and needs little, only that one."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Fundraising campaigns, donations through Stripe, and totals that are right to the penny.",
    )
    app.callback()(_nothing_first)
    if first != "check":
        # These bring the whole product with them, which takes longer than to check the books of a year.
        from fundraise.cli import banking, partnering, people, reconciling, running  # noqa: PLC0415

        for module in (running, reconciling, people, banking, partnering):
            module.add_to(app)
    books.add_to(app)
    return app


def _nothing_first() -> None:
    """Stand before every command, so that one alone is still called by its name."""


def main() -> None:
    """Run a command. What it refuses is one line on standard error and exit code 2, never a trace."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # The schedulers of others are quiet unless something is wrong.
    for noisy in ("apscheduler", "stripe", "alembic", "httpx", "aiohttp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        commands(sys.argv[1] if len(sys.argv) > 1 else "")()
    except SetupError as problem:
        typer.echo(str(problem), err=True)
        sys.exit(2)
    except Refusal as refusal:
        typer.echo(refusal.message, err=True)
        sys.exit(2)
