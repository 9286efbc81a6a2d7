"""The chart of accounts, the part of it that is in use. Numbers and names follow the usual charity layout."""

from enum import StrEnum


class Account(StrEnum):
    """An account's number; debits are positive amounts and credits negative, on every account."""

    BANK = "1010"
    STRIPE_BALANCE = "1110"
    STRIPE_FEE_UNKNOWN = "1115"
    PAYOUTS_IN_TRANSIT = "1120"
    DISPUTED_FUNDS = "1130"
    DUE_TO_CHARITY = "2310"
    UNCONFIRMED_DEBITS = "2420"
    SUSPENSE_RECEIPTS = "2900"
    SUSPENSE_PAYMENTS = "2910"
    ONLINE_GIFTS = "4110"
    FEE_COVER = "4120"
    CARD_FEES = "5110"
    DISPUTE_FEES = "5120"
    BANK_CHARGES = "5140"
    GRANTS_TO_PARTNERS = "5210"
    EXCHANGE_LOSS = "5310"
    EXCHANGE_GAIN = "5320"


# What a Stripe account holds, or has on its way; lines there name the account.
HELD_AT_STRIPE = frozenset(
    {
        Account.STRIPE_BALANCE,
        Account.STRIPE_FEE_UNKNOWN,
        Account.PAYOUTS_IN_TRANSIT,
        Account.DISPUTED_FUNDS,
        Account.UNCONFIRMED_DEBITS,
    }
)

NAMES: dict[Account, str] = {
    Account.BANK: "Bank",
    Account.STRIPE_BALANCE: "Stripe balance",
    Account.STRIPE_FEE_UNKNOWN: "Stripe, fee not yet known",
    Account.PAYOUTS_IN_TRANSIT: "Payouts in transit",
    Account.DISPUTED_FUNDS: "Disputed funds",
    Account.DUE_TO_CHARITY: "Due to charity",
    Account.UNCONFIRMED_DEBITS: "Unconfirmed debits",
    Account.SUSPENSE_RECEIPTS: "Suspense: unidentified receipts",
    Account.SUSPENSE_PAYMENTS: "Suspense: unidentified payments",
    Account.ONLINE_GIFTS: "Online gifts",
    Account.FEE_COVER: "Fee cover by donors",
    Account.CARD_FEES: "Card fees",
    Account.DISPUTE_FEES: "Dispute fees",
    Account.BANK_CHARGES: "Bank charges",
    Account.GRANTS_TO_PARTNERS: "Grants to partners",
    Account.EXCHANGE_LOSS: "Exchange loss",
    Account.EXCHANGE_GAIN: "Exchange gain",
}
