"""Telling the product about an account at a bank."""

from sqlmodel import col, select

from fundraise.bodies.questions import body_by_slug
from fundraise.db import one_after_the_other
from fundraise.errors import Conflict, Refusal
from fundraise.money import is_currency
from fundraise.parts import Parts
from fundraise.statements.rules import words_of
from fundraise.statements.tables import BankAccount
from fundraise.text import TextError, clean_line, clean_slug

_LONGEST_PATTERN = 120


def add_bank_account(parts: Parts, *, name: str, body_slug: str, currency: str, stripe_pattern: str = "STRIPE") -> int:
    """Add an account and return its id; the same again changes its pattern alone.

    `stripe_pattern` holds choices with commas between; the words of one stand in the text of Stripe's payouts.
    Raises `NotFound` for a body there is not, `Conflict` for a name in use for something else, `Refusal`.
    """
    try:
        slug = clean_slug(name)
        pattern = clean_line(stripe_pattern, longest=_LONGEST_PATTERN)
    except TextError as problem:
        raise Refusal(f"The account cannot be added: {problem}", field="name") from None
    code = currency.strip().upper()
    if not is_currency(code):
        raise Refusal(f"{currency!r} is no currency we know, like GBP.", field="currency")
    if not all(words_of(choice).strip() for choice in pattern.split(",")):
        raise Refusal("The pattern needs words, like STRIPE, with commas between choices.", field="stripe_pattern")
    with parts.db.write("bank account") as session:
        one_after_the_other(session, "bank account")
        body = body_by_slug(session, body_slug)
        account = session.exec(select(BankAccount).where(col(BankAccount.name) == slug)).first()
        if account is not None and (account.body_id, account.currency) != (body.id, code):
            raise Conflict(f"{slug} is another account already, of another owner or in another currency.")
        account = account or BankAccount(name=slug, body_id=body.id, currency=code, created_at=parts.clock.now())
        account.stripe_pattern = pattern
        session.add(account)
        session.flush()
        return account.id
