"""Differences in a treasurer's words: what each is, which side knows of the money, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

# Where the money is known: only at Stripe or the bank, only in our books, or on both sides with another amount.
Side = Literal["there", "here", "both"]


@dataclass(frozen=True, slots=True)
class DifferenceWords:
    """A name, what it means, and the next step."""

    title: str
    side: Side
    meaning: str
    step: str


W = DifferenceWords
WORDS: Final[Mapping[str, DifferenceWords]] = {
    "MISSING_WEBHOOK": W(
        "Payment that no message told us of",
        "there",
        "Stripe took a gift, and its message did not reach us. Reconciliation fetched and booked it.",
        "Nothing to do for this one. If it happens often, ask whoever runs this site to check the webhook at Stripe.",
    ),
    "ORPHAN_CHARGE": W(
        "Payment that is no gift of ours",
        "there",
        "Somebody paid into this Stripe account without one of our pages: by an invoice, a payment link, another shop.",
        "Look the payment up at Stripe. Explain what it is, for instance “bar takings”, and book it in your accounts; "
        "here it stays in suspense (2900), outside every total.",
    ),
    "NO_BALANCE_TXN": W(
        "Gift paid, but not in the Stripe balance",
        "here",
        "Our books have the gift, and two days later Stripe’s balance still shows nothing of it.",
        "Open the gift and look its charge up at Stripe. If it is not there, ask Stripe’s support.",
    ),
    "AMOUNT_MISMATCH": W(
        "Paid another amount than was asked",
        "both",
        "The amount that Stripe took is not the one that the donor chose here.",
        "Compare both sides. Take it into the books as what was paid, or refund it at Stripe.",
    ),
    "CURRENCY_MISMATCH": W(
        "Paid in another currency than was asked",
        "both",
        "The currency that Stripe took is not the one that the donor chose here.",
        "Compare both sides. Take it into the books as what was paid, or refund it at Stripe.",
    ),
    "ACCOUNT_MIX": W(
        "Paid into another charity’s account",
        "both",
        "A payment names a gift to one charity and lies in the Stripe account of another.",
        "The money belongs to whoever’s account it lies in. Refund it at Stripe and ask the donor to give again, or "
        "agree with both charities and explain it.",
    ),
    "MODE_MIX": W(
        "Test payment among real ones",
        "both",
        "A payment made with test cards came to an account for real money, or the reverse. No real money moved.",
        "Explain it. If it comes again, ask whoever runs this site which keys the account uses.",
    ),
    "DUPLICATE_DONATION": W(
        "One gift paid twice",
        "there",
        "A second payment came for a gift that was paid already.",
        "Ask the donor. Take it into the books as a second gift, or refund it at Stripe.",
    ),
    "ARITHMETIC": W(
        "Stripe’s own figures do not add up",
        "both",
        "Amount less fee is not what Stripe says the net is.",
        "Reconcile once more. If it stays, send Stripe’s support the id below.",
    ),
    "NET_MISMATCH": W(
        "Settled at Stripe, not in the books",
        "there",
        "Stripe added a gift to the balance, and our books have no entry of that.",
        "Reconcile once more; it fetches the gift again. If it stays, tell whoever runs this site.",
    ),
    "FEE_BREAKDOWN": W(
        "Parts of a fee that do not add up",
        "both",
        "The parts Stripe names of a fee come to another sum than the fee.",
        "The whole fee is booked. Explain it, or ask Stripe’s support with the id below.",
    ),
    "FEE_UNEXPECTED": W(
        "Fee much higher than usual",
        "there",
        "The fee of a gift is more than four times what this account usually pays.",
        "Look at the payment at Stripe: a card from abroad, a conversion, or a new tariff. Then explain it.",
    ),
    "FEE_UNALLOCATED": W(
        "Fee that belongs to no gift",
        "there",
        "Stripe took a fee of its own, such as for fraud checks or billing. It is booked with the card fees (5110).",
        "Look at Stripe’s invoice and explain what it was for.",
    ),
    "FX_ROUNDING": W(
        "Conversion off by a little",
        "both",
        "A converted gift arrived with a few pence more or less than Stripe’s rate says.",
        "The amount that arrived is booked. Explain it as rounding.",
    ),
    "FX_UNEXPECTED": W(
        "Conversion at another rate",
        "both",
        "A converted gift arrived at another rate than the one Stripe names beside it.",
        "The amount that arrived is booked. Ask Stripe’s support with the id below, then explain it.",
    ),
    "REFUND_NOT_RECORDED": W(
        "Refund at Stripe, not in the books",
        "there",
        "Money went back to a payer, and no gift here knows of it.",
        "If it was a refund of something else, explain it. If it was of a gift, reconcile once more.",
    ),
    "REFUND_FAILED": W(
        "Refund that did not reach the donor",
        "both",
        "The donor’s bank did not take the refund, often because the card was closed. The money is back at Stripe and "
        "counts again.",
        "Ask the donor for another way to pay it back, and explain how you did.",
    ),
    "REFUND_PENDING_LONG": W(
        "Refund pending for long",
        "here",
        "Stripe has not sent a refund for ten days. Usually the Stripe balance is too low.",
        "Look at the balance at Stripe, and add money to it or wait for the next gifts.",
    ),
    "OVER_REFUND": W(
        "More went back than was given",
        "both",
        "A gift was refunded and its bank took it back as well.",
        "Answer the dispute at Stripe with the proof of the refund.",
    ),
    "DISPUTE_NOT_RECORDED": W(
        "Dispute at Stripe, not in the books",
        "there",
        "A bank took a payment back, and no gift here knows of it.",
        "Look it up at Stripe. If it is about something else than a gift, explain it.",
    ),
    "DISPUTE_OPEN": W(
        "Dispute that waits for an answer",
        "both",
        "A donor’s bank asks for a gift back. Until it decides the gift counts, marked.",
        "Answer at Stripe before the day named there: send the receipt, or accept and let it go.",
    ),
    "DELAYED_PAYMENT_FAILED": W(
        "Bank debit failed after it was confirmed",
        "both",
        "A bank debit had been called paid, and failed days later. The total no longer has it.",
        "Write to the donor: they have a receipt for a gift that did not arrive.",
    ),
    "PAYOUT_SUM": W(
        "Payout that is not the sum of its lines",
        "both",
        "What Stripe says a payout is made of comes to another amount.",
        "Reconcile once more tomorrow. If it stays, ask Stripe’s support with the payout’s id.",
    ),
    "PAYOUT_NOT_ITEMISED": W(
        "Payout without its lines",
        "there",
        "Stripe does not say what a payout is made of. That is so for payouts made by hand.",
        "Let Stripe pay out by itself (Settings, Payouts), and explain this one.",
    ),
    "PAYOUT_OVERDUE": W(
        "Payout that should have arrived",
        "here",
        "A payout’s day has passed by more than five business days, and Stripe does not call it paid.",
        "Give your bank the payout’s trace id, which stands on its page.",
    ),
    "PAYOUT_FAILED": W(
        "Payout that failed",
        "both",
        "The bank did not take a payout. The money is back in the Stripe balance.",
        "Check the bank details at Stripe. Once a later payout has arrived, explain this one.",
    ),
    "PAYOUT_PAID_THEN_FAILED": W(
        "Payout that failed after it was paid",
        "both",
        "Stripe had called a payout paid, and the bank sent it back. The money is in the Stripe balance again.",
        "Check the bank details at Stripe. If the bank shows the money coming and going, match both lines with the "
        "payout. Then explain this one.",
    ),
    "PAYOUT_CANCELED": W(
        "Payout that was cancelled",
        "both",
        "A payout was called off before it left. The money is in the Stripe balance again.",
        "Explain who called it off and why.",
    ),
    "PAYOUT_REVERSED": W(
        "Payout that came back",
        "there",
        "Money of a payout returned to the Stripe balance, and the payout is not called failed.",
        "Look the payout up at Stripe, and explain what happened.",
    ),
    "PAYOUT_NEGATIVE": W(
        "Stripe takes money from the bank",
        "here",
        "Refunds and disputes came to more than gifts, so Stripe takes the rest from your bank account.",
        "See that there is enough in the account. It closes by itself when Stripe has it.",
    ),
    "BANK_CREDIT_MISSING": W(
        "Payout that is not on the bank statement",
        "here",
        "Stripe says a payout arrived, and no line of the bank shows it.",
        "Import the newest statement. If it is not there, give your bank the payout’s trace id.",
    ),
    "BANK_CREDIT_UNMATCHED": W(
        "Bank line that fits no payout",
        "there",
        "A line on the bank statement names Stripe, and it is not clear which payout it is.",
        "Open the line. Say which payout it is; if it is something else, explain it.",
    ),
    "BANK_CREDIT_LATE": W(
        "Bank line later than banks take",
        "there",
        "A line has the amount of a payout that should have arrived long before.",
        "Open the line. If it is that payout, say so there.",
    ),
    "BANK_CREDIT_AMOUNT": W(
        "Bank line with another amount",
        "both",
        "A line looks like a payout, but the amount differs. The bank may have taken a charge.",
        "Ask the bank for the single movements, and explain the difference.",
    ),
    "BANK_CREDIT_MERGED": W(
        "Several payouts in one bank line",
        "both",
        "A line is the sum of several payouts.",
        "Ask the bank for the single movements, or explain which payouts it is.",
    ),
    "BANK_CREDIT_SPLIT": W(
        "One payout in several bank lines",
        "both",
        "Two lines together are one payout.",
        "Ask the bank for the single movement, or explain which lines they are.",
    ),
    "BANK_CREDIT_WRONG_ACCOUNT": W(
        "Payout on another one’s bank account",
        "there",
        "A line has the amount and the day of a payout that belongs to somebody else.",
        "Check at Stripe which bank account each charity’s payouts go to, and pass the money on.",
    ),
    "BANK_MATCH_OF_FAILED_PAYOUT": W(
        "Bank line matched with a payout that failed",
        "both",
        "A payout is matched with a bank line, and Stripe says now that it failed.",
        "If the bank shows the money going back, match that line with the payout. If it never came, undo the match.",
    ),
    "RESERVE_HELD": W(
        "Money that Stripe holds back",
        "there",
        "Stripe keeps a part of the balance as a reserve.",
        "Look at Stripe’s message about it, and explain until when it is held.",
    ),
    "BALANCE_NEGATIVE": W(
        "Stripe balance below zero",
        "both",
        "More went back than came in. Stripe will take the rest from the bank or from the next gifts.",
        "See that there is enough in the bank account. It closes by itself.",
    ),
    "TOPUP": W(
        "Money paid into the Stripe balance",
        "there",
        "Somebody added money to the Stripe balance from a bank account.",
        "Explain who paid it in and what for.",
    ),
    "UNCLASSIFIED": W(
        "Movement of an unknown kind",
        "there",
        "Stripe’s balance moved for a reason that this program does not know. It is booked in suspense.",
        "Look it up at Stripe and explain what it is.",
    ),
    "ROLLFORWARD_BREAK": W(
        "The balance does not roll forward",
        "both",
        "Opening and all movements do not come to what Stripe says it holds.",
        "Ask whoever runs this site to run: fundraise reconcile --since the day the account was connected.",
    ),
    "LEDGER_DIFFERS": W(
        "Books and movements differ",
        "both",
        "Account 1110 of the books is not the sum of the movements at Stripe.",
        "Reconcile once more. If it stays, ask whoever runs this site to run: fundraise check.",
    ),
    "OPENING_BALANCE": W(
        "Money from before we were connected",
        "there",
        "Stripe held money before this program was connected. Our books begin with it, in suspense.",
        "Say where it stands in your accounts, and explain it with that.",
    ),
}
_UNKNOWN: Final = W(
    "Something that does not agree",
    "both",
    "What Stripe, the bank and the books say is not the same.",
    "Look at the details below, and explain it once you know.",
)


def words_for(code: str) -> DifferenceWords:
    """Return the words of a difference's name."""
    return WORDS.get(code, _UNKNOWN)
