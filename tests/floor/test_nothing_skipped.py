"""In CI, a test that would be skipped fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MISSING = """
import pytest

@pytest.mark.skipif(True, reason="no browser here")
def test_with_a_browser():
    pass

def test_that_gives_up():
    pytest.skip("no folder here")

@pytest.mark.xfail(reason="known")
def test_known():
    assert False

def test_plain():
    pass
"""


@pytest.mark.parametrize(
    ("switch", "says"), [("1", "1 failed, 1 passed, 1 xfailed, 1 error"), ("", "1 passed, 2 skipped, 1 xfailed")]
)
def test_a_skip_is_a_failure_where_nothing_may_be_skipped(tmp_path: Path, switch: str, says: str) -> None:
    (tmp_path / "test_missing.py").write_text(MISSING)
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-W", "ignore", "--rootdir", tmp_path, tmp_path]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        env={**os.environ, "FUNDRAISE_NOTHING_SKIPPED": switch, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert says in done.stdout, done.stdout + done.stderr
    assert done.returncode == (1 if switch else 0)
