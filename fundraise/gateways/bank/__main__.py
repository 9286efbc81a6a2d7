"""The reader's own process: how to read as an argument, a file on standard input, JSON on standard output."""

import json
import sys

from fundraise.gateways.bank.limits import OutOfTime, hold, let_go_of_time
from fundraise.gateways.bank.reading import read
from fundraise.statements.vocabulary import (
    LARGEST_FILE_BYTES,
    TOO_MUCH_WORK,
    DateOrder,
    FileRead,
    Format,
    Problem,
    ReadAs,
    to_json,
)


def main() -> None:
    """Read one file and say what it holds, or that it takes more than one file may have."""
    hold()
    try:
        answer = answer_to(sys.stdin.buffer.read(LARGEST_FILE_BYTES + 1), sys.argv[1])
        let_go_of_time()
    except (OutOfTime, MemoryError):
        let_go_of_time()
        answer = _written(FileRead(Format.CSV, problems=(Problem("", TOO_MUCH_WORK),)))
    sys.stdout.buffer.write(answer)


def answer_to(raw: bytes, asked: str) -> bytes:
    """Return what a file says, as JSON; `asked` is JSON too, with the fields of `ReadAs`."""
    return _written(read(raw, _read_as(asked)))


def _read_as(argument: str) -> ReadAs:
    asked = json.loads(argument)
    return ReadAs(
        currency=asked["currency"],
        exponents=asked["exponents"],
        date_order=DateOrder(asked["date_order"]) if asked["date_order"] else None,
        columns=asked["columns"],
        columns_are_remembered=asked["columns_are_remembered"],
    )


def _written(read_file: FileRead) -> bytes:
    return json.dumps(to_json(read_file), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


if __name__ == "__main__":
    main()
