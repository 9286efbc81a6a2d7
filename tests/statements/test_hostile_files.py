"""Bad and odd files at the door where they are brought: one clear answer each, within limits, and nothing by halves.

Reliability goal 37, with the lists "Bank statement upload" and "CSV import" of what may come. Each file is sent by the
form and looked at, and kept where it may be; its reader is a process of its own each time, which says what it took.
"""

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select
from starlette.testclient import TestClient

from fundraise.flows import read_statement
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import StatementRefused
from fundraise.gateways.bank import limits
from fundraise.statements.tables import BankLine, StatementFile
from fundraise.statements.vocabulary import TOO_MUCH_WORK
from tests.gallery.page_facts import PageFacts
from tests.statements.bank_files import iban_of
from tests.statements.browsing import bring
from tests.statements.burning_reader import SURVIVED
from tests.statements.hostile import HOSTILE
from tests.statements.odd_files import Odd, odd_files, of_account
from tests.statements.teller import Teller

MEGABYTE = 1024 * 1024
on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
Done = subprocess.CompletedProcess[bytes]


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[Done]:
    """Return the reader's processes as they end."""
    ended, run = [], subprocess.run

    def watched(command: list[str], **options: Any) -> Done:
        done: Done = run(command, **options)
        ended.append(done)
        return done

    monkeypatch.setattr(subprocess, "run", watched)
    return ended


@pytest.fixture
def held(processes: list[Done], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold each reader that runs in a test to two seconds of a processor and 256 MB; none may need to be ended."""
    monkeypatch.setattr(read_statement, "_MODULE", "tests.statements.measured_reader")
    yield
    assert {done.returncode for done in processes} == {0}
    took = [json.loads(done.stderr) for done in processes]
    assert max(each["cpu_seconds"] for each in took) <= 2
    assert max(each["peak_bytes"] for each in took) <= 256 * MEGABYTE
    assert all(each["limits"] == [[2, 2], [256 * MEGABYTE] * 2] for each in took)
    assert (limits.CPU_SECONDS, limits.MEMORY_BYTES) == (2, 256 * MEGABYTE)


def words_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", page)).split())


def looked_at(staff: TestClient, raw: bytes, account: str = "current") -> tuple[str, str]:
    """Bring a file and look at it; return what the page says, and where it can be kept."""
    sent = bring(staff, raw, "statement", account)
    if sent.status_code != 303:
        assert sent.status_code in {413, 422}
        return words_of(sent.text), ""
    page = staff.get(sent.headers["location"])
    assert (page.status_code, PageFacts(page.text).faults()) == (200, [])
    return words_of(page.text), (re.findall(r'action="([^"]*/keep)"', page.text) or [""])[0]


def kept(teller: Teller) -> tuple[int, int]:
    with teller.world.parts.db.read() as session:
        count = [session.exec(select(func.count()).select_from(table)).one() for table in (StatementFile, BankLine)]
    return count[0], count[1]


def minors(teller: Teller, account_id: int) -> tuple[int, ...]:
    with teller.world.parts.db.read() as session:
        statement = select(BankLine.minor).where(col(BankLine.bank_account_id) == account_id)
        return tuple(session.exec(statement.order_by(col(BankLine.id))))


@on_sqlite
@pytest.mark.usefixtures("held")
def test_each_bad_file_is_answered_in_words(teller: Teller, staff: TestClient) -> None:
    wrong = {}
    for name, (raw, words) in HOSTILE.items():
        said, keep = looked_at(staff, raw)
        if words.lower() not in said.lower() or keep or TOO_MUCH_WORK in said:
            wrong[name] = said[:2000]
    assert wrong == {}
    assert kept(teller) == (0, 0)
    assert len(HOSTILE) >= 70


def test_nothing_of_a_bad_file_is_kept(teller: Teller) -> None:
    for name, (raw, _) in HOSTILE.items():
        with pytest.raises(StatementRefused) as refused:
            teller.bring(raw, name)
        assert refused.value.message.startswith("Nothing was imported. ")
        assert len(refused.value.message) < 4000
    assert kept(teller) == (0, 0)


def each_odd_one(teller: Teller) -> Iterator[tuple[str, Odd, str, int]]:
    """Yield each odd file with an account of its own, its name and id, into which came what it follows on."""
    for number, (name, found) in enumerate(odd_files().items(), start=1):
        account, odd = f"account-{number}", of_account(found, iban_of(number))
        account_id = add_bank_account(teller.world.parts, name=account, body_slug="shelter", currency="GBP")
        for raw in odd.before:
            teller.bring(raw, account=account)
        yield name, odd, account, account_id


@pytest.mark.long
@on_sqlite
@pytest.mark.usefixtures("held")
def test_each_odd_file_is_read_as_it_is_meant(teller: Teller, staff: TestClient) -> None:
    wrong = {}
    for name, odd, account, account_id in each_odd_one(teller):
        before = minors(teller, account_id)
        said, keep = looked_at(staff, odd.raw, account)
        if " ".join(odd.words.split()) not in said or TOO_MUCH_WORK in said or not keep:
            wrong[name] = said[:2000]
        elif staff.post(keep).status_code != 303 or minors(teller, account_id) != before + odd.minors:
            wrong[name] = str(minors(teller, account_id))
    assert wrong == {}
    assert len(odd_files()) >= 50


def test_what_an_odd_file_keeps_is_whole(teller: Teller) -> None:
    for name, odd, account, account_id in each_odd_one(teller):
        before = minors(teller, account_id)
        assert teller.bring(odd.raw, account=account).new == len(odd.minors), name
        assert minors(teller, account_id) == before + odd.minors, name


@on_sqlite
@pytest.mark.usefixtures("held")
def test_the_file_of_another_charitys_account_is_refused(teller: Teller, staff: TestClient) -> None:
    teller.world.body("other", name="Other charity")
    add_bank_account(teller.world.parts, name="others", body_slug="other", currency="GBP")
    raw = odd_files()["camt.053: as it should be"].raw
    teller.bring(raw, account="others")
    said, keep = looked_at(staff, raw)
    assert "which is others here, not current" in said
    assert (keep, kept(teller)) == ("", (1, 2))


# --- the limits themselves, at the same door -------------------------------------------------------------------------

TIME = "a little more time"
MEMORY = "a little more memory"


def asked(staff: TestClient, what: str) -> str:
    return looked_at(staff, what.encode())[0]


@on_sqlite
@pytest.mark.parametrize(
    ("what", "returned"),
    [(TIME, {0}), ("time where no signal is heard", {-9, -24}), (MEMORY, {0}), ("memory bit by bit", {0})],
)
def test_a_reader_that_burns_is_stopped_and_the_page_says_what_to_do(
    teller: Teller,
    staff: TestClient,
    processes: list[Done],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    returned: set[int],
) -> None:
    """It stops by itself while it can; where it hears nothing, the kernel ends it (SIGKILL or SIGXCPU)."""
    monkeypatch.setattr(read_statement, "_MODULE", "tests.statements.burning_reader")
    assert TOO_MUCH_WORK in asked(staff, what)
    assert {done.returncode for done in processes} <= returned
    assert kept(teller) == (0, 0)


@on_sqlite
@pytest.mark.parametrize("what", [TIME, MEMORY])
def test_control_without_the_limit_it_could(staff: TestClient, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(read_statement, "_MODULE", "tests.statements.burning_reader_unheld")
    assert SURVIVED in asked(staff, what)


# --- what else the reader's process may not do -----------------------------------------------------------------------

ROOT = Path(__file__).parent.parent.parent
WRITES = "import sys\nwith open(sys.argv[1], 'w') as file: file.write('x')"


def run(code: str, argument: str, *, held: bool) -> "subprocess.CompletedProcess[str]":
    hold = "from fundraise.gateways.bank import limits; limits.hold()\n" if held else ""
    return subprocess.run(
        [sys.executable, "-S", "-c", hold + code, argument], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_reader_cannot_write_a_file(tmp_path: Path) -> None:
    done = run(WRITES, str(tmp_path / "held"), held=True)
    assert (done.returncode != 0, (tmp_path / "held").read_text()) == (True, "")


def test_control_without_the_limit_it_could_write(tmp_path: Path) -> None:
    assert run(WRITES, str(tmp_path / "free"), held=False).returncode == 0
    assert (tmp_path / "free").read_text() == "x"
