"""CSV files of any bank: what its dates, amounts and columns mean is proven by the file, known, or asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from fundraise.statements.vocabulary import DateOrder, Question
from tests.statements.bank_files import LAYOUTS, camt053, read_here
from tests.statements.test_readers import NOVEMBER

# --- dates that can be read in two ways ---------------------------------------------------------------------------


def table(*days: str) -> bytes:
    rows = "".join(f"{day},A payment,{place}.50,GBP\n" for place, day in enumerate(days, start=1))
    return f"Date,Description,Amount,Currency\n{rows}".encode()


def test_a_date_that_can_be_read_in_two_ways_is_asked_about() -> None:
    read = read_here(table("01/02/2026", "03/04/2026"))
    assert read.question is Question.DATE_ORDER
    assert read.statements == ()
    assert "01/02/2026" in str(read.problems[0])


@pytest.mark.parametrize(
    ("days", "order", "first"),
    [
        (("01/02/2026", "13/02/2026"), None, date(2026, 2, 1)),
        (("01/02/2026", "02/13/2026"), None, date(2026, 1, 2)),
        (("01/02/03", "31/12/03"), None, date(2003, 2, 1)),
        (("01.02.2026",), None, date(2026, 2, 1)),
        (("02/02/2026",), None, date(2026, 2, 2)),
        (("2026-02-01",), None, date(2026, 2, 1)),
        (("20260201",), None, date(2026, 2, 1)),
        (("1 Feb 2026",), None, date(2026, 2, 1)),
        (("'01 Feb 2026",), None, date(2026, 2, 1)),
        (("23-Jan-15",), None, date(2015, 1, 23)),
        (("Feb 1, 2026",), None, date(2026, 2, 1)),
        (("2026-02-01 09:00:05",), None, date(2026, 2, 1)),
        (("01/02/2026",), DateOrder.DAY_FIRST, date(2026, 2, 1)),
        (("01/02/2026",), DateOrder.MONTH_FIRST, date(2026, 1, 2)),
    ],
)
def test_dates_are_read_as_the_file_proves_or_a_person_says(
    days: tuple[str, ...], order: DateOrder | None, first: date
) -> None:
    raw = table(*(day.replace(",", " ,") if "," not in day else f'"{day}"' for day in days))
    read = read_here(raw, order=order)
    assert read.problems == ()
    assert read.statements[0].lines[0].booked_on == first


# --- amounts ------------------------------------------------------------------------------------------------------


def amounts(*cells: str, currency: str = "GBP") -> list[int] | str:
    rows = "".join(f'2026-02-{place:02d},A payment,"{cell}"\n' for place, cell in enumerate(cells, start=1))
    read = read_here(f"Date,Description,Amount\n{rows}".encode(), currency)
    return str(read.problems[0]) if read.problems else [line.minor for line in read.statements[0].lines]


@pytest.mark.parametrize(
    ("cells", "minors"),
    [
        (("1,204.11", "-20.00"), [120_411, -2000]),
        (("1.204,11", "-20,00"), [120_411, -2000]),
        (("-£1,204.11",), [-120_411]),
        (("£-1,204.11",), [-120_411]),
        (("(12.34)", "5.00"), [-1234, 500]),
        (("12.34-",), [-1234]),
        (("12.34 DR", "5.00 CR"), [-1234, 500]),
        (("1 204,11", "1"), [120_411, 100]),
        (("1’204.11", "-1"), [120_411, -100]),
        (("1,00,204.11", "-1.00"), [10_020_411, -100]),
        (("+50,00", "-1,00"), [5000, -100]),
        (("50.00 OD", "1.00"), [-5000, 100]),
        (("GBP 12.34", "-1.00"), [1234, -100]),
        (("12.34000000000000", "-1.00"), [1234, -100]),
        ((".50", "-1.00"), [50, -100]),
        (("1,234", "-1.00"), [123_400, -100]),
    ],
)
def test_amounts_in_every_dress(cells: tuple[str, ...], minors: list[int]) -> None:
    assert amounts(*cells) == minors


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("1,234",), "two ways"),
        (("12..34", "1.00"), "no amount"),
        (("12.345", "1.00"), "more decimals"),
        (("1.00", "1,00"), "decimal comma"),
        (("€12.34",), "not in GBP"),
        (("USD 12.34",), "not in GBP"),
        (("--5.00",), "no amount"),
        (("1e6", "1.00"), "no amount"),
        (("NaN", "1.00"), "no amount"),
        (("12,34,5.00",), "no amount"),
        (("99999999999999999999.00",), "more than can be kept"),
        (("٣.00", "1.00"), "no amount"),
        (("=1+1", "1.00"), "no amount"),
    ],
)
def test_what_is_no_amount_is_named(cells: tuple[str, ...], words: str) -> None:
    found = amounts(*cells)
    assert isinstance(found, str)
    assert words in found


def test_currencies_have_their_own_decimals() -> None:
    assert amounts("7000", "-1", currency="JPY") == [7000, -1]
    assert amounts("1.234", "-1.000", currency="KWD") == [1234, -1000]
    assert "two ways" in str(amounts("1,234", "-1,000", currency="KWD"))
    assert amounts("1.2340", "-1.5", currency="KWD") == [1234, -1500]
    assert "more decimals" in str(amounts("70.5", "-1", currency="JPY"))


# --- tables that differ --------------------------------------------------------------------------------------------


def test_a_running_balance_tells_unsigned_amounts_apart_and_the_oldest_line_is_left_out() -> None:
    raw = b"Date,Details,Amount,Balance\n2026-02-01,A,5.00,105.00\n2026-02-02,B,20.00,85.00\n2026-02-03,C,1.00,86.00\n"
    read = read_here(raw)
    assert [line.minor for line in read.statements[0].lines] == [-2000, 100]
    assert read.statements[0].opening_minor == 10_500
    assert "Line 2 is the oldest" in read.warnings[0]


def test_a_word_tells_money_in_from_money_out() -> None:
    raw = b"Date,Details,Type,Amount\n2026-02-01,A,Credit,5.00\n2026-02-02,B,Debit,20.00\n"
    assert [line.minor for line in read_here(raw).statements[0].lines] == [500, -2000]


def test_a_line_that_is_missing_shows_in_the_balance() -> None:
    raw = LAYOUTS["starling"](NOVEMBER, 0).split(b"\r\n")
    read = read_here(b"\r\n".join(raw[:2] + raw[3:]))
    assert "Line 3: the balance does not follow" in read.warnings[0]


def test_only_booked_lines_count_and_a_fee_is_part_of_the_movement() -> None:
    heading = "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance"
    raw = (
        f"{heading}\nTRANSFER,Current,2026-09-01 09:00:00,2026-09-01 09:00:05,STRIPE,10.00,0.50,GBP,COMPLETED,109.50\n"
        "TRANSFER,Current,2026-09-02 09:00:00,,STRIPE,10.00,0.00,GBP,PENDING,\n"
        "TRANSFER,Current,2026-09-02 09:00:00,,STRIPE,10.00,0.00,GBP,REVERTED,\n"
    )
    read = read_here(raw.encode())
    assert [line.minor for line in read.statements[0].lines] == [950]
    assert "2 lines are not booked" in read.notes[0]
    assert "no state" not in str(read_here(raw.replace("REVERTED", "WHATEVER").encode()).problems)
    assert "'whatever' is not known" in str(read_here(raw.replace("REVERTED", "WHATEVER").encode()).problems[0])


def test_small_print_and_sums_under_the_lines_are_none() -> None:
    raw = (
        b"Account 12,,,,\nDate,Details,Money out,Money in,Balance\n01 Feb 2026,Opening balance,,,100.00\n"
        b"02 Feb 2026,A,5.00,,95.00\n\nTotal,,5.00,,\nYour deposits are protected.\n"
    )
    read = read_here(raw)
    assert read.problems == ()
    assert [line.minor for line in read.statements[0].lines] == [-500]


def test_a_row_whose_words_begin_like_a_sum_is_money_all_the_same() -> None:
    raw = b"Date,Details,Amount\n2026-02-01,TOTAL ENERGIES,-5.00\n2026-02-31,TOTAL ENERGIES,-5.00\n2026-02-03,C,1.00\n"
    assert [str(problem) for problem in read_here(raw).problems] == ["line 3: the date 2026-02-31 does not exist"]
    soon = raw.replace(b"2026-02-31", b"soon")
    assert [str(problem) for problem in read_here(soon).problems] == ["line 3: 'soon' is no date"]


def test_a_row_of_money_that_is_not_understood_refuses_the_file() -> None:
    raw = b"Date,Details,Amount\n2026-02-01,A,5.00\nsoon,B,20.00\n2026-02-03,C,-1.00\n"
    assert [str(problem) for problem in read_here(raw).problems] == ["line 3: 'soon' is no date"]


def test_a_heading_that_comes_again_with_the_same_lines_is_read_once() -> None:
    raw = LAYOUTS["barclays"](NOVEMBER, 0)
    doubled = raw + raw
    assert len(read_here(doubled).statements[0].lines) == len(NOVEMBER)
    assert "twice" in read_here(doubled).notes[0]


def test_a_table_without_heading_is_read_when_nothing_else_is_possible() -> None:
    raw = b'30/09/2026,STRIPE PAYMENTS UK LTD,"1,204.11"\n29/09/2026,FEE,-15.00\n'
    assert [line.minor for line in read_here(raw).statements[0].lines] == [120_411, -1500]
    unclear = b"30/09/2026,SHOP,Visa,20.59\n"
    assert read_here(unclear).question is Question.COLUMNS


def test_a_person_names_the_columns() -> None:
    raw = b"Quando;Quanto;Cosa\n30/09/2026;1.204,11;STRIPE\n29/09/2026;-15,00;FEE\n"
    asked = read_here(raw)
    assert (asked.question, asked.header) == (Question.COLUMNS, ("Quando", "Quanto", "Cosa"))
    read = read_here(raw, date="Quando", amount="Quanto", description=["Cosa"])
    assert [(line.minor, line.text) for line in read.statements[0].lines] == [(120_411, "STRIPE"), (-1500, "FEE")]
    reverse = read_here(raw, date="Quando", amount="Quanto", description="Cosa", reversed_signs=True)
    assert [line.minor for line in reverse.statements[0].lines] == [-120_411, 1500]
    assert "no heading with the columns" in str(read_here(raw, date="When", amount="Quanto").problems[0])


def test_amounts_without_any_sign_are_doubted() -> None:
    raw = b"Date,Description,Amount\n2026-02-01,A,5.00\n2026-02-02,B,20.00\n"
    assert "Every amount is money in" in read_here(raw).warnings[0]


def test_several_accounts_in_one_table_are_refused() -> None:
    raw = (
        b"Date,Account,Description,Amount\n2026-02-01,20-20-15 55555555,A,5.00\n2026-02-02,20-20-15 66666666,B,-2.00\n"
    )
    assert "several accounts" in str(read_here(raw).problems[0])


@pytest.mark.parametrize(
    "changed",
    [
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.decode().encode("utf-16"),
        lambda raw: raw.replace(b"\r\n", b"\n"),
        lambda raw: raw.replace(b"\r\n", b"\r"),
        lambda raw: raw.replace(b"\r\n", b"\n", 2),
        lambda raw: raw.replace(b",", b"\t"),
        lambda raw: raw.replace(b",", b"|"),
        lambda raw: b"Exported by,you\r\n\r\n" + raw + b"\r\n\r\n",
        lambda raw: b"\r\n".join(b",".join(reversed(row.split(b","))) for row in raw.split(b"\r\n")),
    ],
)
def test_a_table_in_other_clothes_says_the_same(changed: Callable[[bytes], bytes]) -> None:
    plain = LAYOUTS["starling"](NOVEMBER[:3], 250_000)
    read, should = read_here(changed(plain)), read_here(plain)
    assert read.problems == ()
    assert [replace(line, place=0) for line in read.statements[0].lines] == [
        replace(line, place=0) for line in should.statements[0].lines
    ]
    assert read.statements[0].closing_minor == should.statements[0].closing_minor


def test_letters_of_older_machines_are_read() -> None:
    raw = "Date,Description,Amount\n2026-02-01,Café Zürich £,-5.00\n".encode("cp1252")
    assert read_here(raw).statements[0].lines[0].text == "Café Zürich £"
    marked = b"\xef\xbb\xbf" + camt053(NOVEMBER)
    assert read_here(marked) == read_here(camt053(NOVEMBER))


def test_a_line_may_hold_line_breaks_within_quotes() -> None:
    raw = b'Date,Description,Amount\n2026-02-01,"STRIPE\nPAYMENTS",-5.00\n2026-02-02,B,1.00\n'
    assert [(line.place, line.text) for line in read_here(raw).statements[0].lines] == [
        (2, "STRIPE PAYMENTS"),
        (4, "B"),
    ]
