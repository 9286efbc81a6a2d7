"""The whole state in one JSON file, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fundraise.sandbox.clock import RunningClock
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.money import Rates
from fundraise.sandbox.world import Account

if TYPE_CHECKING:
    from fundraise.sandbox.world import World

FORMAT = 1


def save(world: World, path: Path) -> None:
    """Write the state beside `path`, flush it to disk, then put it in place."""
    state: Obj = {
        "format": FORMAT,
        "now": world.clock.now(),
        "offset_seconds": world.clock.offset_seconds if isinstance(world.clock, RunningClock) else None,
        "random": world.random.getstate(),
        "accounts": [account.to_json() for account in world.accounts.values()],
        "keys": world.keys,
        "timeline": world.timeline.to_json(),
        "rates": world.rates.to_json(),
        "post": world.post.to_json(),
        "faults": world.faults.to_json(),
        "answers": world.answers.to_json(),
        "request_count": world.request_count,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False, encoding="utf-8") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


def load(world: World, path: Path) -> None:
    """Take the state from `path`. Raises ValueError for a file of another format."""
    state = json.loads(path.read_text(encoding="utf-8"))
    if state.get("format") != FORMAT:
        raise ValueError(f"{path} was written by another version of the sandbox; remove it to begin anew")
    if isinstance(world.clock, RunningClock) and state["offset_seconds"] is not None:
        world.clock.offset_seconds = state["offset_seconds"]
    world.clock.stand_at(state["now"])
    kind, numbers, gauss = state["random"]
    world.random.setstate((kind, tuple(numbers), gauss))
    world.accounts = {row["id"]: Account.from_json(world, row) for row in state["accounts"]}
    world.keys = state["keys"]
    world.timeline.load(state["timeline"])
    world.rates = Rates.from_json(state["rates"])
    world.post.load(state["post"])
    world.faults.load(state["faults"])
    world.answers.load(state["answers"])
    world.request_count = state["request_count"]
