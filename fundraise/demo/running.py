"""Running the demo: the product and its local Stripe in one process, on this machine's own address alone."""

import json
import os
import re
import socket
import threading
import time
from pathlib import Path
from typing import Final

import httpx
import uvicorn
from rich.console import Console

from fundraise.app import create_app
from fundraise.assembly import build_parts
from fundraise.demo.preparing import SANDBOX_PORT, prepare
from fundraise.errors import SetupError
from fundraise.flows.staff_entry import make_link
from fundraise.migrations import ensure_current
from fundraise.sandbox import RunningClock, Sandbox
from fundraise.sandbox.web import create_sandbox_app
from fundraise.settings import Settings, load_settings

_HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 20


def run(folder: Path, *, port: int = 8000) -> None:
    """Serve until stopped; made anew when there is none yet, or when it was made for another port."""
    console = Console(highlight=False)
    _require_free(port)
    sandbox_port = _prepared_for(folder, port)
    if sandbox_port is None:
        sandbox_port = _free_port(SANDBOX_PORT)
        console.print("Telling the story: fifty gifts through the product's own doors. A few seconds …")
        started = time.monotonic()
        prepare(folder, port=port, sandbox_port=sandbox_port)
        console.print(f"Told in {time.monotonic() - started:.0f} seconds.")
    _require_free(sandbox_port)
    for name in [name for name in os.environ if name.startswith("FUNDRAISE_")]:
        del os.environ[name]  # The demo is what its own file says, whatever is set for another installation.
    settings = load_settings(folder / ".env")
    ensure_current(settings)
    _serve_sandbox(folder, sandbox_port)
    _show(console, settings, folder)
    uvicorn.run(
        create_app(settings),
        host=_HOST,
        port=port,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        log_level="warning",
    )


def _prepared_for(folder: Path, port: int) -> int | None:
    """Return the port of the local Stripe that the folder was made for; None when it is not there for this port."""
    if not (folder / "fundraise.db").exists() or not (folder / ".env").exists():
        return None
    text = (folder / ".env").read_text()
    base = re.search(r"^FUNDRAISE_BASE_URL=http://127\.0\.0\.1:(\d+)$", text, re.MULTILINE)
    stripe = re.search(r"^FUNDRAISE_STRIPE_API_BASE=http://127\.0\.0\.1:(\d+)$", text, re.MULTILINE)
    if base is None or stripe is None or int(base.group(1)) != port:
        return None
    return int(stripe.group(1))


def _serve_sandbox(folder: Path, port: int) -> None:
    state = folder / "sandbox.json"
    sandbox = Sandbox(clock=RunningClock(_offset_seconds(state)), base_url=f"http://{_HOST}:{port}")
    sandbox.load(state)
    app = create_sandbox_app(sandbox, deliveries="automatic", state_path=state)
    server = uvicorn.Server(uvicorn.Config(app, host=_HOST, port=port, log_level="warning", access_log=False))
    threading.Thread(target=server.run, name="local Stripe", daemon=True).start()
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if time.monotonic() > until:
            raise SetupError("The local Stripe did not start.")
        time.sleep(0.05)
    httpx.get(f"http://{_HOST}:{port}/_sandbox/clock", trust_env=False).raise_for_status()


def _offset_seconds(state: Path) -> int:
    """Return how far the story's time is from the machine's: where it was told to, or where a visitor left it."""
    saved = json.loads(state.read_text())
    if saved["offset_seconds"] is not None:
        return int(saved["offset_seconds"])
    return int(saved["now"]) - int(time.time())


def _show(console: Console, settings: Settings, folder: Path) -> None:
    parts = build_parts(settings)
    link = make_link(parts, "visitor")
    parts.db.close()
    addresses = {
        "Begin here": f"{settings.base_url}/tour",
        "Give": f"{settings.base_url}/c/walk-for-chechnya",
        "The whole appeal": f"{settings.base_url}/a/chechnya-2017",
        "Staff pages, opens once": link,
        "Local Stripe": f"{settings.stripe_api_base}/_sandbox/",
        "Letters": str((folder / "mail").resolve()),
    }
    console.print()
    for label, address in addresses.items():  # Never cut or wrapped: half a link opens nothing.
        console.print(f"{label:<25}{address}", soft_wrap=True)
    console.print("\nPay with the card 4242 4242 4242 4242, any date to come, any three digits. No real money moves.")
    console.print("The demo's clock stands in May 2017. Stop it with Ctrl-C.\n")


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            raise SetupError(
                f"Port {port} is in use by another program. Stop it, or choose another: make demo PORT=8010"
            ) from None


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SetupError("No port is free for the local Stripe.")
