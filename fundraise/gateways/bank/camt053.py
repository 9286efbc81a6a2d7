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
from fundraise.statements.vocabulary import IN_PARTS, MOST_LINES, FileRead, Format, Problem, ReadAs

_DEEPEST: Final = 64
_TOO_DEEP: Final = "The file is nested deeper than any statement. It is not read for safety."
_LONGEST_FIELD: Final = 4000
_AT_ONCE: Final = 64 * 1024
# Below the document stands the message, in it the statements, in these the entries.
_MESSAGE_DEPTH: Final = 2
_STATEMENT_DEPTH: Final = 3
_ENTRY_DEPTH: Final = 4
# What is read of an entry, by depth; where it stands is asked when it is kept. Everything else is passed over.
_OF_AN_ENTRY: Final[Mapping[int, frozenset[str]]] = {
    5: frozenset({"Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "AcctSvcrRef", "NtryDtls", "AddtlNtryInf"}),
    6: frozenset({"Cd", "Dt", "DtTm", "TxDtls"}),
    7: frozenset({"RltdPties", "RmtInf", "AddtlTxInf", "Refs"}),
    8: frozenset({"Dbtr", "Cdtr", "Ustrd", "Strd", "EndToEndId", "AcctSvcrRef"}),
    9: frozenset({"Nm", "Pty", "CdtrRefInf"}),
    10: frozenset({"Nm", "Ref"}),
}
_NO_ATTRIBUTES: Final[Mapping[str, str]] = {}
_STATEMENTS: Final = "BkToCstmrStmt"
_OTHER_MESSAGES: Final = {
    "BkToCstmrAcctRpt": "This is a camt.052, the report of a day that goes on. Please export the statement, camt.053.",
    "BkToCstmrDbtCdtNtfctn": "This is a camt.054, a notice of payments. Please export the statement, camt.053.",
    "CstmrCdtTrfInitn": "This is a payment order (pain.001), not a statement. Please export camt.053.",
    "CstmrDrctDbtInitn": "This is a direct debit order (pain.008), not a statement. Please export camt.053.",
    "CstmrPmtStsRpt": "This is a report on payment orders (pain.002), not a statement. Please export camt.053.",
}
_NO_MEMORY: Final = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
_CUT_OFF: Final = frozenset(
    {
        expat.errors.codes[getattr(expat.errors, name)]
        for name in ("XML_ERROR_NO_ELEMENTS", "XML_ERROR_UNCLOSED_TOKEN", "XML_ERROR_UNCLOSED_CDATA_SECTION",
                     "XML_ERROR_PARTIAL_CHAR")
    }
)  # fmt: skip


def read_camt053(raw: bytes, read_as: ReadAs) -> FileRead:
    """Return what the file says; raises `Unreadable`."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _AT_ONCE
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.EntityDeclHandler = _refuse_document_type
    stream = _Stream(parser, read_as)
    try:
        for start in range(0, len(raw), _AT_ONCE):
            parser.Parse(raw[start : start + _AT_ONCE], False)
        parser.Parse(b"", True)
    except expat.ExpatError as problem:
        if problem.code == _NO_MEMORY:
            raise MemoryError from None
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

    def __init__(self, parser: expat.XMLParserType, read_as: ReadAs) -> None:
        self._read_as = read_as
        self._passed_over = 0
        self._path: list[str] = []
        self._local_names: dict[str, str] = {}
        self._text: list[str] = []
        self._attributes: Mapping[str, str] = {}
        self._statement: Statement | None = None
        self._entry: Entry | None = None
        self._entries = 0
        self._statements: list[Statement] = []
        parser.StartElementHandler = self.opens
        parser.EndElementHandler = self.closes
        parser.CharacterDataHandler = self._text.append  # No call of ours for each of many blanks.

    def opens(self, tag: str, attributes: dict[str, str]) -> None:
        if self._passed_over:
            self._passed_over += 1
            if self._passed_over > _DEEPEST:
                raise Unreadable(_TOO_DEEP)
            return
        name = self._local_names.get(tag)
        if name is None:
            name = self._local_names[tag] = tag.rpartition(":")[2]
        depth = len(self._path) + 1
        if depth <= _ENTRY_DEPTH:
            self._begin(name, attributes, depth)
        elif self._entry is not None and name not in _OF_AN_ENTRY.get(depth, ()):
            self._passed_over = 1  # With all that is in it: most of a large file is of no interest.
            return
        elif depth > _DEEPEST:
            raise Unreadable(_TOO_DEEP)
        self._path.append(name)
        self._text.clear()
        self._attributes = attributes

    def _begin(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        """Take the beginning of the document, the message, a statement or an entry."""
        if depth == 1:
            _require_document(name, attributes)
        elif depth == _MESSAGE_DEPTH:
            _require_message(name)
        elif depth == _STATEMENT_DEPTH and name == "Stmt":
            self._statement = Statement(len(self._statements) + 1)
        elif depth == _ENTRY_DEPTH and name == "Ntry":
            self._entries += 1
            if self._entries > MOST_LINES:
                raise Unreadable(f"The file has more than {MOST_LINES:,} entries. {IN_PARTS}")
            self._entry = Entry(self._entries)

    def closes(self, _tag: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
            if not self._passed_over:
                self._text.clear()
                self._attributes = _NO_ATTRIBUTES
            return
        if self._text:
            if said := "".join(self._text).strip():
                self._field(said[:_LONGEST_FIELD])
            self._text.clear()
        self._attributes = _NO_ATTRIBUTES
        name = self._path.pop()
        if len(self._path) < _ENTRY_DEPTH:
            self._end(name, len(self._path) + 1)

    def _end(self, name: str, depth: int) -> None:
        """Keep an entry or a statement that was read to its end."""
        if self._statement is None:
            return
        if depth == _ENTRY_DEPTH and name == "Ntry" and self._entry is not None:
            self._statement.take(self._entry, self._read_as)
            self._entry = None
        elif depth == _STATEMENT_DEPTH and name == "Stmt":
            self._statements.append(self._statement)
            self._statement = None

    def _field(self, text: str) -> None:
        if self._statement is None:
            return
        if self._entry is not None:
            self._entry.says(tuple(self._path[_ENTRY_DEPTH:]), text, self._attributes)
        else:
            self._statement.says(tuple(self._path[_STATEMENT_DEPTH:]), text, self._attributes)

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
