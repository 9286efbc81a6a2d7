"""The bank statement of one account and currency as a file: camt.053 or CSV, balances that agree with the lines."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import ControlError, Obj
from fundraise.sandbox.money import exponent

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement says: days both included, lines in order, balances before and after in minor units."""

    account: Account
    currency: str
    first: date
    last: date
    lines: list[Obj]
    opening_minor: int
    closing_minor: int
    made_at: datetime


@behaves("bank-statement")
def statement(account: Account, details: Obj) -> Obj:
    """Return `filename`, `media_type`, `content` for `format` camt.053 or csv, `from`, `to`, `currency`.

    Without `from` it begins with the account's first day, without `to` it ends today. Raises ControlError.
    """
    cut = _cut(account, details)
    kind = details.get("format", "camt.053")
    name = f"statement-{account.id}-{cut.currency}-{cut.first}-{cut.last}"
    if kind == "camt.053":
        return {"filename": f"{name}.camt053.xml", "media_type": "application/xml", "content": _camt(cut)}
    if kind == "csv":
        return {"filename": f"{name}.csv", "media_type": "text/csv", "content": _csv(cut)}
    raise ControlError("format must be camt.053 or csv")


def _cut(account: Account, details: Obj) -> Statement:
    now = datetime.fromtimestamp(account.now(), UTC)
    currency = str(details.get("currency") or account.terms.default_currency)
    lines = [line for line in account.bank_lines if line["currency"] == currency]
    try:
        first = date.fromisoformat(details.get("from") or _day(account.created).isoformat())
        last = date.fromisoformat(details.get("to") or now.date().isoformat())
    except (TypeError, ValueError) as wrong:
        raise ControlError("from and to are dates like 2026-11-30") from wrong
    if last < first:
        raise ControlError("to is before from")
    opening = sum(line["amount_minor"] for line in lines if _day(line["at"]) < first)
    inside = [line for line in lines if first <= _day(line["at"]) <= last]
    closing = opening + sum(line["amount_minor"] for line in inside)
    return Statement(account, currency, first, last, inside, opening, closing, now)


def _day(moment: int) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


def _major(amount_minor: int, currency: str) -> str:
    places = exponent(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f}"


def iban(account_id: str, currency: str) -> str:
    """Return a made-up British IBAN with right check digits, always the same for an account and currency."""
    digits = str(int.from_bytes(f"{account_id}{currency}".encode(), "big"))[-8:]
    basic = f"SBOX000000{digits}"
    number = "".join(str(int(one, 36)) for one in f"{basic}GB00")
    return f"GB{98 - int(number) % 97:02d}{basic}"


def _csv(cut: Statement) -> str:
    """Lay the lines out as Starling Bank's export does, oldest first."""
    code = cut.currency.upper()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [
            "Date",
            "Counter Party",
            "Reference",
            "Type",
            f"Amount ({code})",
            f"Balance ({code})",
            "Spending Category",
            "Notes",
        ]
    )
    balance = cut.opening_minor
    for line in cut.lines:
        balance += line["amount_minor"]
        money_in = line["amount_minor"] >= 0
        writer.writerow(
            [
                _day(line["at"]).strftime("%d/%m/%Y"),
                line["text"],
                line["reference"],
                "FASTER PAYMENT" if money_in else "DIRECT DEBIT",
                _major(line["amount_minor"], cut.currency),
                _major(balance, cut.currency),
                "INCOME" if money_in else "PAYMENTS",
                "",
            ]
        )
    return out.getvalue()


def _camt(cut: Statement) -> str:
    made = cut.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    document = ET.Element("Document", {"xmlns": NAMESPACE})
    root = ET.SubElement(document, "BkToCstmrStmt")
    _add(root, "GrpHdr", [("MsgId", f"{cut.account.id[5:]}-{cut.last}"), ("CreDtTm", made)])
    stmt = _add(root, "Stmt", [("Id", f"{cut.first}/{cut.last}"), ("CreDtTm", made)])
    holder = ET.SubElement(stmt, "Acct")
    _add(ET.SubElement(holder, "Id"), "IBAN", iban(cut.account.id, cut.currency))
    _add(holder, "Ccy", cut.currency.upper())
    _add(ET.SubElement(holder, "Ownr"), "Nm", cut.account.terms.business_name)
    _balance(stmt, "OPBD", cut.opening_minor, cut.first, cut.currency)
    _balance(stmt, "CLBD", cut.closing_minor, cut.last, cut.currency)
    for line in cut.lines:
        _entry(stmt, line)
    ET.indent(document)
    return ET.tostring(document, encoding="unicode", xml_declaration=True) + "\n"


def _add(parent: ET.Element, tag: str, content: str | list[tuple[str, str]]) -> ET.Element:
    element = ET.SubElement(parent, tag)
    if isinstance(content, str):
        element.text = content
    else:
        for name, text in content:
            ET.SubElement(element, name).text = text
    return element


def _amount(parent: ET.Element, amount_minor: int, currency: str) -> None:
    amount = _add(parent, "Amt", _major(abs(amount_minor), currency))
    amount.set("Ccy", currency.upper())
    _add(parent, "CdtDbtInd", "CRDT" if amount_minor >= 0 else "DBIT")


def _balance(stmt: ET.Element, code: str, amount_minor: int, day: date, currency: str) -> None:
    balance = ET.SubElement(stmt, "Bal")
    _add(ET.SubElement(ET.SubElement(balance, "Tp"), "CdOrPrtry"), "Cd", code)
    _amount(balance, amount_minor, currency)
    _add(ET.SubElement(balance, "Dt"), "Dt", day.isoformat())


def _entry(stmt: ET.Element, line: Obj) -> None:
    day = _day(line["at"]).isoformat()
    money_in = line["amount_minor"] >= 0
    entry = ET.SubElement(stmt, "Ntry")
    _add(entry, "NtryRef", line["id"])
    _amount(entry, line["amount_minor"], line["currency"])
    _add(entry, "Sts", [("Cd", "BOOK")])
    _add(entry, "BookgDt", [("Dt", day)])
    _add(entry, "ValDt", [("Dt", day)])
    _add(entry, "AcctSvcrRef", line["id"])
    domain = _add(ET.SubElement(entry, "BkTxCd"), "Domn", [("Cd", "PMNT")])
    _add(domain, "Fmly", [("Cd", "RCDT" if money_in else "IDDT"), ("SubFmlyCd", "OTHR")])
    detail = ET.SubElement(ET.SubElement(entry, "NtryDtls"), "TxDtls")
    _add(detail, "Refs", [("EndToEndId", line["reference"] or "NOTPROVIDED")])
    _amount(detail, line["amount_minor"], line["currency"])
    party = ET.SubElement(ET.SubElement(detail, "RltdPties"), "Dbtr" if money_in else "Cdtr")
    _add(ET.SubElement(party, "Pty"), "Nm", line["text"])
    _add(detail, "RmtInf", [("Ustrd", line["reference"] or line["text"])])
