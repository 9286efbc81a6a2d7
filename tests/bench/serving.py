"""Servers and the load on them: the product and its yardsticks on the same server, wrk, and whole processes."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fundraise.settings import Settings

ROOT = Path(__file__).parent.parent.parent
# What `fundraise serve` tells uvicorn; the yardsticks run under the same.
_UVICORN = ("--no-access-log", "--no-server-header", "--log-level", "warning")

# A small process that starts a program, since a program's peak counts what the process that started it held.
_WATCHER = """
import os, sys, time
begun = time.perf_counter()
nothing = os.open(os.devnull, os.O_WRONLY)
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nothing, 1)])
_, status, used = os.wait4(pid, 0)
print(os.waitstatus_to_exitcode(status), time.perf_counter() - begun, used.ru_maxrss)
"""


class ToolMissing(Exception):  # noqa: N818
    """A program that a measurement needs is not on this machine; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: answers a second, the 99th percentile, and answers that were errors or never came."""

    per_second: float
    p99_ms: float
    failures: int


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Return an environment in which the product has these settings and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FUNDRAISE_")}
    values = {
        "FUNDRAISE_DATABASE_URL": settings.database_url,
        "FUNDRAISE_MIGRATION_DATABASE_URL": settings.migration_database_url,
        "FUNDRAISE_SECRET_KEY": settings.secret_key,
        "FUNDRAISE_STRIPE_API_BASE": settings.stripe_api_base,
        "FUNDRAISE_CONTACT_EMAIL": settings.contact_email,
        "FUNDRAISE_JOBS_IN_WEB": "false",
        "FUNDRAISE_MAIL_URL": settings.mail_url,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    return {**inherited, **values, **more}


@contextmanager
def product(settings: Settings, folder: Path, **more: str) -> Iterator[str]:
    """Serve the product as an operator does; give its address."""
    port = free_port()
    argv = [sys.executable, "-m", "fundraise", "serve", "--port", str(port)]
    with process(argv, environment(settings, **more), folder):
        yield once_up(port)


@contextmanager
def yardstick(name: str, folder: Path, **more: str) -> Iterator[str]:
    """Serve an app of `tests.bench.yardsticks` on the same server as the product; give its address."""
    port = free_port()
    argv = [sys.executable, "-m", "uvicorn", f"tests.bench.yardsticks.{name}:app", "--port", str(port), *_UVICORN]
    with process(argv, {**os.environ, "PYTHONPATH": str(ROOT), **more}, folder):
        yield once_up(port)


@contextmanager
def process(
    argv: Sequence[str], env: Mapping[str, str], folder: Path, **pipes: Any
) -> Iterator["subprocess.Popen[str]"]:
    """Run a process until the block ends."""
    running = subprocess.Popen(argv, env=env, cwd=folder, text=True, **pipes)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def wrk(url: str, *, seconds: float, connections: int, script: Path | None = None, **env: str) -> Load:
    """Ask an address as fast as it answers."""
    tool = shutil.which("wrk")
    if tool is None:
        raise ToolMissing("wrk is missing; on Debian: apt-get install wrk")
    argv = [tool, "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "20s", "--latency"]
    argv += ["-s", str(script)] if script is not None else []
    said = subprocess.run([*argv, url], env={**os.environ, **env}, capture_output=True, text=True, check=True).stdout
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if p99 is None or rate is None:
        raise RuntimeError(f"wrk said: {said}")
    failures = sum(int(count) for count in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    failures += sum(int(count) for line in re.findall(r"Socket errors:.*", said) for count in re.findall(r"\d+", line))
    unit_ms = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[p99.group(2)]
    return Load(float(rate.group(1)), float(p99.group(1)) * unit_ms, failures)


def child(settings: Settings, task: str, *arguments: str, folder: Path) -> dict[str, Any]:
    """Run a task of `tests.bench.child` in a process of its own; return what it measured."""
    argv = [sys.executable, "-m", "tests.bench.child", task, *arguments]
    done = subprocess.run(
        argv, env=environment(settings), cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    found: dict[str, Any] = json.loads(done.splitlines()[-1])
    return found


def whole_process(argv: Sequence[str], env: Mapping[str, str], folder: Path) -> tuple[float, float]:
    """Run a program; return its seconds and the most memory it held, in megabytes. It must end well."""
    said = subprocess.run(
        [sys.executable, "-S", "-c", _WATCHER, *argv],
        env=env,
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    code, seconds, kilobytes = said.splitlines()[-1].split()
    if code != "0":
        raise RuntimeError(f"{argv[:4]} ended with {code}")
    return float(seconds), int(kilobytes) / 1024


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def once_up(port: int) -> str:
    """Wait until something answers on a port; return its address."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return f"http://127.0.0.1:{port}"
    raise TimeoutError(f"nothing answers on port {port}")
