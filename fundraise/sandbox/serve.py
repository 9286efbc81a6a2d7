"""Runs the sandbox as a process of its own, on this machine's own address alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import uvicorn

from fundraise.sandbox.clock import RunningClock
from fundraise.sandbox.engine import Sandbox
from fundraise.sandbox.web import create_sandbox_app


def run(
    port: int = 12111,
    state_path: Path | None = None,
    *,
    deliveries: Literal["automatic", "manual"] = "automatic",
    seed: int = 1,
    log_level: str = "warning",
) -> None:
    """Serve until interrupted, on 127.0.0.1 and real time. With `state_path` it goes on from what was saved there."""
    sandbox = open_sandbox(port, state_path, seed=seed)
    app = create_sandbox_app(sandbox, deliveries=deliveries, state_path=state_path)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level=log_level, access_log=False)


def open_sandbox(port: int, state_path: Path | None, *, seed: int = 1) -> Sandbox:
    """Return a sandbox on a running clock, with the saved state where there is one."""
    sandbox = Sandbox(clock=RunningClock(), seed=seed, base_url=f"http://127.0.0.1:{port}")
    if state_path is not None and state_path.exists():
        sandbox.load(state_path)
    return sandbox
