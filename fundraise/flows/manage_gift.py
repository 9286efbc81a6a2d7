"""What a donor may do about a gift afterwards: change what others see, and have the receipt sent again."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import col, func, select

from fundraise.db import note
from fundraise.donations.questions import locked_donation
from fundraise.donations.rules import read_visibility
from fundraise.donations.tables import DonationState, Donor
from fundraise.errors import Conflict, TooMany
from fundraise.flows.write_to_donor import write_to_donor
from fundraise.outbox import Letter
from fundraise.parts import Parts
from fundraise.staff.rules import note_act

MOST_RECEIPT_LETTERS: Final = 6


def change_visibility(parts: Parts, ref: str, form: Mapping[str, str]) -> None:
    """Change what others see of a paid gift; raises `FieldErrors` and `Conflict`."""
    wish = read_visibility(form)
    with parts.db.write("gift: visibility") as session:
        donation = locked_donation(session, ref)
        if donation.state != DonationState.PAID:
            raise Conflict("Only a paid gift can be shown.")
        donation.show_name, donation.show_amount, donation.show_message = (
            wish.show_name,
            wish.show_amount,
            wish.show_message,
        )
        donation.message = wish.message
        donor = session.get(Donor, donation.donor_id) if donation.donor_id is not None else None
        if donor is None and wish.name:
            donor = Donor(created_at=parts.clock.now())
        if donor is not None:
            donor.name = wish.name
            session.add(donor)
            session.flush()
            donation.donor_id = donor.id
        session.add(donation)
        note(session, "public")


def send_receipt_again(parts: Parts, ref: str, *, by_staff: str = "") -> None:
    """Put the receipt in the outbox once more, for its donor or by somebody's wish; raises `Conflict` and `TooMany`."""
    with parts.db.write("gift: receipt again") as session:
        donation = locked_donation(session, ref)
        donor = session.get(Donor, donation.donor_id) if donation.donor_id is not None else None
        if donation.state != DonationState.PAID or donor is None or not donor.email:
            raise Conflict("There is no receipt to send, or no address to send it to.")
        sent = session.exec(
            select(func.count()).where(col(Letter.donation_id) == donation.id, col(Letter.kind) == "receipt")
        ).one()
        if sent >= MOST_RECEIPT_LETTERS:
            raise TooMany("The receipt was sent several times already. You can print it from this page.")
        write_to_donor(parts, session, "receipt", donation, parts.clock.now(), key=str(sent + 1))
        if by_staff:
            note_act(session, "sent the receipt again", f"donation:{ref}", by=by_staff, at=parts.clock.now())
