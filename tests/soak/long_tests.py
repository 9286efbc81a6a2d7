"""The tests that tell the same thing again hundreds of times. `make test` tells it a few times, within its minutes."""

import os
import re
import subprocess
import sys

from tests.soak.report import Report

_WORKERS = "2"


def run_long_tests(report: Report) -> None:
    """Run every test that is marked long, on both databases."""
    command = [sys.executable, "-m", "pytest", "tests", "-m", "long", "-q", "-n", _WORKERS, "--dist", "loadfile"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=dict(os.environ)
    )
    passed = re.search(r"\b(\d+) passed", done.stdout)
    if done.returncode == 0 and passed:
        report.held(f"{passed[1]} long tests")
    else:
        report.say(done.stdout[-8000:])
        report.broke(f"the long tests ended with code {done.returncode}")
