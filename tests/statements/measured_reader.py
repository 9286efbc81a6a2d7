"""The reader's process as it is, which says on standard error what it took and what it was held to, once it is done."""

import atexit
import json
import resource
import sys
from pathlib import Path

from fundraise.gateways.bank.__main__ import main


def say() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmPeak"))
    said = {
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": int(peak.split()[1]) * 1024,
        "limits": [resource.getrlimit(kind) for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS)],
    }
    sys.stderr.write(json.dumps(said))


if __name__ == "__main__":
    atexit.register(say)
    main()
