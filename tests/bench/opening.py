"""Opening the product's parts for a measurement."""

from collections.abc import Iterator
from contextlib import contextmanager

from fundraise.assembly import build_parts
from fundraise.parts import Parts
from fundraise.payments import PaymentGateway
from fundraise.settings import Settings


@contextmanager
def parts_of(settings: Settings, payments: PaymentGateway | None = None) -> Iterator[Parts]:
    """Give the parts of the product on a database."""
    parts = build_parts(settings, payments=payments)
    try:
        yield parts
    finally:
        parts.db.close()
