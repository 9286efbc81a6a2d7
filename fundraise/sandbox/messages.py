"""What goes in and out of the sandbox: a request, a reply, and Stripe's errors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any

Obj = dict[str, Any]
"""One object as Stripe's API writes it. Keys that begin with `_` are the sandbox's own and never leave it."""

API_VERSION = "2026-10-28.endive"
"""The one version the sandbox speaks (the version stripe-python 16.1 pins)."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One call to the API.

    `path` has no query; `query` and `body` are the raw bytes of form data; header names may be in any case.
    """

    method: str
    path: str
    query: bytes = b""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", {name.lower(): value for name, value in self.headers.items()})


@dataclass(slots=True)
class Mishap:
    """How the web app should spoil a reply on its way out (faults that a pure function cannot show by itself)."""

    hang_seconds: float = 0.0
    cut_short: bool = False
    disconnect: bool = False


@dataclass(slots=True)
class ApiReply:
    """One answer: status, headers and the JSON body as bytes."""

    status: int
    headers: dict[str, str]
    body: bytes
    mishap: Mishap | None = None

    def json(self) -> Obj:
        """Return the body as a dict. Raises ValueError where a fault made it malformed."""
        return json.loads(self.body)  # type: ignore[no-any-return]


class StripeError(Exception):
    """An error in Stripe's shape; raising it ends the call with `status` and `{"error": {...}}`.

    `executed` says that the endpoint had begun, so that the answer is kept for its idempotency key.
    Source: https://docs.stripe.com/api/errors
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = True,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        self.error: Obj = {"message": message, "type": kind}
        if code is not None:
            self.error["code"] = code
            self.error["doc_url"] = "https://stripe.com/docs/error-codes/" + code.replace("_", "-")
        if param is not None:
            self.error["param"] = param
        self.error.update(more)


def missing_object(what: str, object_id: str, *, param: str = "id", status: int = 404) -> StripeError:
    """`No such charge: 'ch_…'`; 404 for an id in the path, 400 for one in a parameter."""
    return StripeError(f"No such {what}: '{object_id}'", status=status, code="resource_missing", param=param)


def unknown_parameter(names: list[str]) -> StripeError:
    """Stripe names every parameter it does not know; the first is `param`."""
    word = "parameter" if len(names) == 1 else "parameters"
    return StripeError(
        f"Received unknown {word}: {', '.join(names)}", code="parameter_unknown", param=names[0], executed=False
    )


def missing_parameter(name: str) -> StripeError:
    """Return the error for a required parameter that is absent."""
    return StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name, executed=False)


def invalid_parameter(message: str, name: str, code: str | None = None) -> StripeError:
    """Return the error for a value that the operation does not take."""
    return StripeError(message, code=code, param=name, executed=False)


def check_types(made: object, pattern: object) -> None:
    """Hold each field of a dataclass against the kind of value that `pattern` has there. Raises ControlError."""
    for one in fields(pattern):  # type: ignore[arg-type]
        value, usual = getattr(made, one.name), getattr(pattern, one.name)
        kinds = (int, float) if isinstance(usual, float) else (type(usual),)
        if not isinstance(value, kinds) or (isinstance(value, bool) and not isinstance(usual, bool)):
            raise ControlError(f"{one.name} must be like {usual!r}, not {value!r}")


class ControlError(Exception):
    """A control-plane request that cannot be done; `status` is the HTTP status to answer with."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
