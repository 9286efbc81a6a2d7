"""Commands for trying things out: the demo, and the local Stripe alone."""

from pathlib import Path
from typing import Annotated

import typer

from fundraise import demo
from fundraise.sandbox.serve import run as run_sandbox


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("demo")(run_demo)
    app.command("sandbox")(sandbox)


def run_demo(
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    prepare: Annotated[
        Path | None, typer.Option(help="Only make the seeded database and its .env in this folder.")
    ] = None,
) -> None:
    """Show the whole product on this machine, with a local Stripe and a story to look at."""
    if prepare is not None:
        demo.prepare(prepare, port=port)
        typer.echo(f"{prepare / 'fundraise.db'} and {prepare / '.env'} are ready.")
        return
    demo.run(Path("var/demo"), port=port)


def sandbox(
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 12111,
    state: Annotated[Path | None, typer.Option(help="A file to keep its state in.")] = None,
) -> None:
    """Run the local Stripe alone, on this machine's own address."""
    state = state or (Path("sandbox.json") if Path("sandbox.json").exists() else None)
    typer.echo(f"The local Stripe answers at http://127.0.0.1:{port}; its controls are at /_sandbox/.")
    run_sandbox(port, state)
