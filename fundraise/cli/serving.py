"""The command that serves the site. It is a file of its own because only it needs every door."""

from typing import Annotated

import typer
import uvicorn

from fundraise.app import app_from_environment
from fundraise.assembly import build_parts
from fundraise.migrations import ensure_current
from fundraise.settings import load_settings


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="How many processes.")] = 1,
) -> None:
    """Serve the site, after bringing the database's schema up to date."""
    settings = load_settings()
    ensure_current(settings)
    parts = build_parts(settings)
    parts.db.refuse_unclaimed_settings()
    parts.db.close()
    uvicorn.run(
        f"{app_from_environment.__module__}:{app_from_environment.__name__}",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,  # Addresses of gifts open them; they stand in no log.
        server_header=False,
        timeout_graceful_shutdown=5,
        log_level="warning",
    )
