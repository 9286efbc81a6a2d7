"""The commands of a treasurer, as they are typed."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fundraise import cli
from tests.statements.bank_files import IBAN, LAYOUTS
from tests.statements.teller import Teller
from tests.statements.test_import import ASKED, FIRST
from tests.world import World

pytestmark = pytest.mark.pages

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Typed:
    """Type a command and return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    for name in ("database_url", "secret_key", "stripe_api_base", "contact_email"):
        monkeypatch.setenv(f"FUNDRAISE_{name.upper()}", str(getattr(world.settings, name)))

    def type_in(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fundraise", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return type_in


def test_an_account_is_added_and_listed(typed: Typed, shelter: World) -> None:
    assert "No bank account yet" in typed("bank", "list")[1]
    assert typed("bank", "add", "current", "--body", "shelter", "--currency", "gbp")[0] == 0
    assert typed("bank", "list")[1] == "current: Shelter, GBP, number not known yet, Stripe's text: STRIPE\n"
    assert (
        typed("bank", "add", "current", "--body", "shelter", "--currency", "GBP", "--stripe-pattern", "STP UK")[0] == 0
    )
    assert "Stripe's text: STP UK" in typed("bank", "list")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bank", "add", "current", "--body", "nobody", "--currency", "GBP"), "no charity or society"),
        (("bank", "add", "Current!", "--body", "shelter", "--currency", "GBP"), "small letters"),
        (("bank", "add", "current", "--body", "shelter", "--currency", "pounds"), "no currency we know"),
        (
            ("bank", "add", "current", "--body", "shelter", "--currency", "GBP", "--stripe-pattern", " , "),
            "needs words",
        ),
        (("statement", "import", "november.xml", "--account", "current"), "november.xml cannot be read"),
        (("statement", "list", "--account", "nobody"), "no bank account of this name"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    typed: Typed, shelter: World, words: tuple[str, ...], said: str
) -> None:
    code, out, err = typed(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_file_is_imported_once(typed: Typed, teller: Teller) -> None:
    teller.payout("po_1", 48_237, FIRST[0].day)
    file = Path("november.xml")
    file.write_bytes(LAYOUTS["camt.053"](FIRST, 0))
    code, out, err = typed("statement", "import", str(file), "--account", "current")
    assert (code, out, err) == (0, "3 lines, 3 new, 0 known. Payouts matched: 1.\n", "")
    code, out, _ = typed("statement", "import", str(file), "--account", "current", "--json")
    assert (code, json.loads(out)) == (
        0,
        {"file": 1, "lines": 3, "new": 0, "known": 3, "matched": 0, "warnings": [], "notes": []},
    )
    listed = typed("statement", "list")[1]
    assert "current: november.xml, 2026-11-02 to 2026-11-03, 3 lines, 3 new, by the command line" in listed
    assert IBAN in typed("bank", "list")[1]


def test_a_file_that_cannot_be_read_is_exit_code_2_and_changes_nothing(typed: Typed, teller: Teller) -> None:
    Path("a.csv").write_bytes(b"PK\x03\x04...")
    code, out, err = typed("statement", "import", "a.csv", "--account", "current")
    assert (code, out) == (2, "")
    assert err.startswith("Nothing was imported. This is an Excel workbook or another packed file")
    assert err.count("\n") == 1
    assert teller.files() == []
    assert typed("statement", "import", "a.csv", "--account", "nobody")[0] == 2


def test_questions_are_answered_on_the_command_line(typed: Typed, teller: Teller) -> None:
    Path("a.csv").write_bytes(ASKED)
    code, _, err = typed("statement", "import", "a.csv", "--account", "current")
    assert (code, "can be read in two ways" in err) == (2, True)
    assert typed("statement", "import", "a.csv", "--account", "current", "--dates", "day-first")[0] == 0
    Path("b.csv").write_bytes(b"Quando;Quanto;Cosa\n30/09/2026;1.204,11;STRIPE\n29/09/2026;-15,00;FEE\n")
    Path("mapping.json").write_text('{"date": "Quando", "amount": "Quanto", "description": "Cosa"}', encoding="utf-8")
    done = typed("statement", "import", "b.csv", "--account", "current", "--mapping", "mapping.json")
    assert (done[0], done[1].splitlines()[0]) == (0, "2 lines, 2 new, 0 known. Payouts matched: 0.")
    Path("mapping.json").write_text("[]", encoding="utf-8")
    assert typed("statement", "import", "b.csv", "--account", "current", "--mapping", "mapping.json")[0] == 2
