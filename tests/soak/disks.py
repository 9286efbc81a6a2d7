"""Deaths, a full disk and a broken one, at the first writes and syncs of a running web process, by strace.

What was answered 200 must be there whatever happened; what could not be kept must be answered 5xx, so that Stripe sends
it again; and once the disk is well the same process must go on without help.
"""

import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
from pysqlite3 import dbapi2 as sqlite

from fundraise.sandbox.post import signature
from tests.soak.fleet import Process, free_port
from tests.soak.report import Report
from tests.soak.town import SECRET, SLUG, Town

PLACES: Final = 20
_MOST_SENT: Final = 80
_WRITES: Final = "pwrite64"
_SYNCS: Final = "fdatasync,fsync"


@dataclass
class Sender:
    """Sends notices one after the other, and keeps a list of what was answered."""

    url: str
    answered: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def send_new(self) -> int:
        self._count += 1
        return self.send(f"evt_disk{self._count:05d}")

    def send(self, event_id: str) -> int:
        now = int(time.time())
        charge = {"id": "ch_disk", "object": "charge", "payment_intent": "pi_disk"}
        event = {"id": event_id, "object": "event", "type": "charge.updated", "created": now, "livemode": False,
                 "data": {"object": charge}}  # fmt: skip
        body = json.dumps(event).encode()
        headers = {"stripe-signature": signature(body, [SECRET], now)}
        try:
            answer = httpx.post(f"{self.url}/webhooks/stripe/{SLUG}", content=body, headers=headers, timeout=30,
                                trust_env=False).status_code  # fmt: skip
        except httpx.HTTPError:
            answer = 0
        self.answered[event_id] = answer
        return answer

    def unanswered(self) -> list[str]:
        return [event_id for event_id, answer in self.answered.items() if answer != 200]


def break_disks(report: Report, town: Town, places: int) -> None:
    """Let one process die at each place, and another's disk fail there."""
    if shutil.which("strace") is None:
        report.broke("strace is not installed; on Debian and Ubuntu: apt install strace")
        return
    with tempfile.TemporaryDirectory(prefix="disks-") as made:
        folder = Path(made)
        settings = town.sqlite(folder)
        web = Process(settings, folder, free_port())
        web.start()
        try:
            for calls in (_WRITES, _SYNCS):
                problems = [problem for place in range(1, places + 1) for problem in _die_at(web, folder, calls, place)]
                report.check(
                    f"a death at each of the first {places} calls of {calls}: nothing acknowledged lost", problems
                )
            for calls, error in ((_WRITES, "ENOSPC"), (_WRITES, "EIO"), (_SYNCS, "EIO")):
                problems = [problem for place in range(1, places + 1)
                            for problem in _fail_at(web, folder, calls, error, place)]  # fmt: skip
                report.check(
                    f"{error} at each of the first {places} calls of {calls}: 5xx, no false 200, then whole", problems
                )
        finally:
            web.kill()


def _die_at(web: Process, folder: Path, calls: str, place: int) -> list[str]:
    where = f"{calls} {place}"
    sender = Sender(web.url)
    sender._count = _next_number(folder)
    with _strace(web.pid, f"{calls}:signal=KILL:when={place}", folder):
        for _ in range(_MOST_SENT):
            if sender.send_new() == 0:
                break
    died = web.running is not None and web.running.wait(10) is not None
    problems = [] if died and sender.unanswered() else [f"{where}: it did not die"]
    problems += _lost(folder, sender, where)
    web.start()
    return problems + _sent_again(sender, folder, where)


def _fail_at(web: Process, folder: Path, calls: str, error: str, place: int) -> list[str]:
    where = f"{error} at {calls} {place}"
    sender = Sender(web.url)
    sender._count = _next_number(folder)
    with _strace(web.pid, f"{calls}:error={error}:when={place}..{place + 3}", folder) as log:
        for _ in range(_MOST_SENT):
            sender.send_new()
            if log.read_text(errors="replace").count("INJECTED") >= 4:
                break
    problems = [] if "INJECTED" in log.read_text(errors="replace") else [f"{where}: nothing failed"]
    problems += [f"{where}: answered {answer}" for answer in sender.answered.values() if answer != 200 and answer < 500]
    problems += _lost(folder, sender, where)
    return problems + _sent_again(sender, folder, where)


@contextmanager
def _strace(pid: int, inject: str, folder: Path) -> Iterator[Path]:
    """Attach to a process and let it suffer until the block ends."""
    log = folder / "strace.txt"
    log.unlink(missing_ok=True)
    traced = inject.partition(":")[0]
    command = ["strace", "-f", "-p", str(pid), "-o", str(log), "-e", f"trace={traced}", "-e", f"inject={inject}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as strace:
        if strace.stderr is None or not re.search(rb"attached", strace.stderr.readline()):
            raise RuntimeError("strace cannot attach to a process here")
        time.sleep(0.2)
        try:
            yield log
        finally:
            _end(strace)


def _end(strace: subprocess.Popen[bytes]) -> None:
    """End it. Of a process whose threads died one after the other it may wait for one for ever, deaf to SIGTERM."""
    strace.terminate()
    try:
        strace.wait(5)
    except subprocess.TimeoutExpired:
        strace.kill()
        strace.wait(10)


def _lost(folder: Path, sender: Sender, where: str) -> list[str]:
    """Return what was answered 200 and is not kept, or kept twice, and what SQLite says of its file."""
    connection = sqlite.connect(folder / "soak.db")
    kept = [row[0] for row in connection.execute("SELECT event_id FROM inbox_notice")]
    integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    problems = [f"{where}: {event} was answered 200 and is lost"
                for event, answer in sender.answered.items() if answer == 200 and event not in kept]  # fmt: skip
    problems += [f"{where}: {event} is kept twice" for event in set(kept) if kept.count(event) > 1]
    return problems + ([f"{where}: the file is damaged: {integrity}"] if integrity != "ok" else [])


def _sent_again(sender: Sender, folder: Path, where: str) -> list[str]:
    """Send again what was not answered well, as Stripe does; the process must be whole without help."""
    problems = [f"{where}: sent again, answered {answer}" for event in sender.unanswered()
                if (answer := sender.send(event)) != 200]  # fmt: skip
    return problems + _lost(folder, sender, f"{where}, sent again")


def _next_number(folder: Path) -> int:
    connection = sqlite.connect(folder / "soak.db")
    count = connection.execute("SELECT COUNT(*) FROM inbox_notice").fetchone()[0]
    connection.close()
    return int(count) * 10
