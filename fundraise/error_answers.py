"""Refusals and faults, said to a person on a page or to a program as JSON. Nothing of the inside is ever shown."""

import logging
import secrets
from datetime import datetime

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse

from fundraise.api.schemas import error, error_of_fields
from fundraise.doors import the_parts
from fundraise.errors import FieldErrors, Refusal
from fundraise.settings import Settings
from fundraise.views.error_pages import ErrorPage
from fundraise.web.pages import draw

logger = logging.getLogger(__name__)
_DRAWN = frozenset({403, 404, 409, 413, 422, 429, 500, 503})
_WORDS = {
    400: "This request could not be read.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    422: "This request could not be understood.",
}


def install(app: FastAPI) -> None:
    """Let the app answer refusals and faults with words."""

    @app.exception_handler(Refusal)
    def refused(request: Request, problem: Refusal) -> Response:
        return _answer(request, problem)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, problem: HTTPException) -> Response:
        words = _WORDS.get(problem.status_code, "This could not be done.")
        said = _answer(request, refusal(problem.status_code, words, code="http"))
        said.headers.update(problem.headers or {})  # A 405 names the methods that are taken.
        return said

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, problem: RequestValidationError) -> Response:
        first = next(iter(problem.errors()), {"loc": (), "msg": ""})
        field = str(first["loc"][-1]) if first["loc"] else None
        return _answer(request, refusal(422, str(first["msg"]) or _WORDS[422], code="invalid", field=field))

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(Exception)
    def fault(request: Request, problem: Exception) -> Response:
        parts = the_parts(request)
        return fault_said(parts.settings, parts.clock.now(), request.url.path, problem)


def _answer(request: Request, problem: Refusal) -> Response:
    parts = the_parts(request)
    return refusal_said(parts.settings, parts.clock.now(), request.url.path, problem)


def refusal(status: int, message: str, *, code: str, field: str | None = None) -> Refusal:
    """Return a refusal with a status that has no class of its own."""
    made = Refusal(message, field=field, code=code)
    made.status = status
    return made


def refusal_said(settings: Settings, now: datetime, path: str, problem: Refusal, reference: str = "") -> Response:
    """Say no: to a program as JSON, to a person on a page that begins with the message ("": with its own words)."""
    headers = {"Cache-Control": "no-store"}
    if path == "/api" or path.startswith("/api/"):
        if isinstance(problem, FieldErrors):
            return JSONResponse(error_of_fields(problem.errors), problem.status, headers)
        return JSONResponse(error(problem.code, problem.message, problem.field), problem.status, headers)
    is_payment = path.endswith(("/give", "/pay"))
    page = ErrorPage(sentence=problem.message, reference=reference, is_payment=is_payment)
    template = f"errors/{problem.status if problem.status in _DRAWN else 422}.html"
    return HTMLResponse(draw(settings, template, page, now), problem.status, headers)


def fault_said(settings: Settings, now: datetime, path: str, problem: Exception) -> Response:
    """Log what broke under a reference, and say the reference alone."""
    reference = secrets.token_hex(4)
    logger.error("fault %s at %s", reference, path.split("/")[1:2], exc_info=problem)
    words = f"Something went wrong here. Please quote {reference}." if path.startswith("/api/") else ""
    return refusal_said(settings, now, path, refusal(500, words, code="fault"), reference)
