"""Refusals that reach a person, and the one base they share.

A `Refusal` is an answer, not a fault: the request was understood and the product says no, in words meant for the
person who asked. Doors turn it into a page or a JSON error; nothing else is ever shown to a user.
"""


class Refusal(Exception):  # noqa: N818  It is an answer to a person, not an error of the program.
    """The product says no; `message` is for the person, `field` names where they are looking."""

    status = 422
    code = "refused"

    def __init__(self, message: str, *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if code is not None:
            self.code = code


class NotFound(Refusal):
    """There is nothing here, or nothing this person may see; both look alike."""

    status = 404
    code = "not_found"


class Conflict(Refusal):
    """The thing is in a state that does not allow this, or the same key came with other content."""

    status = 409
    code = "conflict"


class TooMany(Refusal):
    """The person, or their network, has asked too often."""

    status = 429
    code = "too_many"


class Unavailable(Refusal):
    """A service we stand on does not answer; nothing was taken."""

    status = 503
    code = "unavailable"


class FieldErrors(Refusal):
    """Several fields of one form are wrong; `errors` maps each field's name to its message."""

    code = "invalid"

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("Please check the fields marked below.")
        self.errors = errors


class SetupError(Exception):
    """The product refuses to start or to run a command; the message says what is wrong and the way out."""
