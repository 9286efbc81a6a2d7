"""The commands an operator lives with: the site, the timetable, the local Stripe, and connecting an account."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from fundraise.cli import main
from fundraise.job_runs import JobRun
from fundraise.settings import Settings
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from tests.databases import SECRET_KEY
from tests.demo.test_running import free_port, opened
from tests.world import World

pytestmark = pytest.mark.pages

ROOT = Path(__file__).parents[2]
Told = Callable[..., str]


def environment(settings: Settings) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("FUNDRAISE_")},
        "FUNDRAISE_DATABASE_URL": settings.database_url,
        "FUNDRAISE_MIGRATION_DATABASE_URL": settings.migration_database_url,
        "FUNDRAISE_SECRET_KEY": SECRET_KEY,
        "FUNDRAISE_STRIPE_API_BASE": "http://127.0.0.1:9",
        "FUNDRAISE_JOBS_IN_WEB": "false",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "200",
    }


@pytest.fixture
def told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Told:
    """Run a command to its end and return what it printed; here, since a process of its own takes seconds to begin."""

    def tell(*words: str, code: int = 0) -> str:
        capfd.readouterr()
        with monkeypatch.context() as patched:
            for name in list(os.environ):
                if name.startswith("FUNDRAISE_"):
                    patched.delenv(name)
            for name, value in environment(settings).items():
                patched.setenv(name, value)
            patched.chdir(tmp_path)
            patched.setattr(sys, "argv", ["fundraise", *words])
            with pytest.raises(SystemExit) as ended:
                main()
        printed = capfd.readouterr()
        assert (ended.value.code or 0) == code, printed.err
        return printed.out + printed.err

    return tell


def test_a_refused_command_is_one_line_and_code_2(settings: Settings, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fundraise", "jobs", "run", "dishes"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(settings), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "no job" in done.stderr.lower()


@contextmanager
def running(settings: Settings, folder: Path, *words: str) -> Iterator[None]:
    """Run a command until the block ends; it must then end by itself, and well."""
    command = [sys.executable, "-m", "fundraise", *words]
    process = subprocess.Popen(command, cwd=folder, env=environment(settings))
    try:
        yield
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in {0, -signal.SIGTERM}


def test_the_site_is_served_to_strangers_and_says_when_it_is_ready(world: World, tmp_path: Path) -> None:
    port = free_port()
    with running(world.settings, tmp_path, "serve", "--port", str(port)):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as visitor:
            assert opened("/readyz", visitor).status_code == 200
            page = visitor.get("/")
        assert page.status_code == 200
        assert "server" not in page.headers


def test_the_timetable_is_listed_run_by_hand_and_served(world: World, told: Told, tmp_path: Path) -> None:
    listed = json.loads(told("jobs", "list", "--json"))
    names = [row["job"] for row in listed]
    assert {"reconcile", "sweep", "outbox", "check"} <= set(names)
    assert all(name in told("jobs", "list") for name in names)
    told("jobs", "run", "check")
    last = {row["job"]: row for row in json.loads(told("jobs", "list", "--json"))}
    assert last["check"] != next(row for row in listed if row["job"] == "check")
    with running(world.settings, tmp_path, "jobs", "serve"):
        for _ in range(300):
            with world.parts.db.read() as session:
                if session.exec(select(JobRun.slot).where(col(JobRun.job) == "outbox")).first() is not None:
                    break
            time.sleep(0.1)
        else:
            pytest.fail("the timetable ran nothing in half a minute")
    served = {row["job"]: row for row in json.loads(told("jobs", "list", "--json"))}
    assert served["outbox"] != last["outbox"]


def test_the_local_stripe_answers_alone(settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    with (
        running(settings, tmp_path, "sandbox", "--port", str(port)),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as visitor,
    ):
        assert opened("/_sandbox/", visitor).status_code == 200
        unknown = visitor.get("/v1/balance", headers={"Authorization": "Bearer sk_test_nobody"})
        assert unknown.json()["error"]["type"] == "invalid_request_error"


def test_an_account_is_connected_and_its_key_is_shown_nowhere(world: World, told: Told) -> None:
    world.body()
    secret = "rk_test_51Nobody"
    words = ["stripe", "connect", "shelter-gbp", "--charity", "shelter", "--key", secret]
    words += ["--webhook-secret", "whsec_nobody", "--fee-percent", "1.5", "--fee-fixed-minor", "20"]
    said = told(*words)
    assert "/webhooks/stripe/shelter-gbp" in said
    assert secret not in said
    with world.parts.db.read() as session:
        account = account_by_slug(session, "shelter-gbp")
        assert (account.fee_basis_points, account.fee_fixed_minor) == (150, 20)
        assert secret not in account.sealed_key
        assert key_of(account, world.parts.sealer).api_key == secret
    assert "of this name" in told(*words[:4], "nobody", *words[5:], code=2)
