"""Threads in which to wait for services of others, apart from the threads that serve pages.

When Stripe hangs, what hangs with it are these few threads and nobody's page.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

P = ParamSpec("P")
T = TypeVar("T")

_THREADS: Final = ThreadPoolExecutor(max_workers=16, thread_name_prefix="waiting")
# Calls under way to open a payment page, in this process; donors beyond them wait in line.
_MOST_OPENING: Final = 256
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def in_patience(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in one of the waiting threads."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, partial(work, *args, **kwargs))


def gate() -> asyncio.Semaphore:
    """Return the limit on calls that open payment pages; one for each event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _gates:
        _gates[loop] = asyncio.Semaphore(_MOST_OPENING)
    return _gates[loop]
