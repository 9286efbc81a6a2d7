"""Bad files are answered with one clear sentence, within limits, and nothing of them is kept."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlmodel import func, select

from fundraise.flows import read_statement
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import StatementRefused, Upload, import_statement
from fundraise.flows.read_statement import exponents, read_in_child
from fundraise.gateways.bank import limits
from fundraise.statements.tables import BankLine, StatementFile
from fundraise.statements.vocabulary import LARGEST_FILE_BYTES, Question, ReadAs, to_json
from tests.statements.bank_files import read_here, reader
from tests.statements.hostile import CAMT, HOSTILE, TABLE
from tests.world import World

ROOT = Path(__file__).parent.parent.parent
READ_AS = ReadAs("GBP", exponents())
MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_file_is_answered_in_words(name: str) -> None:
    """The child runs under its limits of time and memory: an answer in words is an answer within them."""
    raw, words = HOSTILE[name]
    read = read_in_child(raw, READ_AS)
    if words:
        assert words.lower() in " / ".join(map(str, read.problems)).lower()
        assert not any(statement.lines for statement in read.statements if read.question is Question.DATE_ORDER)
    else:
        assert read.problems == ()
        assert [line.minor for line in read.statements[0].lines] == [48_237, -2_500]


def test_nothing_of_a_bad_file_is_kept(shelter: World) -> None:
    add_bank_account(shelter.parts, name="current", body_slug="shelter", currency="GBP")
    for name, (raw, words) in HOSTILE.items():
        if not words:
            continue
        with pytest.raises(StatementRefused) as refused:
            import_statement(shelter.parts, Upload("current", name, raw, "test"), reader=reader)
        assert refused.value.message.startswith("Nothing was imported. ")
        assert len(refused.value.message) < 4000
    with shelter.parts.db.read() as session:
        assert session.exec(select(func.count()).select_from(StatementFile)).one() == 0
        assert session.exec(select(func.count()).select_from(BankLine)).one() == 0


def test_a_file_that_is_too_large_is_refused_before_anybody_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    assert "larger than 20 MB" in str(read_in_child(b"x" * (LARGEST_FILE_BYTES + 1), READ_AS).problems[0])


def test_the_largest_file_that_is_taken_is_read_within_the_limits() -> None:
    line = b"2026-02-01,%06d " + b"A PAYMENT WITH A LONG TEXT " * 7 + b",-1.00\n"
    rows = b"".join(line % number for number in range(100_000))
    raw = b"Date,Description,Amount\n" + rows[: LARGEST_FILE_BYTES - 1000]
    raw = raw[: raw.rindex(b"\n") + 1]
    assert len(raw) > 19 * MEGABYTE
    read = read_in_child(raw, READ_AS)
    assert read.problems == ()
    assert len(read.statements[0].lines) == raw.count(b"\n") - 1


def test_the_largest_camt_file_is_read_within_the_limits() -> None:
    start, end = CAMT.index(b"<Ntry>"), CAMT.index(b"</Ntry>") + len(b"</Ntry>")
    entry = CAMT[start:end]
    raw = CAMT[:start] + entry * ((LARGEST_FILE_BYTES - 10_000) // len(entry)) + CAMT[end:]
    read = read_in_child(raw, READ_AS)
    assert read.problems == ()
    assert len(read.statements[0].lines) > 40_000


# --- the limits themselves ------------------------------------------------------------------------------------------

EATS_MEMORY = f"x = bytearray({limits.MEMORY_BYTES + 64 * MEGABYTE}); print(len(x))"
WRITES = "import sys\nwith open(sys.argv[1], 'w') as file: file.write('x')"
SPINS = "import signal\nsignal.alarm(20)\nwhile True: pass"


def run(
    code: str, *arguments: str, held: bool, cpu_seconds: int = limits.CPU_SECONDS
) -> subprocess.CompletedProcess[str]:
    hold = (
        f"from fundraise.gateways.bank import limits; limits.CPU_SECONDS = {cpu_seconds}; limits.hold()\n"
        if held
        else ""
    )
    return subprocess.run(
        [sys.executable, "-S", "-c", hold + code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_reader_cannot_take_more_memory_than_its_own() -> None:
    assert "MemoryError" in run(EATS_MEMORY, held=True).stderr


def test_control_without_the_limit_it_could() -> None:
    assert run(EATS_MEMORY, held=False).returncode == 0


def test_the_reader_cannot_write_a_file(tmp_path: Path) -> None:
    done = run(WRITES, str(tmp_path / "held"), held=True)
    assert (done.returncode != 0, (tmp_path / "held").read_text()) == (True, "")


def test_control_without_the_limit_it_could_write(tmp_path: Path) -> None:
    assert run(WRITES, str(tmp_path / "free"), held=False).returncode == 0
    assert (tmp_path / "free").read_text() == "x"


def test_the_reader_is_ended_when_its_processor_time_is_used_up() -> None:
    done = run(SPINS, held=True, cpu_seconds=1)
    assert done.returncode in {-9, -24}  # SIGKILL or SIGXCPU; without the limit SIGALRM would end it.


def test_a_reader_that_dies_is_said_to_have_met_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_statement, "_MODULE", "fundraise.no_such_module")
    assert "could not be read within its limits" in str(read_in_child(TABLE, READ_AS).problems[0])


def test_a_reader_that_hangs_is_said_to_have_met_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_statement, "_SECONDS", 0.001)
    assert "could not be read within its limits" in str(read_in_child(TABLE, READ_AS).problems[0])


def test_a_reader_that_babbles_is_said_to_have_met_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_statement, "_MODULE", "this")
    assert "could not be read within its limits" in str(read_in_child(TABLE, READ_AS).problems[0])


def test_the_reader_reaches_no_installed_package_and_no_secret() -> None:
    """What it may import is Python's own and ours; what it knows of its surroundings is where we are."""
    code = (
        "import os, sys, fundraise.gateways.bank.__main__ as m; "
        "print(sorted({n.partition('.')[0] for n in sys.modules} & {'sqlalchemy', 'pydantic', 'babel', 'iso4217'}))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert resource.RLIMIT_AS  # The limits above are real ones on this machine.


# --- bytes nobody thought of ---------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
@example(b"<")
@example(b"\xff\xfe")
@example(b"Date,Amount\n")
@example(b'"')
def test_any_bytes_are_answered(raw: bytes) -> None:
    read = read_here(raw)
    assert read.problems or read.statements
    to_json(read)


@given(st.data())
def test_any_damage_to_a_good_file_is_answered(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([CAMT, TABLE])))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        how = data.draw(st.sampled_from(["flip", "cut", "repeat"]))
        if how == "flip":
            raw[place] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del raw[place : place + data.draw(st.integers(1, 30))]
        else:
            raw[place:place] = raw[place : place + 30]
    read = read_here(bytes(raw))
    assert read.problems or read.statements
    to_json(read)
