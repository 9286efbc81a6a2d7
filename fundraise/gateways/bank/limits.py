"""What the reader's process may use: it takes its own rights away before it looks at a file.

The kernel holds the limits. A moment before the processor's time is up the reader stops by itself, so that it can still
say why. Memory is limited as address space (RLIMIT_AS), the only measure that Linux holds for all of a process; the
reader with nothing read takes 40 MB of it, since it loads no library beyond Python's own.
"""

import resource
import signal
import time
from types import FrameType
from typing import Final, NoReturn

CPU_SECONDS: Final = 2
ANSWER_AFTER_CPU_SECONDS: Final = 1.9
MEMORY_BYTES: Final = 256 * 1024 * 1024
_OPEN_FILES: Final = 16
_AT_LEAST_SECONDS: Final = 0.01  # No time at all would set no timer.


class OutOfTime(BaseException):
    """The processor's time is nearly up. No reader catches it on its way; raised wherever the process is just then."""


def hold() -> None:
    """Hold this process to its limits for good: processor time, memory, and no file that it could write.

    `OutOfTime` is raised in the main thread once ANSWER_AFTER_CPU_SECONDS of the processor are used, start-up included.
    """
    for kind, limit in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(kind)
        resource.setrlimit(kind, (limit, limit if most == resource.RLIM_INFINITY else min(limit, most)))
    signal.signal(signal.SIGPROF, _stop)
    left = ANSWER_AFTER_CPU_SECONDS - time.process_time()
    signal.setitimer(signal.ITIMER_PROF, max(left, _AT_LEAST_SECONDS))


def let_go_of_time() -> None:
    """Stop the reader's own clock, to answer in peace; the kernel's limit stays."""
    signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTime
