"""The command line: every command parses, calls one flow or question, and prints."""

import gc
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

import typer

from fundraise.cli import books
from fundraise.errors import Refusal, SetupError


def commands(first: str = "") -> typer.Typer:
    """Return the commands; of one that is asked for alone and needs little, only those beside it."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Fundraising campaigns, donations through Stripe, and totals that are right to the penny.",
    )
    app.callback()(_nothing_first)
    with _not_collecting():
        for module in _modules(first):
            module.add_to(app)
    return app


@contextmanager
def _not_collecting() -> Iterator[None]:
    """Import without searching for garbage, which would take a third of the time until the site is ready.

    What was imported stays, so it is left out of every later search as well.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _modules(first: str) -> Sequence[ModuleType]:
    """Return what a command needs: to bring the whole product along takes seconds, and not every command has them."""
    if first == "check":
        return (books,)
    from fundraise.cli import running  # noqa: PLC0415

    if first in {"jobs", "db"}:
        return (running,)
    from fundraise.cli import serving  # noqa: PLC0415

    if first == "serve":
        return (serving,)
    from fundraise.cli import banking, partnering, people, reconciling, trying  # noqa: PLC0415

    return (serving, running, trying, reconciling, people, banking, partnering, books)


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
