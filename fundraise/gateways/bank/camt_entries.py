"""The parts of a camt.053: statements with their balances, entries with their details."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from fundraise.gateways.bank.amounts import AmountUnreadable, minor_of
from fundraise.gateways.bank.days import DayUnreadable, read_day
from fundraise.gateways.bank.texts import account_number, tidy, tidy_name, together
from fundraise.statements.vocabulary import LineRead, Problem, ReadAs, StatementRead

# What banks write where they have no reference.
_NO_REFERENCE: Final = frozenset({"NOTPROVIDED", "NONREF", "NOT PROVIDED", "NONE", "NULL"})
_DETAILS_SHOWN: Final = 3
_DIGITS: Final = 18  # Of the number of a statement (ISO 20022, `Number`: 18 digits at most).
_OPENING: Final = ("OPBD", "PRCD")
_BALANCE: Final[Mapping[tuple[str, ...], str]] = {("Bal", "Amt"): "amount", ("Bal", "CdtDbtInd"): "sign"}
_SIGN: Final = {"CRDT": 1, "DBIT": -1}
# What a detail says by path: in which list of the entry it is kept, and what is put before it.
_OF_A_DETAIL: Final[Mapping[tuple[str, ...], tuple[str, str]]] = {
    ("RltdPties", "Dbtr", "Nm"): ("names", "Dbtr "),
    ("RltdPties", "Dbtr", "Pty", "Nm"): ("names", "Dbtr "),
    ("RltdPties", "Cdtr", "Nm"): ("names", "Cdtr "),
    ("RltdPties", "Cdtr", "Pty", "Nm"): ("names", "Cdtr "),
    ("RmtInf", "Ustrd"): ("remittances", ""),
    ("AddtlTxInf",): ("remittances", ""),
    ("Refs", "EndToEndId"): ("references", ""),
    ("RmtInf", "Strd", "CdtrRefInf", "Ref"): ("references", ""),
    ("Refs", "AcctSvcrRef"): ("bank_ids", ""),
}


@dataclass(slots=True)
class Entry:
    """One `Ntry` while it is read: its fields by path, and its details one by one."""

    place: int
    fields: dict[tuple[str, ...], str] = field(default_factory=dict)
    currency: str = ""
    names: list[str] = field(default_factory=list)
    remittances: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    bank_ids: list[str] = field(default_factory=list)
    details: int = 0

    def says(self, path: tuple[str, ...], text: str, attributes: Mapping[str, str]) -> None:
        """Take a field; the first of each name counts, as in every sound file there is one."""
        if path[:2] == ("NtryDtls", "TxDtls"):
            self._detail(path[2:], text)
            return
        if path == ("Amt",) and path not in self.fields:
            self.currency = attributes.get("Ccy", "")
        self.fields.setdefault(path, text)

    def _detail(self, path: tuple[str, ...], text: str) -> None:
        kind, before = _OF_A_DETAIL.get(path, ("", ""))
        if kind:
            self._keep(getattr(self, kind), before + text)

    @staticmethod
    def _keep(where: list[str], text: str) -> None:
        """Keep enough to show what it is; a batch of ten thousand payments stays one line."""
        if len(where) <= _DETAILS_SHOWN:
            where.append(text)

    @property
    def status(self) -> str:
        """Return BOOK, PDNG, INFO or nothing: a text up to version 7, a code from version 8 on."""
        return self.fields.get(("Sts", "Cd")) or self.fields.get(("Sts",), "")

    def line(self, read_as: ReadAs) -> LineRead:
        """Return the line; raises `AmountUnreadable` and `DayUnreadable`. An amount of nothing yields `minor` 0."""
        sign = _SIGN.get(self.fields.get(("CdtDbtInd",), ""))
        if sign is None:
            raise AmountUnreadable("the entry does not say whether it is money in or out (CdtDbtInd)")
        minor = sign * amount_minor(self.fields.get(("Amt",), ""), self.currency, read_as)
        booked_on = self._day("BookgDt") or self._day("ValDt")
        if booked_on is None:
            raise DayUnreadable("the entry has no date")
        party = "Dbtr " if sign > 0 else "Cdtr "
        names = [tidy_name(name.removeprefix(party)) for name in self.names if name.startswith(party)]
        references = [tidy_name(each) for each in self.references if each.strip().upper() not in _NO_REFERENCE]
        said = [tidy(each) for each in (*self.remittances[:_DETAILS_SHOWN], self.fields.get(("AddtlNtryInf",), ""))]
        return LineRead(
            place=self.place,
            booked_on=booked_on,
            minor=minor,
            text=together([*names[:_DETAILS_SHOWN], *said, *references[:_DETAILS_SHOWN]]),
            value_on=self._day("ValDt"),
            counterparty=names[0] if len(set(names)) == 1 else "",
            reference=references[0] if len(set(references)) == 1 else "",
            bank_id=self._bank_id(),
        )

    def _day(self, name: str) -> date | None:
        text = self.fields.get((name, "Dt")) or self.fields.get((name, "DtTm"))
        return read_day(text, None) if text else None

    def _bank_id(self) -> str:
        """Return the bank's own reference. `NtryRef` is none: banks number the entries of each file with it."""
        own = tidy_name(self.fields.get(("AcctSvcrRef",), ""))
        if not own and len(self.bank_ids) == 1:
            own = tidy_name(self.bank_ids[0])
        return "" if own.upper() in _NO_REFERENCE else own


@dataclass(slots=True)
class Statement:
    """One `Stmt` while it is read."""

    number: int
    fields: dict[tuple[str, ...], str] = field(default_factory=dict)
    balances: list[dict[str, str]] = field(default_factory=list)
    lines: list[LineRead] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    currencies: dict[str, int] = field(default_factory=dict)
    pending: int = 0
    nothing: int = 0
    opening_minor: int | None = None
    closing_minor: int | None = None
    usual_currency: str = ""

    def says(self, path: tuple[str, ...], text: str, attributes: Mapping[str, str]) -> None:
        """Take a field of the statement itself."""
        if path[0] != "Bal":
            self.fields.setdefault(path, text)
            return
        if path == ("Bal", "Tp", "CdOrPrtry", "Cd"):
            self.balances.append({"code": text})
        elif self.balances:
            name = _BALANCE.get(path)
            if name is None and path[:2] == ("Bal", "Dt"):
                name = "day"
            if name is not None:
                self.balances[-1].setdefault(name, text)
            if name == "amount":
                self.balances[-1].setdefault("currency", attributes.get("Ccy", ""))

    def take(self, entry: Entry, read_as: ReadAs) -> None:
        """Take an entry that was read to its end."""
        if entry.status != "BOOK":
            if entry.status in {"PDNG", "INFO", "FUTR"}:
                self.pending += 1
            else:
                self._problem(entry, f"the entry’s state '{entry.status[:20]}' is not known")
            return
        self.currencies[entry.currency] = entry.place
        try:
            line = entry.line(read_as)
        except (AmountUnreadable, DayUnreadable) as problem:
            self._problem(entry, str(problem))
            return
        if line.minor:
            self.lines.append(line)
        else:
            self.nothing += 1

    def _problem(self, entry: Entry, message: str) -> None:
        self.problems.append(Problem(f"entry {entry.place}", message))

    @property
    def currency(self) -> str:
        """Return the account's currency: as the file says, else of its entries, its balances, or as it usually is."""
        said = self.fields.get(("Acct", "Ccy"), "") or next(iter(self.currencies), "")
        return said or next((each.get("currency", "") for each in self.balances), self.usual_currency)

    def end(self, read_as: ReadAs) -> None:
        """Check what only the whole statement tells."""
        self.usual_currency = read_as.currency
        for currency, place in self.currencies.items():
            if currency != self.currency:
                message = f"the amount is in {currency[:10]}, the account in {self.currency[:10]}"
                self.problems.append(Problem(f"entry {place}", message))
        self.opening_minor = self._balance(next((c for c in _OPENING if self._has(c)), "OPBD"), "opening", read_as)
        self.closing_minor = self._balance("CLBD", "closing", read_as)

    def _has(self, code: str) -> bool:
        return any(balance["code"] == code for balance in self.balances)

    def _balance(self, code: str, name: str, read_as: ReadAs) -> int | None:
        found = next((balance for balance in self.balances if balance["code"] == code), None)
        if found is None:
            return None
        try:
            return self._balance_minor(found, read_as)
        except AmountUnreadable as problem:
            self.problems.append(Problem(f"statement {self.number}", f"the {name} balance cannot be read: {problem}"))
            return None

    def _balance_minor(self, found: Mapping[str, str], read_as: ReadAs) -> int:
        currency = found.get("currency", "")
        if currency != self.currency:
            raise AmountUnreadable(f"it is in {currency[:10]}, the entries in {self.currency[:10]}")
        if found.get("sign") not in _SIGN:
            raise AmountUnreadable("it does not say whether it is above or below zero (CdtDbtInd)")
        return _SIGN[found["sign"]] * amount_minor(found.get("amount", ""), currency, read_as)

    def read(self) -> StatementRead:
        """Return the statement as it was read."""
        days = [line.booked_on for line in self.lines]
        account = self.fields.get(("Acct", "Id", "IBAN")) or self.fields.get(("Acct", "Id", "Othr", "Id"), "")
        return StatementRead(
            currency=self.currency,
            lines=tuple(self.lines),
            account=account_number(account),
            from_date=min([*days, *self._days("FrDtTm", "OPBD")], default=None),
            to_date=max([*days, *self._days("ToDtTm", "CLBD")], default=None),
            opening_minor=self.opening_minor,
            closing_minor=self.closing_minor,
            number=self._counted(),
        )

    def _counted(self) -> int | None:
        """Return the number the bank counts its statements by; some only give that of statements on paper."""
        for name in ("ElctrncSeqNb", "LglSeqNb"):
            text = self.fields.get((name,), "").strip()
            if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
                return int(text)
        return None

    def _days(self, period: str, balance: str) -> list[date]:
        """Return the statement's own first or last day, from its period or its balance."""
        texts = [self.fields.get(("FrToDt", period), "")]
        texts += [each.get("day", "") for each in self.balances if each["code"] == balance]
        found = []
        for text in texts:
            try:
                found.append(read_day(text, None))
            except DayUnreadable:
                continue  # Without it the lines tell the period.
        return found


def amount_minor(text: str, currency: str, read_as: ReadAs) -> int:
    """Return an unsigned amount in minor units; `AmountUnreadable`, also for a sign: the direction is a field."""
    if currency not in read_as.exponents:
        raise AmountUnreadable(
            f"'{currency[:10]}' is no currency we know" if currency else "the amount has no currency"
        )
    if text.startswith(("-", "+")):
        raise AmountUnreadable(f"the amount '{text[:40]}' has a sign, which camt.053 does not allow")
    if "," in text:
        raise AmountUnreadable(f"the amount '{text[:40]}' has a comma, which camt.053 does not allow")
    return minor_of(text, read_as.exponents[currency])
