"""Files that look like trouble and are to be read: what each keeps, and words of what a person is told about it."""

from dataclasses import dataclass
from datetime import date

from tests.statements.bank_files import IBAN, Movement, camt053, starling
from tests.statements.hostile import CAMT, GOOD, STATEMENT, TABLE

BOOKED = "<Sts>BOOK</Sts><BookgDt><Dt>2026-11-21</Dt></BookgDt>"
HEADING = "Date,Description,Amount\n"
PILE = "\u0301\u0316" * 9_000
EVIL = "<img src=x onerror=\"alert(1)\"> =cmd|' /C calc'!A0"


@dataclass(frozen=True)
class Odd:
    """A file, the minor units of the lines that are new in it, and what the page says; `before` was kept earlier."""

    raw: bytes
    minors: tuple[int, ...] = (48_237, -2_500)
    words: str = ""
    before: tuple[bytes, ...] = ()


def _with(inside: str, place: str = "</Stmt>") -> bytes:
    """Return the good statement with more in it, before `place`, where its closing balance was not told of it."""
    return CAMT.replace(place.encode(), inside.encode() + place.encode(), 1)


def _entry(inside: str, minor: str = "20.00", direction: str = "CRDT") -> str:
    return f'<Ntry><Amt Ccy="GBP">{minor}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{inside}</Ntry>'


def _named(*entries: str) -> bytes:
    return _with("".join(entries))


def _rows(*rows: str, heading: str = HEADING, end: str = "\n") -> bytes:
    return (heading + end.join(rows) + end).encode()


def _month(number: int, opening: int, minor: int = 100) -> bytes:
    return camt053([Movement(date(2026, number, 1), minor, f"MONTH {number}")], opening=opening)


FEED = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
HOUR = "<Sts>BOOK</Sts><BookgDt><DtTm>2026-10-25T01:30:00+0{}:00</DtTm></BookgDt>"
MANY_DETAILS = "".join(
    f"<TxDtls><RltdPties><Dbtr><Nm>DONOR {n}</Nm></Dbtr></RltdPties></TxDtls>" for n in range(10_000)
)


def _and_december(opening: int) -> bytes:
    """Return the good statement and one of a later day in one file."""
    later = camt053([Movement(date(2026, 12, 1), 300)], opening=opening)
    return _with(later[later.index(b"<Stmt>") : later.index(b"</BkToCstmrStmt>")].decode(), "</BkToCstmrStmt>")


OF_CAMT: dict[str, Odd] = {
    "as it should be": Odd(CAMT, words="Opening balance and movements make the closing balance"),
    "XInclude": Odd(_with(FEED, "<Ntry>")),
    "UTF-16": Odd(CAMT.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
    "UTF-16, the other way round": Odd(
        b"\xfe\xff" + CAMT.decode().replace("UTF-8", "UTF-16").encode("utf-16-be")
    ),
    "a byte order mark": Odd(b"\xef\xbb\xbf" + CAMT),
    "another encoding, rightly declared": Odd(
        CAMT.decode().replace("UTF-8", "ISO-8859-1").replace("J SMITH", "J SMÏTH").encode("latin-1"), words="J SMÏTH"
    ),
    "no namespace": Odd(CAMT.replace(b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', b"")),
    "an old version": Odd(CAMT.replace(b"camt.053.001.08", b"camt.053.001.02")),
    "a version there is not": Odd(CAMT.replace(b"camt.053.001.08", b"camt.053.001.99")),
    "two statements": Odd(_and_december(145_737), (48_237, -2_500, 300), "Opening balance and movements"),
    "two statements with a gap between them": Odd(
        _and_december(140_000),
        (48_237, -2_500, 300),
        "One statement in the file ends with £1,457.37, the next begins with £1,400.00",
    ),
    "the same statement twice in a file": Odd(_with(STATEMENT, "</BkToCstmrStmt>")),
    "entries without references": Odd(camt053(GOOD, numbered=False)),
    "one reference twice": Odd(
        camt053([Movement(date(2026, 11, 3), 2_500, "J SMITH", id="B")] * 2), (2_500, 2_500), "number 2 of equal lines"
    ),
    "a batch of 10,000 details": Odd(
        _named(_entry(f"{BOOKED}<NtryDtls>{MANY_DETAILS}</NtryDtls>", "900.00")),
        (48_237, -2_500, 90_000),
        "£900.00 differ",
    ),
    "a reversal": Odd(_named(_entry(f"<RvslInd>true</RvslInd>{BOOKED}", direction="DBIT")), (48_237, -2_500, -2_000)),
    "an entry that is pending": Odd(
        _named(_entry("<Sts>PDNG</Sts><BookgDt><Dt>2026-11-21</Dt></BookgDt>")), words="1 line is not booked"
    ),
    "pending, then booked": Odd(
        _named(_entry(BOOKED)),
        (2_000,),
        before=(_named(_entry("<Sts>PDNG</Sts><BookgDt><Dt>2026-11-21</Dt></BookgDt>")),),
    ),
    "a value day that is another": Odd(
        _named(_entry(f"{BOOKED}<ValDt><Dt>2026-12-01</Dt></ValDt>")), (48_237, -2_500, 2_000)
    ),
    "the hour that comes twice in October": Odd(
        _named(_entry(HOUR.format(1)), _entry(HOUR.format(0))),
        (48_237, -2_500, 2_000, 2_000),
        "number 2 of equal lines",
    ),
    "in and out the wrong way round": Odd(
        CAMT.replace(b"CRDT</CdtDbtInd><Sts>", b"DBIT</CdtDbtInd><Sts>"), (-48_237, -2_500), "£964.74 differ"
    ),
    "an entry of nothing": Odd(_named(_entry(BOOKED, "0.00")), words="1 line is of 0.00 and left out"),
    "markup and formulas": Odd(
        camt053([*GOOD, Movement(date(2026, 11, 21), 100, EVIL, EVIL)]), (48_237, -2_500, 100), EVIL
    ),
    "a closing balance that is not the sum": Odd(
        camt053(GOOD, closing=1), words="A line may be missing or too much."
    ),
    "the same file again": Odd(CAMT, (), "This very file was imported before", before=(CAMT,)),
    "the same lines in other bytes": Odd(CAMT + b"\n", (), "2 lines, 0 new.", before=(CAMT,)),
    "a period that overlaps": Odd(
        camt053([*GOOD, Movement(date(2026, 11, 21), 100)]), (100,), "3 lines, 1 new.", before=(CAMT,)
    ),
    "a month missing before it": Odd(
        _month(3, 5_000), (100,), "Lines between the two may be missing.", before=(_month(1, 1_000),)
    ),
    "an opening that is not the last closing": Odd(
        _month(2, 5_000), (100,), "but statement ended with £11.00", before=(_month(1, 1_000),)
    ),
    "a text of 5 MB in a field": Odd(
        CAMT.replace(b"J SMITH", b"x" * 5_000_000), words="x" * 1000
    ),
    "an attribute of 5 MB": Odd(CAMT.replace(b"<NtryRef>", b'<NtryRef a="' + b"x" * 5_000_000 + b'">', 1)),
    "100,000 fields that nobody knows": Odd(
        _with("".join(f"<F{n}>x</F{n}>" for n in range(100_000)), "</Ntry>")
    ),
}  # fmt: skip
OF_CSV: dict[str, Odd] = {
    "as it should be": Odd(TABLE),
    "a byte order mark": Odd(b"\xef\xbb\xbf" + TABLE),
    "UTF-16": Odd(TABLE.decode().encode("utf-16")),
    "Latin-1": Odd(_rows("2026-02-01,ZOË MÜLLER,-5.00").decode().encode("latin-1"), (-500,), "ZOË MÜLLER"),
    "UTF-7 is text like any other": Odd(_rows("2026-02-01,+ADw-script+AD4-,-5.00"), (-500,), "+ADw-script+AD4-"),
    "semicolons": Odd(_rows("2026-02-01;A;-5,00", heading=HEADING.replace(",", ";")), (-500,)),
    "tabs": Odd(_rows("2026-02-01\tA\t-5.00", heading=HEADING.replace(",", "\t")), (-500,)),
    "bars": Odd(_rows("2026-02-01|A|-5.00", heading=HEADING.replace(",", "|")), (-500,)),
    "line ends of all kinds": Odd(
        b"Date,Description,Amount\r\n2026-02-01,A,-5.00\r2026-02-02,B,-6.00\n2026-02-03,C,-7.00", (-500, -600, -700)
    ),
    "a line end in a cell": Odd(_rows('2026-02-01,"A\nPAYMENT",-5.00'), (-500,), "A PAYMENT"),
    "formulas for texts": Odd(
        _rows(
            "2026-02-01,=cmd|' /C calc'!A0,-1.00", "2026-02-02,+1+1,-2.00", "2026-02-03,-1+1,-3.00",
            "2026-02-04,@SUM(A1),-4.00", '2026-02-05,"\t=1+1",-5.00', '2026-02-06,"\r=1+1",-6.00',
        ),
        (-100, -200, -300, -400, -500, -600),
        "=cmd|' /C calc'!A0",
    ),
    "the heading twice": Odd(_rows("2026-02-01,A,-5.00", HEADING.strip(), "2026-02-02,B,-6.00"), (-500, -600)),
    "the whole file twice in it": Odd(
        _rows("2026-02-01,A,-5.00", HEADING.strip(), "2026-02-01,A,-5.00"), (-500,), "the same lines twice"
    ),
    "columns in another order": Odd(_rows("-5.00,2026-02-01,A", heading="Amount,Date,Description\n"), (-500,)),
    "1.234,56": Odd(_rows('2026-02-01,A,"1.234,56"', '2026-02-02,B,"-1,00"'), (123_456, -100)),
    "the same row twice": Odd(_rows(*["2026-02-01,A,-5.00"] * 2), (-500, -500), "number 2 of equal lines"),
    "the same file again": Odd(TABLE, (), "This very file was imported before", before=(TABLE,)),
    "the same rows in other bytes": Odd(TABLE.replace(b"\r\n", b"\n"), (), "2 lines, 0 new.", before=(TABLE,)),
    "a period that overlaps": Odd(
        starling([*GOOD, Movement(date(2026, 11, 21), 100)], 0), (100,), "3 lines, 1 new.", before=(TABLE,)
    ),
    "a sum under the lines": Odd(_rows("2026-02-01,A,-5.00", "Total,,-5.00"), (-500,)),
    "another’s mail and name in it": Odd(
        _rows("2026-02-01,priya@shelter.example,-5.00", "2026-02-02,charity_id=2,-6.00"), (-500, -600)
    ),
    "a text of 19,000 characters": Odd(_rows(f"2026-02-01,{'x' * 19_000},-5.00"), (-500,), "x" * 1000),
    "marks that pile up": Odd(_rows(f"2026-02-01,a{PILE},-5.00"), (-500,)),
    "what hides and turns round": Odd(_rows("2026-02-01,J\u202e\u200b SMITH,-5.00"), (-500,), "J SMITH"),
}  # fmt: skip


def odd_files() -> dict[str, Odd]:
    """Return all of them by name."""
    return {f"camt.053: {name}": odd for name, odd in OF_CAMT.items()} | {
        f"CSV: {name}": odd for name, odd in OF_CSV.items()
    }


def of_account(odd: Odd, iban: str) -> Odd:
    """Return the files as those of another account, since an account's number is learnt from its first file."""
    return Odd(_renamed(odd.raw, iban), odd.minors, odd.words, tuple(_renamed(raw, iban) for raw in odd.before))


def _renamed(raw: bytes, iban: str) -> bytes:
    for encoding in ("ascii", "utf-16-le", "utf-16-be"):
        raw = raw.replace(IBAN.encode(encoding), iban.encode(encoding))
    return raw
