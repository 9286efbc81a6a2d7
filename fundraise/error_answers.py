"""Refusals and faults, said to a person on a page or to a program as JSON. Nothing of the inside is ever shown."""

import logging
import secrets

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from fundraise.api.schemas import error
from fundraise.doors import the_parts
from fundraise.errors import Refusal
from fundraise.parts import Parts
from fundraise.web.pages import answer
from fundraise.web.views.error_pages import ErrorPage

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
        return _answer(request, problem.status, problem.message, problem.code, problem.field)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, problem: HTTPException) -> Response:
        words = _WORDS.get(problem.status_code, "This could not be done.")
        return _answer(request, problem.status_code, words, "http", None)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, problem: RequestValidationError) -> Response:
        first = next(iter(problem.errors()), {"loc": (), "msg": ""})
        field = str(first["loc"][-1]) if first["loc"] else None
        return _answer(request, 422, str(first["msg"]) or _WORDS[422], "invalid", field)

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(Exception)
    def fault(request: Request, problem: Exception) -> Response:
        reference = secrets.token_hex(4)
        logger.error("fault %s at %s", reference, request.url.path.split("/")[1:2], exc_info=problem)
        return _answer(request, 500, "", "fault", None, reference)


def _answer(request: Request, status: int, message: str, code: str, field: str | None, reference: str = "") -> Response:
    if request.url.path.startswith("/api/"):
        words = message or f"Something went wrong here. Please quote {reference}."
        return JSONResponse(error(code, words, field), status)
    parts: Parts = the_parts(request)
    page = ErrorPage(sentence=message, reference=reference, is_payment=request.url.path.endswith(("/give", "/pay")))
    template = f"errors/{status if status in _DRAWN else 422}.html"
    return answer(parts, template, page, status=status, private=True)
