"""The table of behaviours and the marks in the code say the same; the sandbox stands alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import fundraise.sandbox
from fundraise.sandbox import web
from fundraise.sandbox.behaviours import DECLARED
from fundraise.sandbox.control.registry import ACTIONS

FOLDER = Path(fundraise.sandbox.__file__).parent
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def _rows() -> list[tuple[str, str, str]]:
    return ROW.findall((FOLDER / "BEHAVIOURS.md").read_text(encoding="utf-8"))


def test_each_behaviour_in_the_code_has_one_row_and_each_row_is_in_the_code():
    assert web.HERE == FOLDER  # The whole sandbox is imported, so that every mark has been seen.
    ids = [one for one, _, _ in _rows()]
    assert ids == sorted(DECLARED)


def test_each_row_names_its_source_or_says_that_it_has_none():
    known = ("docs.stripe.com", "stripe.md", "recorded", "github.com", "spec", "*unproven*", "the sandbox's own")
    assert [one for one, _, source in _rows() if not any(word in source for word in known)] == []


def test_the_readme_names_every_control_action():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [action for action in ACTIONS if f"`{action}`" not in text] == []


def test_the_sandbox_imports_nothing_else_of_the_product_and_no_stripe():
    script = (
        "import sys, fundraise.sandbox.serve;"
        "print([m for m in sys.modules if m.split('.')[0] == 'stripe'"
        " or (m.startswith('fundraise.') and not m.startswith('fundraise.sandbox'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=FOLDER.parents[1]
    )
    assert done.stdout.strip() == "[]"
