"""Every layout says the same of the same movements, and every field of a camt.053 means what its standard says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundraise.statements.vocabulary import Question, from_json, to_json
from tests.statements.bank_files import LAYOUTS, STRIPE, Movement, camt053, read_here

NOVEMBER = [
    Movement(date(2026, 11, 2), 48_237, reference="STRIPE-A1", id="B1"),
    Movement(date(2026, 11, 3), 2_500, "J SMITH", "MARATHON26", id="B2"),
    Movement(date(2026, 11, 3), 2_500, "J SMITH", "MARATHON26", id="B3"),
    Movement(date(2026, 11, 13), -15_000, "O'BRIEN & SONS, LTD", 'GIFT "CAUSE", THANKS', id="B4"),
    Movement(date(2026, 11, 20), 120_411, reference="STRIPE-A2", id="B5"),
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_the_same(layout: str) -> None:
    read = read_here(LAYOUTS[layout](NOVEMBER, 250_000))
    assert read.problems == ()
    assert read.warnings == ()
    (statement,) = read.statements
    # Some banks list the newest first; within a day their order is the other way round too.
    lines = statement.lines if layout not in {"barclays", "lloyds"} else statement.lines[::-1]
    assert [(line.booked_on, line.minor) for line in lines] == [(each.day, each.minor) for each in NOVEMBER]
    assert all(each.name.split()[0] in line.text for each, line in zip(NOVEMBER, lines, strict=True))
    assert all(word in line.text for line in lines[:1] for word in ("STRIPE-A1", STRIPE))
    if layout != "barclays":
        assert (statement.opening_minor, statement.closing_minor) == (250_000, 250_000 + sum(m.minor for m in NOVEMBER))
    assert from_json(to_json(read)) == read


DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
MINORS = st.integers(-(10**10), 10**10).filter(bool)


@given(days=st.lists(DAYS, min_size=1, max_size=12), data=st.data())
def test_any_movements_are_read_as_they_were_written(days: list[date], data: st.DataObject) -> None:
    movements = [Movement(day, data.draw(MINORS), "A NAME", "REF") for day in sorted(days)]
    for layout, written in LAYOUTS.items():
        read = read_here(written(movements, 0))
        if read.question is Question.DATE_ORDER:
            raise AssertionError(f"{layout} is a layout we know")
        found = sorted((line.booked_on, line.minor) for line in read.statements[0].lines)
        assert found == sorted((each.day, each.minor) for each in movements), layout


def entry(fields: str, details: str = "") -> bytes:
    return camt053([Movement(date(2026, 11, 3), 100)]).replace(
        b"</Stmt>", f"<Ntry>{fields}{details}</Ntry></Stmt>".encode()
    )


BOOKED = "<Sts>BOOK</Sts><BookgDt><Dt>2026-11-03</Dt></BookgDt>"


def test_the_booked_amount_counts_and_never_that_of_the_details() -> None:
    raw = entry(
        f'<Amt Ccy="GBP">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>{BOOKED}',
        '<AmtDtls><InstdAmt><Amt Ccy="KES">3456.00</Amt></InstdAmt></AmtDtls>'
        '<NtryDtls><TxDtls><Amt Ccy="KES">3456.00</Amt></TxDtls></NtryDtls>',
    )
    assert read_here(raw).statements[0].lines[-1].minor == -2000


def test_a_reversal_keeps_the_direction_it_was_booked_with() -> None:
    raw = entry(f'<Amt Ccy="GBP">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>{BOOKED}')
    assert read_here(raw).statements[0].lines[-1].minor == -2000


@pytest.mark.parametrize("state", ["<Sts>PDNG</Sts>", "<Sts><Cd>PDNG</Cd></Sts>", "<Sts><Cd>INFO</Cd></Sts>"])
def test_what_is_not_booked_is_left_out_and_said_to_be(state: str) -> None:
    day = "<BookgDt><Dt>2026-11-03</Dt></BookgDt>"
    read = read_here(entry(f'<Amt Ccy="GBP">20.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>{state}{day}'))
    assert len(read.statements[0].lines) == 1
    assert "1 line is not booked" in read.notes[0]
    assert read.problems == ()


def test_a_batch_stays_one_line_however_many_payments_it_holds() -> None:
    details = "".join(f"<TxDtls><RltdPties><Dbtr><Nm>DONOR {n}</Nm></Dbtr></RltdPties></TxDtls>" for n in range(10_000))
    read = read_here(
        entry(f'<Amt Ccy="GBP">900.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>{BOOKED}', f"<NtryDtls>{details}</NtryDtls>")
    )
    line = read.statements[0].lines[-1]
    assert (line.minor, line.counterparty) == (90_000, "")
    assert "DONOR 0" in line.text
    assert "DONOR 9" not in line.text


def test_dates_may_carry_a_clock_time_and_value_days_are_kept() -> None:
    when = "<BookgDt><DtTm>2026-10-25T01:30:00+01:00</DtTm></BookgDt><ValDt><Dt>2026-10-26</Dt></ValDt>"
    line = (
        read_here(entry(f'<Amt Ccy="GBP">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>{when}'))
        .statements[0]
        .lines[-1]
    )
    assert (line.booked_on, line.value_on) == (date(2026, 10, 25), date(2026, 10, 26))


def test_the_namespace_may_carry_a_prefix_or_be_absent() -> None:
    plain = camt053(NOVEMBER)
    prefixed = (
        plain.replace(b"<", b"<ns:")
        .replace(b"<ns:/", b"</ns:")
        .replace(b"<ns:?", b"<?")
        .replace(b"xmlns=", b"xmlns:ns=")
    )
    without = plain.replace(b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', b"")
    assert read_here(prefixed) == read_here(plain) == read_here(without)
    assert read_here(plain.decode().replace("UTF-8", "UTF-16").encode("utf-16")) == read_here(plain)


def test_a_file_may_hold_several_statements() -> None:
    first, second = camt053(NOVEMBER[:2], opening=0), camt053(NOVEMBER[2:], opening=sum(m.minor for m in NOVEMBER[:2]))
    inner = second[second.index(b"<Stmt>") : second.index(b"</BkToCstmrStmt>")]
    read = read_here(first.replace(b"</BkToCstmrStmt>", inner + b"</BkToCstmrStmt>"))
    assert [len(statement.lines) for statement in read.statements] == [2, 3]
    assert read.statements[0].closing_minor == read.statements[1].opening_minor


def test_names_are_cleaned_of_what_hides_or_turns_round() -> None:
    raw = camt053([Movement(date(2026, 11, 3), 100, "STRIPE\u202e\u200b PAYMENTS\u00a0 UK", "A\tB")])
    line = read_here(raw).statements[0].lines[0]
    assert line.text == "STRIPE PAYMENTS UK A B"
