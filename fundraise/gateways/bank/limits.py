"""What the reader's process may use: it takes its own rights away before it looks at a file."""

import resource
from typing import Final

CPU_SECONDS: Final = 20
MEMORY_BYTES: Final = 512 * 1024 * 1024
_OPEN_FILES: Final = 16


def hold() -> None:
    """Hold this process to its limits for good: processor time, memory, and no file that it could write."""
    for kind, limit in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(kind)
        resource.setrlimit(kind, (limit, limit if most == resource.RLIM_INFINITY else min(limit, most)))
