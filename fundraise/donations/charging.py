"""What a gift comes to on a card: within what one charge may be, in shares, and with the fee added."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from fundraise import money
from fundraise.money import AmountError, Money
from fundraise.payments import ChargeLimits


@dataclass(frozen=True, slots=True)
class CardFee:
    """The usual fee on a charge: hundredths of a per cent, and a fixed part in minor units of the charge's currency."""

    basis_points: int
    fixed_minor: int

    def of(self, charge_minor: int) -> int:
        """Return the fee on a charge, in minor units, rounded up: the charity never gets less than we say."""
        return ceil(Fraction(charge_minor * self.basis_points, 10_000)) + self.fixed_minor

    def cover(self, gift_minor: int, limits: ChargeLimits) -> int:
        """Return what a donor adds so that about the whole gift arrives: `ceil((gift + fixed) / (1 - rate)) - gift`.

        Rounded up to what cards take: the third digit of a dinar is always 0 there.
        """
        gross = ceil(Fraction(10_000 * (gift_minor + self.fixed_minor), 10_000 - self.basis_points))
        return limits.rounded_up(gross - gift_minor)


def least_gift(least_minor: int, campaign_currency: str, currency: str, limits: ChargeLimits) -> int:
    """Return the least gift in another currency: the same number of whole units, or what cards take if that is more.

    Yen and the like count whole units as minor ones; there the number of minor units stays. What that comes to may be
    below what one charge must be (200 forint are taken, 2 are not), so the limits lift it.
    """
    return limits.rounded_up(max(_same_units(least_minor, campaign_currency, currency), limits.least_minor))


def suggested_gifts(
    amounts: tuple[int, ...], campaign_currency: str, currency: str, limits: ChargeLimits, least_minor: int
) -> tuple[int, ...]:
    """Return a campaign's suggested amounts in another currency: the same numbers, with noughts until all are taken."""
    same = [limits.rounded_up(_same_units(minor, campaign_currency, currency)) for minor in amounts]
    times = 1
    while same and min(same) * times < least_minor:
        times *= 10
    return tuple(minor * times for minor in same)


def _same_units(minor: int, campaign_currency: str, currency: str) -> int:
    shift = money.exponent(currency) - money.exponent(campaign_currency)
    return minor * 10**shift if shift > 0 else minor


def require_taken(gift: Money, least: Money, limits: ChargeLimits, charities: int) -> None:
    """Refuse a gift that cards do not take, with a message for the giver. Raises `AmountError`.

    `least` is the smallest gift to one charity; a gift shared over several is a charge for each.
    """
    if gift.minor == 0:
        raise AmountError("Please write an amount above zero.")
    if gift < least:
        raise AmountError(f"The smallest gift we can take is {money.show(least)}.")
    if gift.minor > limits.most_minor:
        most = money.show(Money(limits.most_minor, gift.currency))
        raise AmountError(f"The largest gift we can take by card is {most}. For more, please write to us.")
    if gift.minor % limits.step_minor:
        raise AmountError(_too_fine(gift.currency, limits))
    require_shares_taken(gift, limits, charities)


def require_shares_taken(gift: Money, limits: ChargeLimits, charities: int) -> None:
    """Refuse a gift whose share for one charity is less than cards take. Raises `AmountError`."""
    least = Money(limits.least_minor * charities, gift.currency)
    if gift < least:
        if charities == 1:
            raise AmountError(f"The smallest gift we can take is {money.show(least)}.")
        raise AmountError(
            f"The smallest gift that can be shared over {charities} charities is {money.show(least)}, since each of "
            "them is paid by card. Please give a little more, or choose one of them."
        )


def require_total_taken(total: Money, limits: ChargeLimits) -> None:
    """Refuse a charge that the fee cover makes larger than cards take. Raises `AmountError`."""
    if total.minor > limits.most_minor:
        most = money.show(Money(limits.most_minor, total.currency))
        raise AmountError(
            f"With the card fee added this is {money.show(total)}; cards take at most {most} at once. "
            "Please write a smaller amount, or give without adding the fee."
        )


def _too_fine(currency: str, limits: ChargeLimits) -> str:
    if limits.step_minor >= 10 ** money.exponent(currency):
        return f"Please write a whole number: cards take no smaller part of {money.name(currency)}."
    return "Cards take no third digit after the point here other than 0."
