"""What banks call their columns, and the layouts known by their whole heading (treasury B.4).

A layout that is known tells how its dates are meant and which columns a person may have written in: those are left out
of a line's text, since text is what tells a line from its twin when the file comes again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fundraise.gateways.bank.refusals import Unreadable
from fundraise.statements.vocabulary import DateOrder

# Of each role the names, the surest first; a heading is compared in small letters without signs.
ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "date": (
        "completed date", "booking date", "date booked", "booked on", "posting date", "posted date", "date posted",
        "transaction date", "entry date", "date", "created", "buchungstag", "buchungsdatum", "buchung", "datum",
        "date operation", "date comptable", "fecha", "fecha operacion", "data", "data operazione", "dato",
        "transaktionsdatum", "bokforingsdatum",
    ),
    "value_date": (
        "value date", "valutadatum", "valuta", "wertstellung", "valuta datum", "rentedatum", "date valeur",
        "date de valeur", "fecha valor",
    ),
    "amount": (
        "amount", "value", "transaction amount", "betrag", "umsatz", "bedrag", "montant", "importe", "importo",
        "belopp",
        "kwota",
    ),
    "in": (
        "paid in", "money in", "credit amount", "credit", "credits", "in", "inflow", "deposit", "deposits", "received",
        "haben", "entrate", "credito", "bij",
    ),
    "out": (
        "paid out", "money out", "debit amount", "debit", "debits", "out", "outflow", "withdrawal", "withdrawals",
        "spent",
        "soll", "uscite", "debet", "debito", "af",
    ),
    "balance": (
        "balance", "running balance", "account balance", "saldo", "saldo na trn", "saldo na mutatie", "solde",
        "kontostand",
        "runningbalance", "balance after",
    ),
    "description": (
        "description", "transaction description", "details", "memo", "narrative", "particulars", "text", "reason",
        "omschrijving", "omschrijving 1", "omschrijving 2", "omschrijving 3", "mededelingen", "vrije mededeling",
        "verwendungszweck", "buchungstext", "libelle", "concepto", "descrizione", "payment reference",
    ),
    "counterparty": (
        "counter party", "counterparty", "name", "payee", "partner name", "payer name", "payee name", "merchant",
        "beguenstigter zahlungspflichtiger", "naam tegenpartij", "from", "to",
    ),
    "reference": ("reference", "customer reference", "gestructureerde mededeling", "transactiereferentie",
        "end to end id"),
    "id": ("transaction id", "id", "transferwise id", "fitid", "bank reference", "entry reference", "transaktionsid"),
    "currency": ("currency", "currency code", "ccy", "munt", "waehrung", "wahrung", "devise", "valuta code"),
    "status": ("status", "state"),
    "direction": (
        "debit credit", "credit debit", "dr cr", "cr dr", "debit credit indicator", "credit debit indicator", "af bij",
        "soll haben",
    ),
    "account": ("iban bban", "account number", "auftragskonto", "rekeningnummer", "rekening", "account", "iban"),
    "type": ("type", "transaction type"),
    "fee": (),
}  # fmt: skip
_LONGEST_HEADING: Final = 200
# Roles of which a file may have several columns.
SEVERAL: Final = frozenset({"description", "counterparty"})
BOOKED: Final = frozenset({"completed", "settled", "posted", "booked", "cleared", "reconciled", "gebucht", "executed"})
NOT_BOOKED: Final = frozenset(
    {"pending", "reverted", "declined", "failed", "cancelled", "canceled", "scheduled", "vorgemerkt", "processing"}
)
MONEY_IN: Final = frozenset({"credit", "cr", "c", "crdt", "bij", "haben", "h", "in"})
MONEY_OUT: Final = frozenset({"debit", "dr", "d", "dbit", "af", "soll", "s", "out"})
# Rows under the lines that are none: sums and balances.
FOOTERS: Final = re.compile(
    r"(sub)?total\b|sum\b|summe\b|totaal\b|(opening|closing|start|end|final) balance|balance (brought|carried) forward|"
    r"(anfangs|end)saldo|(alter|neuer) kontostand",
    re.IGNORECASE,
)
_NO_STATEMENT: Final = (
    ({"seller message"}, "This is a list of payments from Stripe, not a bank's statement."),
    ({"balance transaction id"}, "This is a report from Stripe, not a bank's statement."),
    ({"automatic payout id"}, "This is a report from Stripe, not a bank's statement."),
    ({"journalnumber", "netamount"}, "This is a journal from bookkeeping software, not a bank's statement."),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """A bank's layout: the headings it must have, how its dates are meant, and what differs from the usual."""

    name: str
    headings: frozenset[str]
    order: DateOrder | None = DateOrder.DAY_FIRST
    roles: Mapping[str, str] | None = None  # Where the usual names mislead.


def _layout(name: str, headings: str, **roles: str) -> Layout:
    return Layout(name, frozenset(headings.split(", ")), roles=roles or None)


LAYOUTS: Final = (
    _layout("Barclays", "number, date, account, amount, subcategory, memo"),
    _layout("HSBC", "date, type, description, paid out, paid in, balance"),
    _layout(
        "Lloyds, Halifax or Bank of Scotland",
        "transaction date, transaction type, sort code, account number, transaction description, debit amount, "
        "credit amount, balance",
    ),
    _layout("NatWest or RBS", "date, type, description, value, balance, account name, account number"),
    _layout("Monzo", "transaction id, date, time, type, name, emoji, category, amount, currency, description"),
    _layout("Starling", "date, counter party, reference, type, amount, balance"),
    _layout("Metro", "date, details, transaction type, in, out, balance"),
    _layout("Tide", "date, transaction id, transaction description, reference, paid in, paid out, status"),
    _layout("Nationwide", "date, transaction type, description, paid out, paid in, balance"),
    _layout("Virgin Money", "date, details, money out, money in, balance"),
    _layout("Coventry", "date, description, money in, money out, balance"),
    _layout(
        "Wise",
        "transferwise id, date, amount, currency, description, payment reference, running balance",
        description="description", reference="payment reference",
    ),
    _layout(
        "Revolut",
        "type, product, started date, completed date, description, amount, fee, currency, state, balance",
        fee="fee",
    ),
    _layout("Co-operative Bank", "date, payee, memo, inflow, outflow, balance"),
    _layout("Sparkasse", "auftragskonto, buchungstag, valutadatum, buchungstext, verwendungszweck, betrag"),
    _layout("KBC", "rekeningnummer, rubrieknaam, munt, afschriftnummer, datum, omschrijving, valuta, bedrag, saldo"),
)  # fmt: skip


def plain(heading: str) -> str:
    """Return a heading to compare: small letters, no signs, without the currency in brackets."""
    text = re.sub(
        r"\([^)]*\)", " ", heading[:_LONGEST_HEADING].lower().replace("ä", "a").replace("ö", "o").replace("ü", "u")
    )
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.replace("é", "e").replace("è", "e")).split())


def currency_in(heading: str) -> str:
    """Return the currency that a heading names, as in `Amount (GBP)`; else an empty text."""
    found = re.search(r"\(([A-Z]{3})\)", heading)
    return found[1] if found else ""


def known_layout(headings: frozenset[str]) -> Layout | None:
    """Return the layout whose headings all stand here; of several the one with the most."""
    fitting = [layout for layout in LAYOUTS if layout.headings <= headings]
    return max(fitting, key=lambda layout: len(layout.headings), default=None)


def refuse_other_lists(headings: frozenset[str]) -> None:
    """Raise `Unreadable` for lists that look like statements and are none."""
    for needed, sentence in _NO_STATEMENT:
        if needed <= headings:
            raise Unreadable(f"{sentence} Please export the statement from the bank as camt.053 or CSV.")
