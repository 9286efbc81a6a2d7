"""Why a file cannot be read at all."""


class Unreadable(Exception):  # noqa: N818  It is an answer to a person.
    """The whole file is refused; the message is for the person who chose it."""
