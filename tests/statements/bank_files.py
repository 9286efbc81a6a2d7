"""Bank files made for tests: the same movements as camt.053 and in the layouts of several banks' CSV exports."""

import csv
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from fundraise.flows.read_statement import exponents
from fundraise.gateways.bank.reading import read
from fundraise.statements.vocabulary import DateOrder, FileRead, ReadAs

# Public files of real banks, which are not kept here; where they are, they are read.
PUBLIC_FILES = (
    Path(os.environ.get("FUNDRAISE_SHARED_DATA") or Path(__file__).parent.parent.parent.parent / "shared" / "data")
    / "bank"
)
IBAN = "GB33BUKB20201555555555"
STRIPE = "STRIPE PAYMENTS UK LTD"


@dataclass(frozen=True)
class Movement:
    """A movement on an account as its bank knows it; `minor` in pence, money in positive."""

    day: date
    minor: int
    name: str = STRIPE
    reference: str = ""
    id: str = ""
    currency: str = "GBP"


def read_here(raw: bytes, currency: str = "GBP", order: DateOrder | None = None, **columns: object) -> FileRead:
    """Read in this process, which is what the child does after it took its rights away."""
    return read(raw, ReadAs(currency, exponents(), order, columns or None))


def reader(raw: bytes, read_as: ReadAs) -> FileRead:
    return read(raw, read_as)


def major(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def iban_of(number: int) -> str:
    """Return an account's own number with sound check digits."""
    bban = f"BUKB202015{number:08d}"
    digits = "".join(str(int(sign, 36)) for sign in f"{bban}GB00")
    return f"GB{98 - int(digits) % 97:02d}{bban}"


def camt053(
    movements: Sequence[Movement],
    *,
    opening: int = 100_000,
    closing: int | None = None,
    iban: str = IBAN,
    currency: str = "GBP",
    days: tuple[date, date] | None = None,
    numbered: bool = True,
    number: int | str = "",
) -> bytes:
    closing = opening + sum(each.minor for each in movements) if closing is None else closing
    first, last = days or (min(each.day for each in movements), max(each.day for each in movements))
    entries = "".join(_entry(each, place if numbered else 0) for place, each in enumerate(movements, start=1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M-{last}</MsgId><CreDtTm>{last}T23:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S-{last}</Id>"
        f"{f'<ElctrncSeqNb>{number}</ElctrncSeqNb>' if number else ''}"
        f"<CreDtTm>{last}T23:00:00Z</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        f"{_balance('OPBD', opening, first, currency)}{_balance('CLBD', closing, last, currency)}{entries}"
        "</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def _balance(code: str, minor: int, day: date, currency: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{major(abs(minor))}</Amt>'
        f"<CdtDbtInd>{'DBIT' if minor < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(each: Movement, place: int) -> str:
    direction, party = ("CRDT", "Dbtr") if each.minor > 0 else ("DBIT", "Cdtr")
    reference = f"<AcctSvcrRef>{escape(each.id)}</AcctSvcrRef>" if each.id else ""
    return (
        f'<Ntry><NtryRef>{place}</NtryRef><Amt Ccy="{each.currency}">{major(abs(each.minor))}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{each.day}</Dt></BookgDt>{reference}"
        f"<NtryDtls><TxDtls><RltdPties><{party}><Pty><Nm>{escape(each.name)}</Nm></Pty></{party}></RltdPties>"
        f"<RmtInf><Ustrd>{escape(each.reference or each.name)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _table(rows: Sequence[Sequence[str]], *, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _with_balances(movements: Sequence[Movement], opening: int) -> list[tuple[Movement, int]]:
    found, balance = [], opening
    for each in movements:
        balance += each.minor
        found.append((each, balance))
    return found


def starling(movements: Sequence[Movement], opening: int = 100_000) -> bytes:
    rows = [
        ["Date", "Counter Party", "Reference", "Type", "Amount (GBP)", "Balance (GBP)", "Spending Category", "Notes"]
    ]
    for each, balance in _with_balances(movements, opening):
        day = each.day.strftime("%d/%m/%Y")
        rows.append([day, each.name, each.reference, "FASTER PAYMENT", major(each.minor), major(balance), "INCOME", ""])
    return _table(rows)


def barclays(movements: Sequence[Movement], opening: int = 100_000) -> bytes:
    rows = [["Number", "Date", "Account", "Amount", "Subcategory", "Memo"]]
    rows += [
        [
            " ",
            m.day.strftime("%d/%m/%Y"),
            "20-20-15 55555555",
            major(m.minor),
            "Counter Credit",
            f"{m.name}\t{m.reference}",
        ]
        for m in reversed(movements)
    ]
    return _table(rows)


def nationwide(movements: Sequence[Movement], opening: int = 100_000) -> bytes:
    rows = [["Account Name:", "Treasurer ****5555"], ["Account Balance:", "£0.00"], ["Available Balance:", "£0.00"], []]
    rows.append(["Date", "Transaction type", "Description", "Paid out", "Paid in", "Balance"])
    for m, balance in _with_balances(movements, opening):
        out, into = ("", f"£{major(m.minor)}") if m.minor > 0 else (f"£{major(-m.minor)}", "")
        words = f"{m.name} {m.reference}".strip()
        rows.append([m.day.strftime("%d %b %Y"), "Bank credit", words, out, into, f"£{major(balance)}"])
    return _table(rows).decode().encode("cp1252")


def lloyds(movements: Sequence[Movement], opening: int = 100_000) -> bytes:
    heading = "Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description"
    rows = [[*heading.split(","), "Debit Amount", "Credit Amount", "Balance", ""]]
    for m, balance in reversed(_with_balances(movements, opening)):
        out, into = ("", major(m.minor)) if m.minor > 0 else (major(-m.minor), "")
        words = f"{m.name} {m.reference}".strip()
        rows.append([m.day.strftime("%d/%m/%Y"), "FPI", "'20-20-15", "55555555", words, out, into, major(balance), ""])
    return _table(rows)


def continental(movements: Sequence[Movement], opening: int = 100_000) -> bytes:
    rows = [["Buchungstag", "Valutadatum", "Name", "Verwendungszweck", "Betrag", "Waehrung", "Saldo"]]
    for m, balance in _with_balances(movements, opening):
        day = m.day.strftime("%d.%m.%Y")
        amount, sum_ = major(m.minor).replace(".", ","), major(balance).replace(".", ",")
        rows.append([day, day, m.name, m.reference, amount, m.currency, sum_])
    return _table(rows, delimiter=";")


LAYOUTS: dict[str, Callable[[Sequence[Movement], int], bytes]] = {
    "camt.053": lambda movements, opening: camt053(movements, opening=opening),
    "starling": starling,
    "barclays": barclays,
    "nationwide": nationwide,
    "lloyds": lloyds,
    "continental": continental,
}
