"""Acting on kept notices: each payment or payout they speak of is looked at once, and the books are brought there."""

import logging
from collections import Counter
from collections.abc import Sequence

from sqlmodel import Session

from fundraise import inbox
from fundraise.flows.money_doors import are_closed
from fundraise.flows.payout import settle_payout
from fundraise.flows.settle import NOT_OURS, settle_payment
from fundraise.flows.sync import note_checkout
from fundraise.inbox import KeptNotice
from fundraise.parts import Parts
from fundraise.payments import AccountKey, GatewayRefused, GatewayUnavailable, NotThereYet
from fundraise.stripe_accounts.questions import account_by_slug, key_of

_AT_ONCE = 100
logger = logging.getLogger(__name__)


def follow_up(parts: Parts, *, most: int = 10_000) -> Counter[str]:
    """Work through the waiting notices until none is left or `most` are done; return what was done, counted.

    While the money doors are closed they wait where they are.
    """
    done: Counter[str] = Counter()
    reached: dict[str, tuple[int, AccountKey]] = {}  # To unseal a key takes longer than to look it up.
    while done.total() < most:
        with parts.db.write("inbox: claim") as session:
            if are_closed(session):
                return done
            notices = inbox.claim(session, parts.clock.now(), _AT_ONCE)
        if not notices:
            return done
        for (account, subject), group in _by_subject(notices).items():
            outcome = _one(parts, reached, account, subject, group)
            done[outcome] += len(group)
            if outcome == "unavailable":
                _give_back(parts, notices)
                return done
    return done


def _by_subject(notices: Sequence[KeptNotice]) -> dict[tuple[str, tuple[str, str]], list[KeptNotice]]:
    """Gather the notices that speak of the same thing, so that it is looked at once."""
    groups: dict[tuple[str, tuple[str, str]], list[KeptNotice]] = {}
    for notice in notices:
        subject = ("payment_intent", notice.payment_id) if notice.payment_id else (notice.object_type, notice.object_id)
        groups.setdefault((notice.account, subject), []).append(notice)
    return groups


def _one(
    parts: Parts,
    reached: dict[str, tuple[int, AccountKey]],
    account: str,
    subject: tuple[str, str],
    group: Sequence[KeptNotice],
) -> str:
    ids = [notice.id for notice in group]
    try:
        if account not in reached:
            with parts.db.read() as session:
                reached[account] = _reach(parts, session, account)
        outcome = _look(parts, *reached[account], subject, ids)
        pages = [notice.object_id for notice in group if notice.object_type == "checkout.session"]
        if outcome == NOT_OURS and pages:
            return _join(parts, *reached[account], pages, ids)
    except GatewayUnavailable as problem:
        _put_back(parts, ids, str(problem), counts=False)
        return "unavailable"
    except NotThereYet as problem:
        with parts.db.write("inbox: put off") as session:
            inbox.put_off(session, ids, str(problem), parts.clock.now())
        return "waits"
    except GatewayRefused as problem:
        _put_back(parts, ids, str(problem), counts=True)
        return "again"
    except (
        Exception
    ) as problem:  # A notice that breaks us must not stop those behind it; it is tried again, then shown.
        logger.exception("notices %s about %s %s", ids, *subject)
        _put_back(parts, ids, f"{type(problem).__name__}: {problem}", counts=True)
        return "failed"
    return outcome


def _reach(parts: Parts, session: Session, slug: str) -> tuple[int, AccountKey]:
    account = account_by_slug(session, slug)
    return account.id, key_of(account, parts.sealer)


def _look(parts: Parts, account_id: int, key: AccountKey, subject: tuple[str, str], ids: Sequence[int]) -> str:
    object_type, object_id = subject
    if object_type == "payout":
        return settle_payout(parts, account_id, key, object_id, ids)
    if object_type == "checkout.session":
        payment_id = note_checkout(parts, account_id, key, object_id)
    else:
        payment_id = parts.payments.payment_of(key, object_type, object_id)
    if payment_id is not None:
        return settle_payment(parts, account_id, key, payment_id, ids)
    with parts.db.write("inbox: nothing to do") as session:
        inbox.mark_handled(session, ids, "no payment", parts.clock.now())
    return "no payment"


def _join(parts: Parts, account_id: int, key: AccountKey, pages: Sequence[str], ids: Sequence[int]) -> str:
    """Join a payment that does not carry our reference by the page it was made on, which we opened."""
    for page in pages:
        payment_id = note_checkout(parts, account_id, key, page)
        if payment_id is not None:
            return settle_payment(parts, account_id, key, payment_id, ids)
    return NOT_OURS


def _put_back(parts: Parts, ids: Sequence[int], error: str, *, counts: bool) -> None:
    with parts.db.write("inbox: put back") as session:
        inbox.put_back(session, ids, error, parts.clock.now(), counts=counts)


def _give_back(parts: Parts, notices: Sequence[KeptNotice]) -> None:
    """Stripe does not answer: leave what else was claimed for later, without blame."""
    _put_back(parts, [notice.id for notice in notices], "the card service did not answer", counts=False)
