"""What every door needs: the parts, and who is knocking."""

from typing import Annotated

from fastapi import Depends, Request

from fundraise.parts import Parts
from fundraise.settings import LOOPBACK_HOSTS


def the_parts(request: Request) -> Parts:
    """Return the parts of this product."""
    parts = request.app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError("the app was made without its parts")
    return parts


async def _parts_at_hand(request: Request) -> Parts:
    """Return the parts in line; an ordinary function would be sent to a thread for every request."""
    return the_parts(request)


def origin_of(request: Request, parts: Parts) -> str:
    """Return a keyed hash of the sender's network address, "" for this machine.

    A proxy that does not pass addresses on makes everybody come from this machine; then nobody is counted, rather
    than everybody as one.
    """
    address = request.client.host if request.client is not None else ""
    if not address or address in LOOPBACK_HOSTS or address == "testclient":
        return ""
    return parts.sealer.origin(address, parts.clock.now())


PartsOf = Annotated[Parts, Depends(_parts_at_hand)]
