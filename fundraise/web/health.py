"""Whether the process is alive, and whether it keeps up."""

import logging
from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse

from fundraise import inbox
from fundraise.doors import PartsOf

logger = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
# Alarm on the age of unhandled work, not on exceptions.
OLDEST_NOTICE: Final = timedelta(minutes=5)


@router.get("/healthz")
def healthz() -> PlainTextResponse:
    """Answer as long as the process can."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def readyz(parts: PartsOf) -> PlainTextResponse:
    """Answer 503 when the database does not answer, or when a notice of Stripe's lies unhandled for five minutes.

    One that was given up counts until a person decides about it: an alarm that ends by itself is heard by nobody.
    """
    try:
        with parts.db.read() as session:
            oldest = inbox.oldest_unhandled(session)
    except SQLAlchemyError as problem:
        logger.warning("not ready: %s", type(problem).__name__)
        return PlainTextResponse("the database does not answer", 503)
    if oldest is not None and parts.clock.now() - oldest > OLDEST_NOTICE:
        return PlainTextResponse("notices wait since " + oldest.isoformat(timespec="seconds"), 503)
    return PlainTextResponse("ok")
