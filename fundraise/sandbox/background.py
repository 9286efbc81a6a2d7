"""The thread that keeps a served sandbox going: due actions, webhook deliveries, saving the state."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from fundraise.sandbox.deliver import TIMEOUT_SECONDS, deliver_due

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox

TICK_SECONDS = 0.1

_LOG = logging.getLogger(__name__)


class Background:
    """Runs from `start` to `stop`. With `deliveries` it sends webhooks, with `state_path` it saves after changes."""

    def __init__(self, sandbox: Sandbox, *, deliveries: bool, state_path: Path | None) -> None:
        self._sandbox = sandbox
        self._deliveries = deliveries
        self._state_path = state_path
        self._stopping = threading.Event()
        self._changed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self.client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def changed(self) -> None:
        """Say that there is something to save."""
        self._changed.set()

    def stop(self) -> None:
        """End, and save what is not saved yet."""
        self._stopping.set()
        self._thread.join()
        self._save()
        self.client.close()

    def _run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self._tick()
            except Exception:
                # What is due later must still happen; a demo that stands still says nothing about why.
                _LOG.exception("the sandbox could not do what was due")

    def _tick(self) -> None:
        happened = self._sandbox.run_due() > 0
        if self._deliveries:
            happened = bool(deliver_due(self._sandbox, self.client)) or happened
        if happened:
            self.changed()
        self._save()

    def _save(self) -> None:
        if self._state_path is not None and self._changed.is_set():
            self._changed.clear()
            self._sandbox.save(self._state_path)
