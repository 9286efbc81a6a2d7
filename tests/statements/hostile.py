"""Files that mean harm, or are merely wrong, each with words of the answer that a person gets."""

import io
import zipfile
from datetime import date

from fundraise.statements.vocabulary import LARGEST_FILE_BYTES, MOST_LINES
from tests.statements.bank_files import IBAN, LAYOUTS, Movement, camt053

GOOD = [Movement(date(2026, 11, 2), 48_237), Movement(date(2026, 11, 20), -2_500, "J SMITH")]
CAMT = camt053(GOOD)
TABLE = LAYOUTS["starling"](GOOD, 0)
STATEMENT = CAMT[CAMT.index(b"<Stmt>") : CAMT.index(b"</BkToCstmrStmt>")].decode()
PROLOGUE = b'<?xml version="1.0" encoding="UTF-8"?>\n'
MANY = MOST_LINES + 1


def _with_document_type(subset: str, text: str = "&x;") -> bytes:
    body = CAMT.removeprefix(PROLOGUE).replace(b"J SMITH", text.encode())
    return PROLOGUE + f"<!DOCTYPE Document [{subset}]>".encode() + body


def _laughs() -> str:
    lines = ['<!ENTITY x0 "ha">'] + [f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12)]
    return "".join(lines) + '<!ENTITY x "&x11;">'


def _changed(before: str, after: str, *, count: int = -1) -> bytes:
    raw = CAMT.replace(before.encode(), after.encode(), count)
    assert raw != CAMT
    return raw


def _row(cells: str, heading: str = "Date,Description,Amount") -> bytes:
    return f"{heading}\n2026-02-01,A payment,-5.00\n{cells}\n".encode()


def _zip(name: str, size: int = 1000) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, b"\0" * size)
    return out.getvalue()


# The quadratic one has no entity inside another; each of the two ways needs a document type, which is where it ends.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "billion laughs": (_with_document_type(_laughs()), "document type"),
    "quadratic blow-up": (_with_document_type(f'<!ENTITY x "{"a" * 50_000}">', "&x;" * 2000), "document type"),
    "external entity, a file": (_with_document_type('<!ENTITY x SYSTEM "file:///etc/passwd">'), "document type"),
    "external entity, an address": (_with_document_type('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">'), "document type"),
    "external document type": (
        PROLOGUE + b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">' + CAMT.removeprefix(PROLOGUE),
        "document type",
    ),
    "an entity of parameters": (
        _with_document_type('<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;', ""),
        "document type",
    ),
    "billion laughs in UTF-16": (
        _with_document_type(_laughs()).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        "document type",
    ),
    "an entity nobody declared": (_changed("J SMITH", "&secret;"), "damaged in line 2"),
    "200,000 levels deep": (PROLOGUE + b"<Document><BkToCstmrStmt>" + b"<a>" * 200_000, "nested deeper"),
    "200,000 levels deep in what is passed over": (
        CAMT[: CAMT.index(b"<NtryRef>")] + b"<Chrgs>" + b"<a>" * 200_000 + b"</a>" * 200_000,
        "nested deeper",
    ),
    "UTF-7": (_changed('"UTF-8"', '"UTF-7"'), "encoding we do not know"),
    "an encoding there is not": (_changed('"UTF-8"', '"klingon"'), "encoding we do not know"),
    "wrong encoding declared": (_changed("J SMITH", "J SMÏTH").decode().encode("latin-1"), "damaged in line 2"),
    "UTF-16 declared, UTF-8 sent": (_changed('"UTF-8"', '"UTF-16"'), "damaged in line 1"),
    "another message inside": (_changed("BkToCstmrStmt", "BkToCstmrAcctRpt"), "camt.052"),
    "a notice of payments": (_changed("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"), "camt.054"),
    "another namespace": (_changed("camt.053.001.08", "pain.001.001.09"), "payment order (pain.001)"),
    "a namespace nobody knows": (_changed("camt.053.001.08", "admi.004.001.02"), "says it is admi.004.001.02"),
    "another document": (PROLOGUE + b"<Invoice/>", "of another kind (Invoice)"),
    "no statement in it": (PROLOGUE + b"<Document><BkToCstmrStmt/></Document>", "no statement"),
    "cut off": (CAMT[: len(CAMT) // 2], "cut off"),
    "cut off in a tag": (CAMT[:400], "cut off"),
    "no direction": (_changed("<CdtDbtInd>DBIT</CdtDbtInd>", ""), "entry 2: the entry does not say whether"),
    "a direction nobody knows": (_changed("DBIT", "BOTH"), "entry 2: the entry does not say whether"),
    "a negative credit": (_changed(">482.37<", ">-482.37<"), "entry 1: the amount '-482.37' has a sign"),
    "an amount with a comma": (_changed(">482.37<", ">482,37<"), "entry 1: the amount '482,37' has a comma"),
    "fourteen decimals": (_changed(">482.37<", ">482.37000000000001<"), "more decimals"),
    "an amount in words": (_changed(">482.37<", ">all of it<"), "no amount"),
    "an amount beyond counting": (_changed(">482.37<", f">{'9' * 30}<"), "more than can be kept"),
    "no amount": (_changed('<Amt Ccy="GBP">482.37</Amt>', ""), "entry 1: the amount has no currency"),
    "another currency inside": (_changed('Ccy="GBP">482.37', 'Ccy="EUR">482.37'), "entry 1: the amount is in EUR"),
    "a currency there is not": (_changed("GBP", "XYZ"), "'XYZ' is no currency"),
    "31 February": (_changed("<Dt>2026-11-20</Dt></BookgDt>", "<Dt>2026-02-31</Dt></BookgDt>"), "does not exist"),
    "the year 1": (_changed("<Dt>2026-11-20</Dt></BookgDt>", "<Dt>0001-11-20</Dt></BookgDt>"), "cannot be meant"),
    "no date": (_changed("<BookgDt><Dt>2026-11-20</Dt></BookgDt>", ""), "entry 2: the entry has no date"),
    "a state nobody knows": (_changed("<Cd>BOOK</Cd>", "<Cd>MAYB</Cd>"), "entry 1: the entry’s state 'MAYB'"),
    "more entries than any statement": (
        PROLOGUE + b"<Document><BkToCstmrStmt><Stmt>" + b"<Ntry><Sts>BOOK</Sts></Ntry>" * MANY,
        "more than 15,000 entries. please export it in parts, for example month by month",
    ),
    "an account’s number with wrong check digits": (_changed(IBAN, "GB34BUKB20201555555555"), "wrong check digits"),
    "statements of two accounts": (
        _changed("</Stmt>", "</Stmt>" + STATEMENT.replace(IBAN, "DE89370400440532013000")),
        "statements of several accounts",
    ),
    "a larger file than any": (b"x" * (LARGEST_FILE_BYTES + 1), "larger than 20 MB. please export it in parts"),
    "MT940": (b":20:STARTUMS\r\n:25:20201555555555\r\n:28C:1/1\r\n:60F:C261101GBP1000,00\r\n", "MT940"),
    "OFX": (b"OFXHEADER:100\r\nDATA:OFXSGML\r\n<OFX></OFX>", "OFX"),
    "a workbook named .csv": (_zip("xl/workbook.xml"), "Excel workbook"),
    "a bomb named .csv": (_zip("x", 20_000_000), "Excel workbook"),
    "a PDF": (b"%PDF-1.7\n...", "This is a PDF"),
    "a web page": (b"<!DOCTYPE html><html><body>Please sign in</body></html>", "a web page"),
    "JSON": (b'{"transactions": []}', "JSON"),
    "a picture": (b"\x89PNG\r\n\x1a\n....", "a picture"),
    "nothing": (b"", "empty"),
    "blanks": (b" \n\t \r\n", "empty"),
    "one byte": (b"x", "no table"),
    "words": (b"Dear Sir or Madam,\nhere is what you asked for.\n", "which column is what"),
    "bytes at random": (bytes(range(256)) * 40, "bytes that stand in no text"),
    "a NUL inside": (TABLE.replace(b"J SMITH", b"J\0SMITH"), "bytes that stand in no text"),
    "UTF-16 without its mark": (TABLE.decode().encode("utf-16-le"), "bytes that stand in no text"),
    "half a UTF-16": (b"\xff\xfe" + b"D\0a\0t\0e", "UTF-16"),
    "one line of 10 MB": (
        b"Date,Description,Amount\n2026-02-01," + b"x" * 10_000_000 + b",5.00\n",
        "the csv file is larger than 8 mb. please export it in parts",
    ),
    "one line of 5 MB": (
        b"Date,Description,Amount\n2026-02-01," + b"x" * 5_000_000 + b",5.00\n",
        "longer than any line",
    ),
    "a heading of brackets that never close": (
        b"Date,Description,Amount\n" + (b",".join([b"(" * 19_000] * 10) + b"\n") * 30,
        "line 2: 10 columns where the heading has 3",
    ),
    "only brackets that never close": (
        (b",".join([b"(" * 19_000] * 10) + b"\n") * 30,
        "which column of statement is what?",
    ),
    "100,000 columns": (b"Date,Description,Amount" + b",x" * 100_000 + b"\n", "100,003 columns"),
    "a million lines": (b"Date,Description,Amount\n" + b"2026-02-01,A,-1\n" * 1_000_000, "larger than 8 MB"),
    "400,000 lines": (
        b"Date,Description,Amount\n" + b"2026-02-01,A,-1\n" * 400_000,
        "more than 15,000 lines. please export it in parts, for example month by month",
    ),
    "a lone quote": (_row('2026-02-02,"A payment,5.00'), "a quote that begins in line 3 never ends"),
    "no heading": (b"1,2,3\n4,5,6\n", "which column of statement is what?"),
    "a date that does not exist": (_row("2026-02-31,B,5.00"), "line 3: the date 2026-02-31 does not exist"),
    "more decimals than pence": (_row("2026-02-02,B,5.001"), "line 3: '5.001' has more decimals"),
    "a formula for an amount": (_row("2026-02-02,B,=1+1"), "line 3: '=1+1' is no amount"),
    "an unquoted comma": (_row("2026-02-02,B, and C,5.00"), "line 3: 4 columns where the heading has 3"),
    "a row cut off": (_row("2026-02-02,B"), "line 3: 2 columns where the heading has 3"),
    "another currency in a row": (
        b"Date,Description,Amount,Currency\n2026-02-01,A,-5.00,GBP\n2026-02-02,B,5.00,EUR\n",
        "line 3: the amount is in EUR, not in GBP",
    ),
    "in and out at once": (
        b"Date,Details,Money out,Money in\n2026-02-01,A,5.00,\n2026-02-02,B,1.00,2.00\n",
        "line 3: the row has money in and money out",
    ),
    "a list of Stripe's": (b"id,seller_message,created,amount,currency\nch_1,ok,2026-02-01,5.00,gbp\n", "from Stripe"),
    "dates in two ways": (b"Date,Description,Amount\n01/02/2026,A,-5.00\n", "can be read in two ways"),
}
