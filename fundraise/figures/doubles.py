"""Gifts that may be one gift made twice: alike in amount, charity and campaign, soon after each other, by one person.

Both are real and both count; a person decides whether one goes back. Who is known by an address is compared by it over
an hour; who is not, by the network they came from, over minutes, since a whole hall may share one.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, text
from sqlmodel import Session

_EARLIER: Final = {"sqlite": "datetime({0}, '-{1} minutes')", "postgresql": "({0} - interval '{1} minutes')"}
_LATER: Final = {"sqlite": "datetime({0}, '+{1} minutes')", "postgresql": "({0} + interval '{1} minutes')"}
_BY_ADDRESS_MINUTES: Final = 60
_BY_NETWORK_MINUTES: Final = 3
_PAIRS: Final = (
    "SELECT d.id, o.ref FROM donation d JOIN donation o ON o.campaign_id = d.campaign_id AND o.id <> d.id "
    "AND o.paid_at BETWEEN {earlier} AND {later} AND o.state = 'paid' AND o.currency = d.currency "
    "AND o.gift_minor = d.gift_minor AND o.beneficiary_body_id = d.beneficiary_body_id "
    "AND o.group_ref <> d.group_ref "
    "LEFT JOIN donor x ON x.id = d.donor_id LEFT JOIN donor y ON y.id = o.donor_id "
    "WHERE d.id IN :ids AND d.state = 'paid' AND ("
    "(COALESCE(x.email, '') <> '' AND LOWER(x.email) = LOWER(y.email)) OR "
    "(COALESCE(x.email, '') = COALESCE(y.email, '') AND d.origin <> '' AND d.origin = o.origin "
    "AND o.paid_at BETWEEN {just_before} AND {just_after})) ORDER BY d.id, o.id"
)


def doubles_of(session: Session, donation_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return, by donation, the references of the gifts it may be a double of."""
    if not donation_ids:
        return {}
    dialect = session.get_bind().dialect.name
    statement = text(
        _PAIRS.format(
            earlier=_EARLIER[dialect].format("d.paid_at", _BY_ADDRESS_MINUTES),
            later=_LATER[dialect].format("d.paid_at", _BY_ADDRESS_MINUTES),
            just_before=_EARLIER[dialect].format("d.paid_at", _BY_NETWORK_MINUTES),
            just_after=_LATER[dialect].format("d.paid_at", _BY_NETWORK_MINUTES),
        )
    ).bindparams(bindparam("ids", expanding=True))
    found: dict[int, list[str]] = defaultdict(list)
    for donation_id, ref in session.execute(statement, {"ids": list(donation_ids)}):
        found[donation_id].append(ref)
    return dict(found)
