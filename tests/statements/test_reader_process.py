"""The reader's process: the largest honest file it takes, what it can reach, and what is said when it ends badly."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fundraise.flows import read_statement
from fundraise.flows.read_statement import exponents, read_in_child
from fundraise.statements.vocabulary import (
    LARGEST_CSV_BYTES,
    LARGEST_FILE_BYTES,
    MOST_LINES,
    TOO_LARGE,
    TOO_LARGE_CSV,
    TOO_MUCH_WORK,
    ReadAs,
    to_json,
)
from tests.statements.bank_files import LAYOUTS, Movement, camt053, read_here
from tests.statements.hostile import CAMT, TABLE

ROOT = Path(__file__).parent.parent.parent
READ_AS = ReadAs("GBP", exponents())
YEAR = [
    Movement(
        date(2026, 1, 1) + timedelta(days=place * 365 // (MOST_LINES + 1)),
        (100 + place % 9_000) * (-1) ** place,
        f"JANE SMITH {place % 700}",
        f"GIFT {place}",
        f"AB{place:012d}",
    )
    for place in range(MOST_LINES + 1)
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_most_lines_there_may_be_are_read_within_the_limits_and_one_more_is_refused(layout: str) -> None:
    """In its own process, which is stopped at two seconds of a processor and 256 MB."""
    read = read_in_child(LAYOUTS[layout](YEAR[:-1], 0), READ_AS)
    assert read.problems == ()
    assert len(read.statements[0].lines) == MOST_LINES
    (problem,) = read_in_child(LAYOUTS[layout](YEAR, 0), READ_AS).problems
    unit = "entries" if layout == "camt.053" else "lines"
    assert str(problem) == (
        f"The file has more than {MOST_LINES:,} {unit}. Please export it in parts, for example month by month."
    )


def test_ten_thousand_lines_of_many_words_are_read_within_the_limits() -> None:
    """As banks lay them out: camt.053 of 16 MB in lines of their own, CSV of long texts in a script of wide letters."""
    codes = b"<BkTxCd><Prtry><Cd>544</Cd></Prtry></BkTxCd>".replace(b"<", b"\n                    <")
    loose = camt053([YEAR[0]]).replace(b"<NtryDtls>", codes * 7 + b"<NtryDtls>")
    begins, ends = loose.index(b"<Ntry>"), loose.index(b"</Ntry>") + len(b"</Ntry>")
    read = read_in_child(loose[:begins] + loose[begins:ends] * 10_000 + loose[ends:], READ_AS)
    assert (read.problems, len(read.statements[0].lines)) == ((), 10_000)
    raw = b"Date,Description,Amount\n" + f"2026-02-01,{'Ж😀 wide ' * 60},-1.00\n".encode() * 10_000
    assert 7 * 1024**2 < len(raw) < LARGEST_CSV_BYTES
    read = read_in_child(raw, READ_AS)
    assert (read.problems, len(read.statements[0].lines)) == ((), 10_000)


def test_larger_files_are_refused_by_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [str(problem) for problem in read_here(b"x," * (LARGEST_CSV_BYTES // 2 + 1)).problems] == [TOO_LARGE_CSV]
    monkeypatch.setattr(subprocess, "run", None)  # Nobody reads it.
    assert [str(problem) for problem in read_in_child(b"x" * (LARGEST_FILE_BYTES + 1), READ_AS).problems] == [TOO_LARGE]


def test_a_reader_that_hangs_is_said_to_have_met_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_statement, "_SECONDS", 0.001)
    assert TOO_MUCH_WORK in str(read_in_child(TABLE, READ_AS).problems[0])


@pytest.mark.parametrize("module", ["fundraise.no_such_module", "this"])
def test_a_reader_that_dies_or_babbles_is_said_to_have_stopped(
    module: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(read_statement, "_MODULE", module)
    assert "Our reader stopped in the middle of this file." in str(read_in_child(TABLE, READ_AS).problems[0])
    assert "The reader of bank files stopped" in caplog.text


def test_the_reader_reaches_no_installed_package_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it may import is Python's own and ours; what it knows of its surroundings is where we are."""
    monkeypatch.setenv("FUNDRAISE_SECRET_KEY", "a secret")
    asked: list[dict[str, str]] = []
    run = subprocess.run

    def watched(command: list[str], **options: object) -> "subprocess.CompletedProcess[bytes]":
        asked.append(options["env"])  # type: ignore[arg-type]
        shows = (
            "import json, os, sys, fundraise.gateways.bank.__main__; print(json.dumps([[*os.environ], [*sys.modules]]))"
        )
        command = [command[0], *command[1 : command.index("-m")], "-c", shows]
        seen.append(json.loads(run(command, **options).stdout))  # type: ignore[call-overload]
        return subprocess.CompletedProcess(command, 1, b"", b"")

    seen: list[tuple[list[str], list[str]]] = []
    monkeypatch.setattr(subprocess, "run", watched)
    read_in_child(TABLE, READ_AS)
    ((environment, modules),) = seen
    assert set(environment) - {"LC_CTYPE"} == set(asked[0]) == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    top = {name.partition(".")[0] for name in modules}
    assert top - sys.stdlib_module_names == {"fundraise", "__main__"} - sys.stdlib_module_names


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
