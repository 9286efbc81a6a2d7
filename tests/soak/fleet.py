"""The product as people run it: processes of its own, started by its commands, killed without a word."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fundraise.settings import Settings

ROOT: Final = Path(__file__).parent.parent.parent
READY_SECONDS: Final = 5.0
_GIVE_UP_SECONDS: Final = 180.0


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class Process:
    """One process of the product: a web server when it has a port, else the timetable."""

    settings: Settings
    folder: Path
    port: int = 0
    more: Mapping[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = None
    seconds_to_ready: float = 0.0
    _logged: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        if self.running is None:
            raise RuntimeError("this process was not started")
        return self.running.pid

    def start(self, *, wait: bool = True) -> None:
        """Start it; with `wait`, return once it is ready."""
        command = ["serve", "--port", str(self.port)] if self.port else ["jobs", "serve"]
        began = time.monotonic()
        self._logged = len(self.log())
        with (self.folder / f"log-{self.port or 'jobs'}.txt").open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "fundraise", *command],
                env=environment(self.settings, self.more), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log,
            )  # fmt: skip
        if wait:
            self.wait_until_ready()
            self.seconds_to_ready = time.monotonic() - began

    def wait_until_ready(self) -> None:
        """Return once `/readyz` answers well; of the timetable, which has no door, once it says that it runs."""
        until = time.monotonic() + _GIVE_UP_SECONDS
        while time.monotonic() < until:
            if self.running is None or self.running.poll() is not None:
                raise RuntimeError(f"it ended by itself: {self.log()[-2000:]}")
            if _answers(self.port) if self.port else "The timetable runs" in self.log()[self._logged :]:
                return
            time.sleep(0.05)
        raise RuntimeError(f"not ready after {_GIVE_UP_SECONDS:.0f} s: {self.log()[-2000:]}")

    def kill(self) -> None:
        """Kill it as a power switch would."""
        if self.running is not None and self.running.poll() is None:
            os.kill(self.running.pid, signal.SIGKILL)
        if self.running is not None:
            self.running.wait(10)

    def log(self) -> str:
        path = self.folder / f"log-{self.port or 'jobs'}.txt"
        return path.read_text(errors="replace") if path.exists() else ""


def environment(settings: Settings, more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment a process of the product is started in."""
    values = {
        "DATABASE_URL": settings.database_url,
        "MIGRATION_DATABASE_URL": settings.migration_database_url,
        "BASE_URL": settings.base_url,
        "SECRET_KEY": settings.secret_key,
        "STRIPE_API_BASE": settings.stripe_api_base,
        "JOBS_IN_WEB": "false",
        "GIFTS_PER_ADDRESS_PER_HOUR": "0",
        **more,
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "TZ") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), **{f"FUNDRAISE_{name}": value for name, value in values.items()}}


def _answers(port: int) -> bool:
    """Ask as cheaply as can be: whoever waits for a process must not take the time it needs."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", "/readyz")
        return asking.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()
