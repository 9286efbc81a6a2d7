"""The reader's own process: how to read as an argument, a file on standard input, JSON on standard output."""

import json
import sys

from fundraise.gateways.bank.limits import hold
from fundraise.gateways.bank.reading import read
from fundraise.statements.vocabulary import LARGEST_FILE_BYTES, DateOrder, ReadAs, to_json


def main() -> None:
    """Read one file and say what it holds."""
    hold()
    asked = json.loads(sys.argv[1])
    read_as = ReadAs(
        currency=asked["currency"],
        exponents=asked["exponents"],
        date_order=DateOrder(asked["date_order"]) if asked["date_order"] else None,
        columns=asked["columns"],
        columns_are_remembered=asked["columns_are_remembered"],
    )
    raw = sys.stdin.buffer.read(LARGEST_FILE_BYTES + 1)
    answer = json.dumps(to_json(read(raw, read_as)), ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(answer.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
