"""What is installed is the whole product: pages, migrations and pictures travel with the package."""

import os
import subprocess
import sys
import zipfile
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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the package as `pip install .` does."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """Install it into a folder of its own, far from this checkout; what it depends on is here already."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(tmp_path)]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True)
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


def test_everything_that_belongs_in_the_package_is_in_it(wheel: Path) -> None:
    """Also what git would ignore, which the build leaves out."""
    places = {"fundraise": "fundraise", "templates": "fundraise/templates", "alembic": "fundraise/alembic"}
    wanted = {
        f"{target}/{path.relative_to(ROOT / source).as_posix()}"
        for source, target in places.items()
        for path in (ROOT / source).rglob("*.*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as packed:
        held = set(packed.namelist())
    assert len(wanted) > 300
    assert wanted <= held
