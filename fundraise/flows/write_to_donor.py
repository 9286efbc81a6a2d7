"""Noting a letter to the donor of a gift."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session

from fundraise import outbox, plain
from fundraise.donations.tables import Donation
from fundraise.parts import Parts


def write_to_donor(
    parts: Parts, session: Session, kind: str, donation: Donation, now: datetime, *, key: str = "", about: str = ""
) -> None:
    """Note a letter to the donor, if they left an address."""
    if plain.ask(session, "SELECT id FROM donor WHERE id = :id AND email <> ''", {"id": donation.donor_id}):
        host = urlsplit(parts.settings.base_url).hostname or "localhost"
        name = f"{kind}:{donation.ref}" + (f":{key}" if key else "")
        outbox.write(session, name, kind, donation_id=donation.id, about=about, host=host, now=now)
