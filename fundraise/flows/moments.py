"""The moments of a gift as journal entries: pure arithmetic, one function for each row of the table.

Debits are positive. Every function returns legs that sum to zero per currency; which keys they are posted under is
said in `flows/settle.py`. The merchant's body is the one whose books these are. Where it holds the money as an agent,
gifts are credited gross to 2310 (due to the charity) and never to income.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fundraise.campaigns.tables import FeeBearer, Holding
from fundraise.ledger.accounts import HELD_AT_STRIPE, Account
from fundraise.ledger.post import Leg
from fundraise.money import Money, share
from fundraise.payments import BalanceTransaction


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose money a gift is, who bears the fee, and what the donor agreed to pay."""

    body_id: int
    beneficiary_body_id: int
    campaign_id: int
    event_id: int | None
    donation_id: int
    holding: Holding
    fee_borne_by: FeeBearer
    gift: Money
    campaign_currency: str
    fee_cover_minor: int = 0
    held_at: str = ""  # The Stripe account, as the ledger names it.

    @property
    def total_minor(self) -> int:
        """What the card is charged, in the gift's currency."""
        return self.gift.minor + self.fee_cover_minor


def paid(terms: Terms, *, after_debit: BalanceTransaction | None = None) -> list[Leg]:
    """The gift is paid: it counts from now on. A bank debit was booked as unconfirmed when it began."""
    if after_debit is None:
        where = _leg(terms, Account.STRIPE_FEE_UNKNOWN, terms.total_minor, terms.gift.currency)
        return [where, *_credit_gift(terms, terms.total_minor, terms.gift.currency)]
    gross, currency = after_debit.amount_minor, after_debit.currency
    return [_leg(terms, Account.UNCONFIRMED_DEBITS, gross, currency), *_credit_gift(terms, gross, currency)]


def settled(terms: Terms, transaction: BalanceTransaction) -> list[Leg]:
    """The balance transaction is known: net arrives in the Stripe balance, the fee is booked.

    Settled in another currency, the gift stops counting in its own and counts at the settled gross instead.
    """
    legs = [
        *_cash(terms, transaction),
        _leg(terms, Account.STRIPE_FEE_UNKNOWN, -terms.total_minor, terms.gift.currency),
    ]
    if transaction.currency != terms.gift.currency:
        legs += _opposite(_credit_gift(terms, terms.total_minor, terms.gift.currency))
        legs += _credit_gift(terms, transaction.amount_minor, transaction.currency)
    return legs


def debit_begun(terms: Terms, transaction: BalanceTransaction) -> list[Leg]:
    """A bank debit has begun: Stripe shows its money as pending, and it does not count yet."""
    waiting = _leg(terms, Account.UNCONFIRMED_DEBITS, -transaction.amount_minor, transaction.currency)
    return [*_cash(terms, transaction), waiting]


def debit_failed(terms: Terms, begun: BalanceTransaction, failure: BalanceTransaction) -> list[Leg]:
    """A bank debit failed: Stripe takes the money back, with whatever its row says of the fee."""
    rest = begun.amount_minor + failure.amount_minor  # Zero, unless Stripe took back another amount.
    legs = [_leg(terms, Account.UNCONFIRMED_DEBITS, begun.amount_minor, begun.currency), *_cash(terms, failure)]
    return [*legs, _leg(terms, Account.SUSPENSE_PAYMENTS, -rest, begun.currency)] if rest else legs


def refunded(terms: Terms, transaction: BalanceTransaction, counted: "Counted") -> list[Leg]:
    """Money went back to the donor: what this part counted for is taken out, the rest is a matter of exchange."""
    return [*_cash(terms, transaction), *_take_back(terms, counted, -transaction.amount_minor, transaction.currency)]


def dispute_opened(terms: Terms, transaction: BalanceTransaction) -> list[Leg]:
    """The donor's bank took the money for now, and Stripe a fee. The gift still counts."""
    return [
        _leg(terms, Account.STRIPE_BALANCE, transaction.net_minor, transaction.currency),
        _leg(terms, Account.DISPUTE_FEES, transaction.fee_minor, transaction.currency),
        _leg(terms, Account.DISPUTED_FUNDS, -transaction.amount_minor, transaction.currency),
    ]


def dispute_lost(terms: Terms, held_minor: int, currency: str, counted: "Counted") -> list[Leg]:
    """The disputed money is gone for good: what it counted for is taken out of the total."""
    held = _leg(terms, Account.DISPUTED_FUNDS, -held_minor, currency)
    return [held, *_take_back(terms, counted, held_minor, currency)]


def dispute_won(terms: Terms, held_minor: int, transaction: BalanceTransaction) -> list[Leg]:
    """The disputed money came back, at today's rate where it was converted."""
    legs = [
        _leg(terms, Account.STRIPE_BALANCE, transaction.net_minor, transaction.currency),
        _leg(terms, Account.DISPUTE_FEES, transaction.fee_minor, transaction.currency),
        _leg(terms, Account.DISPUTED_FUNDS, -held_minor, transaction.currency),
    ]
    return [*legs, *_exchange(terms, held_minor - transaction.amount_minor, transaction.currency)]


def recounted(terms: Terms, settled_gross: Money, standing_minor: int, back_minor: int) -> list[Leg]:
    """A refund failed that was not the last: what stands is the gift first and the cover last of all that did go back.

    The refunds after it had taken of the cover, which the gift bears again. Nothing, mostly. The arguments are those
    of `counted_for`.
    """
    moved = standing_minor - _stands(terms, _gift_share(terms, settled_gross.minor), back_minor)
    if not moved:
        return []
    gift = _gift_leg(terms, moved, settled_gross.currency)
    if terms.fee_cover_minor:
        return [gift, _cover_leg(terms, -moved, settled_gross.currency)]
    return [gift, *_exchange(terms, -moved, settled_gross.currency)]  # Half a unit at a rate fell the other way.


@dataclass(frozen=True, slots=True)
class Counted:
    """What a part of a gift counted for, in the currency it counts in: its gift and its fee cover, both positive."""

    gift_minor: int
    fee_cover_minor: int


def counted_for(terms: Terms, settled_gross: Money, standing_minor: int, back_minor: int, part_minor: int) -> Counted:
    """Return what a part of the charge that goes back counted for.

    `part_minor` is that part and `back_minor` all that has gone back with it, in the gift's currency;
    `standing_minor` is what the gift still counts for, in the settled currency. The gift goes back first and the fee
    cover last, so the public total falls by what the donor got. What stands afterwards depends on `back_minor` alone,
    so nothing is left when everything went back, in whatever order, and after whichever refund failed between.
    """
    gift_settled = _gift_share(terms, settled_gross.minor)
    cover_settled = settled_gross.minor - gift_settled
    _, cover_back = _gone(terms, back_minor)
    _, cover_before = _gone(terms, back_minor - part_minor)
    cover = _cover_share(terms, cover_settled, cover_back) - _cover_share(terms, cover_settled, cover_before)
    return Counted(standing_minor - _stands(terms, gift_settled, back_minor), cover)


def _stands(terms: Terms, gift_settled: int, back_minor: int) -> int:
    """Return what of the gift still counts, in the settled currency, once so much of the charge has gone back."""
    gift_back, _ = _gone(terms, back_minor)
    return gift_settled - share(gift_settled, gift_back, terms.gift.minor)


def _gone(terms: Terms, back_minor: int) -> tuple[int, int]:
    """Tell how much of the gift and of the fee cover has gone back, in the gift's currency."""
    cover = min(max(back_minor - terms.gift.minor, 0), terms.fee_cover_minor)
    # Beyond the whole charge (a dispute on top of a refund) the gift bears it: the donor did get it.
    return back_minor - cover, cover


def _cover_share(terms: Terms, cover_settled: int, cover_back: int) -> int:
    return share(cover_settled, cover_back, terms.fee_cover_minor) if terms.fee_cover_minor else 0


def _credit_gift(terms: Terms, gross_minor: int, currency: str) -> list[Leg]:
    """Credit a gross amount: the gift where gifts go, the fee cover where it goes."""
    if currency == terms.gift.currency and gross_minor == terms.total_minor:
        gift_minor = terms.gift.minor
    else:
        gift_minor = _gift_share(terms, gross_minor)
    legs = [_gift_leg(terms, -gift_minor, currency)]
    if gross_minor - gift_minor:
        legs.append(_cover_leg(terms, gift_minor - gross_minor, currency))
    return legs


def _gift_share(terms: Terms, gross_minor: int) -> int:
    return share(gross_minor, terms.gift.minor, terms.total_minor)


def _cash(terms: Terms, transaction: BalanceTransaction) -> list[Leg]:
    """Move the Stripe balance by a transaction's net, and book its fee on whoever bears it."""
    net = _leg(terms, Account.STRIPE_BALANCE, transaction.net_minor, transaction.currency)
    if not transaction.fee_minor:
        return [net]
    if terms.holding is Holding.AGENT and terms.fee_borne_by is FeeBearer.CHARITY:
        fee = _leg(terms, Account.DUE_TO_CHARITY, transaction.fee_minor, transaction.currency)
    else:
        fee = _leg(terms, Account.CARD_FEES, transaction.fee_minor, transaction.currency)
    return [net, fee]


def _take_back(terms: Terms, counted: Counted, cost_minor: int, currency: str) -> list[Leg]:
    legs = [_gift_leg(terms, counted.gift_minor, currency)] if counted.gift_minor else []
    if counted.fee_cover_minor:
        legs.append(_cover_leg(terms, counted.fee_cover_minor, currency))
    return [*legs, *_exchange(terms, cost_minor - counted.gift_minor - counted.fee_cover_minor, currency)]


def _exchange(terms: Terms, cost_minor: int, currency: str) -> list[Leg]:
    """Book what a rate cost (positive) or brought (negative)."""
    if not cost_minor:
        return []
    return [_leg(terms, Account.EXCHANGE_LOSS if cost_minor > 0 else Account.EXCHANGE_GAIN, cost_minor, currency)]


def _gift_leg(terms: Terms, minor: int, currency: str) -> Leg:
    account = Account.DUE_TO_CHARITY if terms.holding is Holding.AGENT else Account.ONLINE_GIFTS
    return _leg(terms, account, minor, currency, counts=True)


def _cover_leg(terms: Terms, minor: int, currency: str) -> Leg:
    """The fee cover is the charity's where the charity bears the fee, and never part of the public total."""
    for_charity = terms.holding is Holding.AGENT and terms.fee_borne_by is FeeBearer.CHARITY
    return _leg(terms, Account.DUE_TO_CHARITY if for_charity else Account.FEE_COVER, minor, currency)


def _leg(terms: Terms, account: Account, minor: int, currency: str, *, counts: bool = False) -> Leg:
    return Leg(
        account=account,
        minor=minor,
        currency=currency,
        body_id=terms.body_id,
        campaign_id=terms.campaign_id,
        event_id=terms.event_id,
        donation_id=terms.donation_id,
        due_body_id=terms.beneficiary_body_id if account is Account.DUE_TO_CHARITY else None,
        held_at=terms.held_at if account in HELD_AT_STRIPE else "",
        counts=counts,
    )


def _opposite(legs: Iterable[Leg]) -> list[Leg]:
    return [replace(leg, minor=-leg.minor) for leg in legs]
