"""A bare ASGI app that checks Stripe's HMAC and stores the raw body, several in one durable commit."""

import asyncio
import hashlib
import hmac
import os
from typing import Any

from pysqlite3 import dbapi2 as sqlite

SECRET = os.environ["BENCH_SECRET"].encode()
_connection = sqlite.connect(os.environ["BENCH_FILE"], isolation_level=None, check_same_thread=False)
for _pragma in ("journal_mode=wal", "synchronous=full"):
    _connection.execute(f"PRAGMA {_pragma}")
_connection.execute("CREATE TABLE IF NOT EXISTS notice (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
_waiting: list[tuple[bytes, "asyncio.Future[None]"]] = []
_tasks: list["asyncio.Task[None]"] = []


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer 200 once the body is safe, 400 for a wrong signature."""
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    header = dict(scope["headers"]).get(b"stripe-signature", b"")
    parts = dict(part.split(b"=", 1) for part in header.split(b","))
    expected = hmac.new(SECRET, parts[b"t"] + b"." + body, hashlib.sha256).hexdigest()
    status = 200 if hmac.compare_digest(expected, parts[b"v1"].decode()) else 400
    if status == 200:
        await keep(body)
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def keep(body: bytes) -> None:
    """Return once the body is committed."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    _waiting.append((body, done))
    if not _tasks or _tasks[0].done():
        _tasks[:] = [asyncio.create_task(commit_all())]
    await done


async def commit_all() -> None:
    """Commit what waits, together, until nothing waits."""
    while _waiting:
        batch = _waiting[:]
        _waiting.clear()
        await asyncio.to_thread(commit, [body for body, _ in batch])
        for _, done in batch:
            done.set_result(None)


def commit(bodies: list[bytes]) -> None:
    """Commit a batch."""
    _connection.execute("BEGIN IMMEDIATE")
    _connection.executemany("INSERT INTO notice (body) VALUES (?)", [(body,) for body in bodies])
    _connection.execute("COMMIT")
