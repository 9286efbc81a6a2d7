"""A process that serves until it is stopped hears that it should, whichever of its threads the signal reaches."""

import signal
import subprocess
import sys

import pytest

from fundraise.cli.stopping import STOPPING

LISTENING = "from fundraise.cli.stopping import hear_stopping; wait = hear_stopping()"
# What it replaces: the handler sets an event that the main thread waits for.
AN_EVENT = """
event = threading.Event()
for name in (signal.SIGINT, signal.SIGTERM):
    signal.signal(name, lambda *_: event.set())
wait = event.wait
"""
# The signal goes to a thread that is not the main one, when that one waits.
TOLD_ANOTHER_THREAD = """
import signal, threading, time
{listening}
heard = []
def told():
    for name in {names}:
        time.sleep(0.5)
        heard.append(name)
        signal.pthread_kill(threading.get_ident(), getattr(signal, name))
    time.sleep(60)
threading.Thread(target=told, daemon=True).start()
wait()
print(*heard)
"""


def told_another_thread(listening: str, *names: str, timeout_seconds: float) -> str:
    """Return which of some signals were sent, one after the other, when it stopped."""
    code = TOLD_ANOTHER_THREAD.format(listening=listening, names=names)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout_seconds).stdout


@pytest.mark.parametrize("name", sorted(name.name for name in STOPPING))
def test_it_hears_what_another_thread_was_told(name: str) -> None:
    assert told_another_thread(LISTENING, name, timeout_seconds=60) == f"{name}\n"


def test_told_again_it_ends_at_once() -> None:
    tell = "os.kill(os.getpid(), signal.SIGTERM)"
    code = f"import os, signal, time; {LISTENING}; {tell}; wait(); print('stopped', flush=True); {tell}; time.sleep(60)"
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout) == (-signal.SIGTERM, "stopped\n")


def test_the_control_an_event_alone_is_not_heard() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        told_another_thread(AN_EVENT, "SIGTERM", timeout_seconds=4)


def test_other_signals_do_not_stop_it() -> None:
    listening = f"{LISTENING}; signal.signal(signal.SIGUSR1, lambda *_: None)"
    assert told_another_thread(listening, "SIGUSR1", "SIGTERM", timeout_seconds=60) == "SIGUSR1 SIGTERM\n"
