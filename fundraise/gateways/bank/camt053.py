"""Reading camt.053, the bank-to-customer statement of ISO 20022, in every version from 02 on.

The file is read as a stream: no tree is built, no document type is taken, no entity is known but XML's own five, and
nothing is fetched. Namespaces are not asked for, since banks get them wrong, but a file that says it is another message
is refused by name. What the fields mean: treasury B.3 (the booked amount is the entry's own `Amt`, never that of its
details; its sign is `CdtDbtInd` alone, for reversals too; only what is booked counts; one entry is one line).
"""

from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from fundraise.gateways.bank.camt_entries import Entry, Statement
from fundraise.gateways.bank.refusals import Unreadable
from fundraise.gateways.bank.texts import left_out
from fundraise.statements.vocabulary import MOST_LINES, FileRead, Format, Problem, ReadAs

_DEEPEST: Final = 64
_LONGEST_FIELD: Final = 4000
_AT_ONCE: Final = 64 * 1024
_STATEMENTS: Final = "BkToCstmrStmt"
_OTHER_MESSAGES: Final = {
    "BkToCstmrAcctRpt": "This is a camt.052, the report of a day that goes on. Please export the statement, camt.053.",
    "BkToCstmrDbtCdtNtfctn": "This is a camt.054, a notice of payments. Please export the statement, camt.053.",
    "CstmrCdtTrfInitn": "This is a payment order (pain.001), not a statement. Please export camt.053.",
    "CstmrDrctDbtInitn": "This is a direct debit order (pain.008), not a statement. Please export camt.053.",
    "CstmrPmtStsRpt": "This is a report on payment orders (pain.002), not a statement. Please export camt.053.",
}
_CUT_OFF: Final = frozenset(
    {
        expat.errors.codes[getattr(expat.errors, name)]
        for name in ("XML_ERROR_NO_ELEMENTS", "XML_ERROR_UNCLOSED_TOKEN", "XML_ERROR_UNCLOSED_CDATA_SECTION",
                     "XML_ERROR_PARTIAL_CHAR")
    }
)  # fmt: skip


def read_camt053(raw: bytes, read_as: ReadAs) -> FileRead:
    """Return what the file says; raises `Unreadable`."""
    stream = _Stream(read_as)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _AT_ONCE
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.EntityDeclHandler = _refuse_document_type
    parser.StartElementHandler = stream.opens
    parser.EndElementHandler = stream.closes
    parser.CharacterDataHandler = stream.says
    try:
        for start in range(0, len(raw), _AT_ONCE):
            parser.Parse(raw[start : start + _AT_ONCE], False)
        parser.Parse(b"", True)
    except expat.ExpatError as problem:
        if problem.code in _CUT_OFF:
            raise Unreadable(
                f"The file ends in the middle (line {problem.lineno}): it was cut off. Please download it again."
            ) from None
        why = expat.ErrorString(problem.code)
        raise Unreadable(f"The file is damaged in line {problem.lineno}: {why}. Please download it again.") from None
    except (LookupError, ValueError):  # An encoding that Python does not know, or cannot be told letter by letter.
        raise Unreadable("The file is written in an encoding we do not know. Please export it as UTF-8.") from None
    return stream.file()


def _refuse_document_type(*_: object) -> None:
    raise Unreadable(
        "The file brings a document type (DTD) of its own. No bank's statement has one; it is not read for safety."
    )


class _Stream:
    """What has been read so far."""

    def __init__(self, read_as: ReadAs) -> None:
        self._read_as = read_as
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._attributes: Mapping[str, str] = {}
        self._statement: Statement | None = None
        self._entry: Entry | None = None
        self._entries = 0
        self._statements: list[Statement] = []

    def opens(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._path.append(name)
        depth = len(self._path)
        if depth > _DEEPEST:
            raise Unreadable("The file is nested deeper than any statement. It is not read for safety.")
        if depth == 1:
            _require_document(name, attributes)
        elif depth == 2:  # noqa: PLR2004  Below the document stands the message.
            _require_message(name)
        elif depth == 3 and name == "Stmt":  # noqa: PLR2004
            self._statement = Statement(len(self._statements) + 1)
        elif depth == 4 and name == "Ntry":  # noqa: PLR2004
            self._entries += 1
            if self._entries > MOST_LINES:
                raise Unreadable(f"The file has more than {MOST_LINES:,} entries. Please export a shorter period.")
            self._entry = Entry(self._entries)
        self._text.clear()
        self._length = 0
        self._attributes = attributes

    def says(self, text: str) -> None:
        if self._length < _LONGEST_FIELD:
            self._text.append(text)
            self._length += len(text)

    def closes(self, tag: str) -> None:
        if self._statement is not None:
            self._field()
        name = tag.rpartition(":")[2]
        depth = len(self._path)
        if depth == 4 and name == "Ntry" and self._statement is not None and self._entry is not None:  # noqa: PLR2004
            self._statement.take(self._entry, self._read_as)
            self._entry = None
        elif depth == 3 and name == "Stmt" and self._statement is not None:  # noqa: PLR2004
            self._statements.append(self._statement)
            self._statement = None
        self._path.pop()
        self._text.clear()
        self._length = 0
        self._attributes = {}

    def _field(self) -> None:
        text = "".join(self._text)[:_LONGEST_FIELD].strip()
        if not text or self._statement is None:
            return
        if self._entry is not None:
            self._entry.says(tuple(self._path[4:]), text, self._attributes)
        else:
            self._statement.says(tuple(self._path[3:]), text, self._attributes)

    def file(self) -> FileRead:
        """Return all that was read."""
        if not self._statements:
            raise Unreadable("The file holds no statement.")
        for statement in self._statements:
            statement.end(self._read_as)
        pending = sum(statement.pending for statement in self._statements)
        nothing = sum(statement.nothing for statement in self._statements)
        problems: list[Problem] = [problem for statement in self._statements for problem in statement.problems]
        return FileRead(
            Format.CAMT053,
            statements=tuple(statement.read() for statement in self._statements),
            problems=tuple(problems),
            notes=left_out(pending, nothing),
        )


def _require_document(name: str, attributes: Mapping[str, str]) -> None:
    if name != "Document":
        raise Unreadable(f"This is an XML file of another kind ({name[:40]}). Please export camt.053 or CSV.")
    for key, value in attributes.items():
        is_default = key == "xmlns" or key.startswith("xmlns:")
        if is_default and "iso:20022" in value and "camt.053." not in value:
            kind = value.rpartition(":")[2]
            other = next((text for text in _OTHER_MESSAGES.values() if kind[:8] in text), "")
            raise Unreadable(other or f"The file says it is {kind[:40]}. Please export the statement, camt.053.")


def _require_message(name: str) -> None:
    if name != _STATEMENTS:
        raise Unreadable(
            _OTHER_MESSAGES.get(name, f"This is a message of another kind ({name[:40]}). Please export camt.053.")
        )
