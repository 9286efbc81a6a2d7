"""What is installed is the whole product: pages, migrations and pictures travel with the package."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.databases import SECRET_KEY

ROOT = Path(__file__).parent.parent.parent
SHOW = """
from starlette.testclient import TestClient
from fundraise.app import app_from_environment
with TestClient(app_from_environment()) as visitor:
    pages = [visitor.get(path).status_code for path in ("/", "/help", "/static/site.css", "/static/live.js")]
from fundraise.sandbox import Sandbox
from fundraise.sandbox.web import create_sandbox_app
with TestClient(create_sandbox_app(Sandbox()), base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as visitor:
    pages += [visitor.get(path).status_code for path in ("/_sandbox/", "/static/sandbox.css")]
import fundraise
print(fundraise.__file__, pages)
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Lay out a folder as the wheel is laid out, by what pyproject says of it, far from this checkout."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    places = {**{package: package for package in wheel["packages"]}, **wheel["force-include"]}
    for source, target in places.items():
        shutil.copytree(ROOT / source, tmp_path / target, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(installed: Path, *command: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(installed),
        "FUNDRAISE_SECRET_KEY": SECRET_KEY,
        "FUNDRAISE_JOBS_IN_WEB": "false",
    }
    done = subprocess.run(
        [sys.executable, *command], env=environment, cwd=installed, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_alone_makes_its_database_and_shows_its_pages(installed: Path) -> None:
    run(installed, "-m", "fundraise", "db", "upgrade")
    assert "/staff/enter/" in run(installed, "-m", "fundraise", "staff", "link")
    said = run(installed, "-c", SHOW)
    assert said.startswith(str(installed))
    assert "[200, 200, 200, 200, 200, 200]" in said


def test_nothing_that_belongs_in_the_package_is_left_out_by_the_list_of_ignored_files() -> None:
    """The build leaves out what git ignores."""
    paths = [path for folder in ("fundraise", "templates", "alembic") for path in (ROOT / folder).rglob("*.*")]
    wanted = [str(path) for path in paths if path.is_file() and "__pycache__" not in path.parts]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin"],
        input="\n".join(wanted), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert len(wanted) > 300
    assert done.stdout == ""
