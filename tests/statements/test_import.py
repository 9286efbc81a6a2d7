"""What is imported stands once, whole, and as the bank gave it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from fundraise import faults
from fundraise.flows import import_statement as import_module
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import StatementRefused, Upload, import_statement, look_at
from fundraise.statements import questions, rules
from fundraise.statements.rules import numbered
from fundraise.statements.vocabulary import DateOrder, LineRead, Question, StatementRead
from tests.statements.bank_files import IBAN, LAYOUTS, STRIPE, Movement, camt053, reader, starling
from tests.statements.teller import Teller

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
FIRST = [
    Movement(date(2026, 11, 2), 48_237, reference="STRIPE-A1"),
    Movement(date(2026, 11, 3), 2_500, "J SMITH", "MARATHON26"),
    Movement(date(2026, 11, 3), 2_500, "J SMITH", "MARATHON26"),
]
SECOND = [
    Movement(date(2026, 11, 4), 2_500, "J SMITH", "MARATHON26"),
    Movement(date(2026, 11, 5), -1_500, "FOREIGN PAYMENT FEE"),
]


class Killed(BaseException):
    """The process died here."""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_file_again_adds_nothing_and_twins_stay_two(teller: Teller, layout: str) -> None:
    raw = LAYOUTS[layout](FIRST, 0)
    first = teller.bring(raw, "november")
    assert (first.lines, first.new) == (3, 3)
    again = teller.bring(raw, "november again")
    assert (again.lines, again.new) == (3, 0)
    other_bytes = teller.bring(raw + b"\n", "opened and saved")
    assert (other_bytes.lines, other_bytes.new) == (3, 0)
    assert [line.minor for line in teller.lines()].count(2_500) == 2
    assert sorted(line.occurrence for line in teller.lines()) == [1, 1, 2]


@pytest.mark.parametrize("written", [lambda movements, opening: camt053(movements, opening=opening), starling])
def test_a_file_that_overlaps_adds_only_what_is_new(
    teller: Teller, written: Callable[[list[Movement], int], bytes]
) -> None:
    teller.bring(written(FIRST, 0))
    done = teller.bring(written(FIRST + SECOND, 0))
    assert (done.lines, done.new, done.warnings) == (5, 2, ())
    assert sum(line.minor for line in teller.lines()) == sum(each.minor for each in FIRST + SECOND)
    part_of_a_day = teller.bring(written(FIRST[2:] + SECOND, 48_237 + 2_500))
    assert part_of_a_day.new == 0


def test_a_twin_that_comes_later_the_same_day_is_new(teller: Teller) -> None:
    teller.bring(camt053(FIRST[:2], opening=0))
    assert teller.bring(camt053(FIRST, opening=0)).new == 1


def test_twins_in_two_statements_of_one_day_stay_two(teller: Teller) -> None:
    twin = Movement(MONDAY, 2_500, "J SMITH")
    one, two, three = (camt053([twin], opening=opening, numbered=False) for opening in (0, 2_500, 5_000))
    assert [teller.bring(raw).new for raw in (one, two, three)] == [1, 1, 1]
    assert [teller.bring(raw + b"\n").new for raw in (one, two, three)] == [0, 0, 0]
    whole_day = camt053([twin] * 3, opening=0, numbered=False)
    assert teller.bring(whole_day).new == 0
    assert [line.occurrence for line in teller.lines()] == [1, 2, 3]


@pytest.mark.parametrize("order", [(1, 0), (1, 2, 0), (2, 1, 0), (0, 1, 2), (1, 0, 2)])
def test_twins_in_statements_of_one_day_stay_apart_whichever_came_first(teller: Teller, order: Sequence[int]) -> None:
    twin = Movement(MONDAY, 2_500, "J SMITH")
    day = [camt053([twin], opening=opening, numbered=False) for opening in (0, 2_500, 5_000)]
    assert [teller.bring(day[place]).new for place in order] == [1] * len(order)
    assert [teller.bring(day[place] + b"\n").new for place in order] == [0] * len(order)


def test_a_day_that_ended_as_it_began_comes_in_again_as_itself(teller: Teller) -> None:
    there, back = Movement(MONDAY, 2_500, "J SMITH"), Movement(MONDAY, -2_500, "J SMITH")
    assert teller.bring(camt053([there], opening=0, numbered=False)).new == 1
    assert teller.bring(camt053([back], opening=2_500, numbered=False)).new == 1
    assert teller.bring(camt053([there, back], opening=0, numbered=False)).new == 0


def test_a_statement_that_begins_where_a_longer_one_ended_may_overlap_it(teller: Teller) -> None:
    to_and_fro = [Movement(MONDAY + DAY, 2_500, "J SMITH"), Movement(MONDAY + DAY, -2_500, "J SMITH")]
    days = (MONDAY, MONDAY + DAY)
    assert teller.bring(camt053([Movement(MONDAY, 900), *to_and_fro], opening=0, days=days, numbered=False)).new == 3
    assert teller.bring(camt053(to_and_fro, opening=900, numbered=False)).new == 0


def test_a_banks_own_id_tells_lines_apart_and_twins_with_one_id_stay_two(teller: Teller) -> None:
    named = [Movement(date(2026, 11, 3), 2_500, "J SMITH", id=each) for each in ("A", "B", "B")]
    assert teller.bring(camt053(named)).new == 3
    assert teller.bring(camt053(named[:2])).new == 0
    renamed = [Movement(date(2026, 11, 3), 2_500, "SMITH J", id="A")]
    assert teller.bring(camt053(renamed)).new == 0


def test_control_without_the_number_among_equals_a_twin_is_lost(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    class One(dict[str, int]):
        def __missing__(self, key: str) -> int:
            return 0

        def __setitem__(self, key: str, value: int) -> None:
            super().__setitem__(key, 1)

    monkeypatch.setattr(rules, "Counter", One)
    assert teller.bring(camt053(FIRST)).new == 2


def test_the_bytes_are_kept_as_they_came(teller: Teller) -> None:
    raw = camt053(FIRST, opening=1000)
    done = teller.bring(raw, "C:\\Users\\me\\november.xml")
    (file,) = teller.files()
    assert (file.id, file.raw, file.name, file.format) == (done.file_id, raw, "november.xml", "camt.053")
    assert (file.from_date, file.to_date) == (date(2026, 11, 2), date(2026, 11, 3))
    assert (file.opening_minor, file.closing_minor) == (1000, 1000 + sum(each.minor for each in FIRST))
    assert (file.lines_in_file, file.lines_new, file.imported_by) == (3, 3, "test")


def test_looking_changes_nothing(teller: Teller) -> None:
    look = look_at(teller.world.parts, Upload("current", "november", camt053(FIRST), "test"), reader=reader)
    assert (len(look.lines), look.new, look.problems, look.imported_before) == (3, 3, (), False)
    assert teller.lines() == teller.files() == []


@pytest.mark.parametrize("death", ["import statement: before commit", "import statement: after commit"])
def test_a_death_in_the_middle_keeps_all_or_nothing(teller: Teller, death: str) -> None:
    def at(point: str) -> None:
        if point == death:
            raise Killed(point)

    with faults.listening(at), pytest.raises(Killed):
        teller.bring(camt053(FIRST))
    assert len(teller.lines()) == (0 if "before" in death else 3)
    assert teller.bring(camt053(FIRST)).lines == 3
    assert len(teller.lines()) == 3


def test_the_same_file_after_a_death_before_the_matching_is_matched(teller: Teller) -> None:
    payout = teller.payout("po_one", 48_237, date(2026, 11, 2))

    def at(point: str) -> None:
        if point == "import statement: after commit":
            raise Killed(point)

    with faults.listening(at), pytest.raises(Killed):
        teller.bring(camt053(FIRST))
    assert (len(teller.lines()), teller.matches()) == (3, [])
    again = teller.bring(camt053(FIRST))
    assert (again.new, again.matched.total()) == (0, 1)
    assert [match.payout_id for match in teller.matches()] == [payout]


def test_a_fault_after_many_rows_keeps_none(teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [Movement(date(2026, 11, 2), place, "DONOR") for place in range(1, 5001)]
    keep = import_module._keep_lines

    def keep_and_die(*arguments: object) -> int:
        keep(*arguments)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(import_module, "_keep_lines", keep_and_die)
    with pytest.raises(Killed):
        teller.bring(camt053(many))
    assert teller.lines() == teller.files() == []
    monkeypatch.undo()
    assert teller.bring(camt053(many)).new == 5000


# --- whose file it is ------------------------------------------------------------------------------------------------


def refused(teller: Teller, raw: bytes, account: str = "current") -> str:
    with pytest.raises(StatementRefused) as why:
        teller.bring(raw, account=account)
    return why.value.message


def test_the_accounts_number_is_learnt_and_another_is_refused(teller: Teller) -> None:
    teller.bring(camt053(FIRST))
    other = camt053(SECOND, iban="GB29NWBK60161331926819")
    assert "GB29NWBK60161331926819" in refused(teller, other)
    assert len(teller.lines()) == 3
    national = b"Date,Account,Description,Amount\n2026-11-09,20-20-15 55555555,STRIPE,-5.00\n"
    assert teller.bring(national).new == 1
    assert "is this another account" in refused(teller, national.replace(b"55555555", b"66666666"))


def test_an_iban_takes_the_place_of_a_national_number(teller: Teller) -> None:
    teller.bring(b"Date,Account,Description,Amount\n2026-11-09,20-20-15 55555555,STRIPE,-5.00\n")
    assert known_number(teller) == "20201555555555"
    teller.bring(camt053(FIRST))
    assert known_number(teller) == IBAN
    assert "is this another account" in refused(teller, camt053(SECOND, iban="GB29NWBK60161331926819"))


def known_number(teller: Teller) -> str:
    with teller.world.parts.db.read() as session:
        return questions.bank_account_by_name(session, "current").iban


def test_control_without_the_question_another_accounts_file_comes_in(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller.bring(camt053(FIRST))
    monkeypatch.setattr("fundraise.statements.checks.same_account", lambda *_: True)
    assert teller.bring(camt053(SECOND, iban="GB29NWBK60161331926819")).new == 2


def test_the_file_of_another_account_here_is_refused_before_a_number_is_learnt(teller: Teller) -> None:
    teller.bring(camt053([Movement(MONDAY, 100)]))
    teller.world.body("society")
    add_bank_account(teller.world.parts, name="society", body_slug="society", currency="GBP")
    said = refused(teller, camt053([Movement(MONDAY, 100), Movement(MONDAY, 200)]), account="society")
    assert "which is current here, not society" in said
    add_bank_account(teller.world.parts, name="euros", body_slug="shelter", currency="EUR")
    assert teller.bring(camt053([Movement(MONDAY, 100, currency="EUR")], currency="EUR"), account="euros").new == 1


def test_a_number_with_wrong_check_digits_is_refused(teller: Teller) -> None:
    assert "wrong check digits" in refused(teller, camt053(FIRST, iban=IBAN.replace("GB33", "GB34")))


def test_another_currency_is_refused(teller: Teller) -> None:
    euros = [Movement(each.day, each.minor, each.name, currency="EUR") for each in FIRST]
    assert "The file is in EUR. current is kept in GBP." in refused(teller, camt053(euros, currency="EUR"))


def test_statements_of_two_accounts_in_one_file_are_refused(teller: Teller) -> None:
    second = camt053(SECOND, iban="GB29NWBK60161331926819")
    inner = second[second.index(b"<Stmt>") : second.index(b"</BkToCstmrStmt>")]
    both = camt053(FIRST).replace(b"</BkToCstmrStmt>", inner + b"</BkToCstmrStmt>")
    assert "several accounts" in refused(teller, both)


def test_each_account_has_lines_of_its_own(teller: Teller) -> None:
    add_bank_account(teller.world.parts, name="savings", body_slug="shelter", currency="GBP")
    teller.bring(starling(FIRST))
    assert teller.bring(starling(FIRST), account="savings").new == 3


def test_a_statement_that_stands_in_its_file_twice_is_read_once(teller: Teller) -> None:
    raw = camt053(FIRST)
    inner = raw[raw.index(b"<Stmt>") : raw.index(b"</BkToCstmrStmt>")]
    done = teller.bring(raw.replace(b"</BkToCstmrStmt>", inner + b"</BkToCstmrStmt>"))
    assert (done.lines, done.new, done.warnings) == (3, 3, ())


# --- what does not add up -------------------------------------------------------------------------------------------


def test_statements_in_one_file_may_stand_in_any_order(teller: Teller) -> None:
    first, second = camt053(FIRST, opening=0), camt053(SECOND, opening=sum(each.minor for each in FIRST))
    inner = first[first.index(b"<Stmt>") : first.index(b"</BkToCstmrStmt>")]
    done = teller.bring(second.replace(b"</BkToCstmrStmt>", inner + b"</BkToCstmrStmt>"))
    assert (done.new, done.warnings) == (5, ())
    (file,) = teller.files()
    assert (file.opening_minor, file.closing_minor) == (0, sum(each.minor for each in FIRST + SECOND))


def test_sums_that_do_not_meet_the_closing_balance_are_warned_of(teller: Teller) -> None:
    done = teller.bring(camt053(FIRST, opening=0, closing=1))
    assert "-£532.36 differ" in done.warnings[0]
    assert done.new == 3


def test_a_gap_to_the_statement_before_or_after_is_warned_of(teller: Teller) -> None:
    end = sum(each.minor for each in FIRST)
    assert teller.bring(camt053(FIRST, opening=0), "october").warnings == ()
    assert "october ended with £532.37" in teller.bring(camt053(SECOND, opening=end + 100)).warnings[0]
    third = [Movement(date(2026, 10, 30), 100, "EARLIER")]
    assert "october begins with £0.00" in teller.bring(camt053(third, opening=0)).warnings[0]


NUMBERS = [
    (11, 12, ""),
    (11, 13, "numbers one statement 11 and the next 13: 12 is not here. The balances fit, so no line is missing."),
    (11, 15, "numbers one statement 11 and the next 15: 12 to 14 are not here. The balances fit"),
    (12, 12, ""),  # Some banks do not count.
    (312, 1, ""),  # The year began anew.
    (0, 12, ""),
    ("12a", "14", ""),
    ("1" * 19, "3" * 19, ""),
    (f"{FIRST[0].day:%j}", f"{SECOND[0].day:%j}", ""),  # The day of the year.
    (f"{FIRST[0].day:%Y%m%d}", f"{SECOND[0].day:%Y%m%d}", ""),
]


@pytest.mark.parametrize("swapped", [False, True], ids=["in order", "the later one first"])
@pytest.mark.parametrize(("first", "second", "said"), NUMBERS)
def test_a_number_the_bank_passed_over_is_named(
    teller: Teller, first: int | str, second: int | str, said: str, *, swapped: bool
) -> None:
    end = sum(each.minor for each in FIRST)
    files = [camt053(FIRST, opening=0, number=first), camt053(SECOND, opening=end, number=second)]
    earlier, later = files[::-1] if swapped else files
    assert teller.bring(earlier).warnings == ()
    warned = teller.bring(later).warnings
    assert said in warned[0] if said else warned == ()


def test_a_number_that_is_missing_where_the_balances_do_not_fit_may_be_lines(teller: Teller) -> None:
    teller.bring(camt053(FIRST, opening=0, number=11))
    *_, last = teller.bring(camt053(SECOND, opening=77, number=13)).warnings
    assert last == "The bank numbers one statement 11 and the next 13: 12 is not here; lines may be missing."


def test_statements_that_follow_each_other_are_not_warned_of(teller: Teller) -> None:
    assert teller.bring(camt053(FIRST, opening=0)).warnings == ()
    assert teller.bring(camt053(SECOND, opening=sum(each.minor for each in FIRST))).warnings == ()


def test_the_same_movements_out_of_a_file_of_another_kind_are_refused_until_a_person_says_otherwise(
    teller: Teller,
) -> None:
    teller.bring(camt053([Movement(each.day, each.minor, each.name, id=str(n)) for n, each in enumerate(FIRST)]))
    assert "3 new lines have the day and amount" in refused(teller, starling(FIRST))
    later = starling(FIRST + SECOND)
    assert "3 new lines have" in refused(teller, later)
    assert len(teller.lines()) == 3
    meant = Upload("current", "b", later, "Priya", alike_is_new=True)
    assert import_statement(teller.world.parts, meant, reader=reader).new == 5


def test_an_empty_period_is_a_statement_too(teller: Teller) -> None:
    done = teller.bring(camt053([], opening=500, days=(date(2026, 11, 7), date(2026, 11, 7))))
    assert (done.lines, done.new, done.warnings) == (0, 0, ())


# --- what a person says is remembered --------------------------------------------------------------------------------

ASKED = b"Date,Description,Amount\n01/02/2026,STRIPE,-5.00\n03/04/2026,STRIPE,1.00\n"


def test_how_dates_are_meant_is_asked_once(teller: Teller) -> None:
    with pytest.raises(StatementRefused) as asked:
        teller.bring(ASKED)
    assert asked.value.question is Question.DATE_ORDER
    parts = teller.world.parts
    import_statement(parts, Upload("current", "a", ASKED, "Priya", DateOrder.MONTH_FIRST), reader=reader)
    assert [line.booked_on for line in teller.lines()] == [date(2026, 1, 2), date(2026, 3, 4)]
    assert teller.bring(ASKED.replace(b"5.00", b"6.00")).new == 1
    assert teller.lines()[-1].booked_on == date(2026, 1, 2)


def test_which_column_is_what_is_asked_once(teller: Teller) -> None:
    raw = b"Quando;Quanto;Cosa\n30/09/2026;1.204,11;STRIPE\n29/09/2026;-15,00;FEE\n"
    with pytest.raises(StatementRefused) as asked:
        teller.bring(raw)
    assert asked.value.question is Question.COLUMNS
    columns = {"date": "Quando", "amount": "Quanto", "description": "Cosa"}
    import_statement(teller.world.parts, Upload("current", "a", raw, "Priya", columns=columns), reader=reader)
    assert [line.minor for line in teller.lines()] == [120_411, -1500]
    assert teller.bring(raw.replace(b"30/09", b"28/09")).new == 1
    assert teller.bring(starling([Movement(date(2026, 10, 1), 100)])).new == 1
    wrong = Upload("current", "a", raw, "Priya", columns={"date": "When", "amount": "Quanto"})
    with pytest.raises(StatementRefused, match="no heading with the columns"):
        import_statement(teller.world.parts, wrong, reader=reader)


def test_identities_never_change() -> None:
    """Lines kept by an older version would come in again if they did; this is what they were kept under."""
    line = LineRead(1, date(2026, 11, 2), 48_237, STRIPE, counterparty=STRIPE, reference="REF")
    named = replace(line, bank_id="B1")
    found = numbered([StatementRead("GBP", (line, line, named))])
    assert [(each.occurrence, each.identity[:12]) for each in found] == [
        (1, "f04a9d2dffac"),
        (2, "7de8f9344496"),
        (1, "00900177695f"),
    ]
