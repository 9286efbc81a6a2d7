"""Comparing what Stripe and the bank say with our books, by asking every question of `questions.py`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from fundraise import plain
from fundraise.flows.reconcile.bank_lines import unmatched_lines
from fundraise.flows.reconcile.conversions import conversions
from fundraise.flows.reconcile.found import Found
from fundraise.flows.reconcile.questions import QUESTIONS, Question
from fundraise.money import Money
from fundraise.statements.rules import LATEST_DAYS
from fundraise.stripe_accounts.rules import counted_since
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.times import business_days_after

# So long we wait before something that is on its way is called missing.
BALANCE_LAG: Final = timedelta(days=2)
ITEMISING_LAG: Final = timedelta(days=4)
REFUND_LAG: Final = timedelta(days=10)
# A payout is looked for on statements that reach past the last day it may come; without them, after so long.
ARRIVAL_BUSINESS_DAYS: Final = 5
_LATEST_ARRIVAL: Final = {
    "sqlite": f"date(p.arrives_on, '+{LATEST_DAYS} days')",
    "postgresql": f"((p.arrives_on AT TIME ZONE 'UTC')::date + {LATEST_DAYS})",
}
STATEMENT_LAG: Final = timedelta(days=40)
_MOST: Final = 1000
# Hardly ever is there anything to be found, so all is looked through. PostgreSQL, told of a limit, expects to find its
# thousand soon and looks everything up one by one, four times as slow over a million rows (measured).
_FIRST_OF: Final = {
    "sqlite": f"{{}} LIMIT {_MOST}",
    "postgresql": f"WITH found AS MATERIALIZED ({{}}) SELECT * FROM found LIMIT {_MOST}",  # noqa: S608  A number of ours.
}


def compare(session: Session, account: StripeAccount, now: datetime) -> Iterator[Found]:
    """Ask every question about one account."""
    session.flush()  # Plain statements see only what the database has.
    dialect = session.get_bind().dialect.name
    latest_arrival = _LATEST_ARRIVAL[dialect]
    values = {
        "account": account.id,
        "usual_fee_basis_points": account.fee_basis_points,
        "usual_fee_minor": account.fee_fixed_minor,
        "counted_since": plain.at(session, counted_since(account)),
        "balance_lag": plain.at(session, now - BALANCE_LAG),
        "itemising_lag": plain.at(session, now - ITEMISING_LAG),
        "refund_lag": plain.at(session, now - REFUND_LAG),
        "arrived_by": plain.at(session, business_days_after(now, -ARRIVAL_BUSINESS_DAYS)),
        "no_statement_since": plain.at(session, now - STATEMENT_LAG),
    }
    for question in QUESTIONS:
        statement = _FIRST_OF[dialect].format(question.sql.replace("{latest_arrival}", latest_arrival))
        for row in plain.ask_by_name(session, statement, values):
            yield _found(question, row)
    yield from conversions(session, account.id)
    yield from unmatched_lines(session, account)


def cut_off(found: Sequence[Found]) -> frozenset[str]:
    """Return the names of which there may be more than was found; what of them was not found may still differ."""
    return frozenset(code for code, count in Counter(each.code for each in found).items() if count >= _MOST)


def _found(question: Question, row: Mapping[Any, Any]) -> Found:
    amount = Money(int(row["minor"]), row["currency"])
    facts = {name: value for name, value in row.items() if name not in {"minor", "currency"}}
    return Found(question.code, row["object_id"], amount, question.sentence.format(amount=amount, **facts))
