"""`make demo` as a newcomer meets it: addresses that open, a gift that moves the total, and the same story again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import httpx

CARD = {"card_number": "4242 4242 4242 4242", "exp": "12/30", "cvc": "123", "pay": "card"}
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, port: int) -> Iterator[dict[str, str]]:
    """Run the demo in a folder and give the addresses that it prints, until it is told to stop."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "60"}
    command = [sys.executable, "-m", "fundraise", "demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        printed: dict[str, str] = {}
        for line in process.stdout:
            if found := re.match(r"(\w[\w ,]+?)  +(\S+)$", line):
                printed[found[1]] = found[2]
            if "Ctrl-C" in line:
                break
        yield printed
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def opened(address: str, visitor: httpx.Client) -> httpx.Response:
    """Open an address as soon as something listens there."""
    for _ in range(600):
        try:
            return visitor.get(address)
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError(address)


def total_minor(visitor: httpx.Client) -> int:
    return int(visitor.get("/api/v1/campaigns/walk-for-chechnya").json()["total"]["amount_minor"])


def test_a_newcomer_gives_and_finds_it_again_tomorrow(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        httpx.Client(base_url=address, trust_env=False, follow_redirects=True) as visitor,
        running(tmp_path, port) as printed,
    ):
        assert printed.keys() >= {"Begin here", "Give", "The whole appeal", "Staff pages, opens once", "Local Stripe"}
        for label in ("Begin here", "Give", "The whole appeal", "Local Stripe"):
            page = opened(printed[label], visitor)
            assert page.status_code == 200, label
            assert label == "Local Stripe" or "demonstration" in page.text.lower(), label
        entering = visitor.get(printed["Staff pages, opens once"])
        assert entering.status_code == 200
        before = total_minor(visitor)
        token = re.search(r'name="token" value="([^"]+)"', visitor.get(printed["Give"]).text)
        assert token is not None
        form = {"amount": "10", "currency": "GBP", "token": token[1]}
        pay_page = visitor.post(f"{printed['Give']}/give", data=form)
        action = re.search(r'<form[^>]*action="([^"]*)"', pay_page.text)
        assert action is not None
        thanks = visitor.post(urljoin(str(pay_page.url), action[1]), data=CARD)
        assert thanks.status_code == 200
        assert "/thanks" in str(thanks.url)
        until = time.monotonic() + 30
        while total_minor(visitor) != before + 1000 and time.monotonic() < until:
            time.sleep(0.2)
        assert total_minor(visitor) == before + 1000
    with httpx.Client(base_url=address, trust_env=False) as visitor, running(tmp_path, port) as printed:
        opened(printed["Give"], visitor)
        assert total_minor(visitor) == before + 1000
