"""Waiting until somebody stops a command, by Ctrl-C or as service managers do."""

import os
import signal
from collections.abc import Callable
from typing import Final

STOPPING: Final = frozenset({signal.SIGINT, signal.SIGTERM})


def hear_stopping() -> Callable[[], None]:
    """Listen from now on, and return what waits until the process is told to stop.

    The system may give a signal to any thread of a process. Python then acts on it in the main thread, but does not
    wake that thread from a wait for an event or a lock; so the number that Python writes to a pipe is waited for. Told
    once more, the process ends where it is, which takes nothing from anybody: it may be killed at any moment.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for name in STOPPING:
        signal.signal(name, lambda *_: None)

    def wait() -> None:
        while not STOPPING & set(os.read(reader, 64)):
            pass
        for name in STOPPING:
            signal.signal(name, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        os.close(reader)
        os.close(writer)

    return wait
