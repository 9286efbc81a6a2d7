"""The reader's process with a reader that does what the file says: burn time, burn memory, or answer after a while.

`burning_reader_unheld` is the control: the same without its limits.
"""

import time

from fundraise.gateways.bank import __main__ as process
from fundraise.statements.vocabulary import FileRead, Format, Problem, ReadAs

A_LITTLE_MORE_SECONDS = 2.3
A_LITTLE_MORE_BYTES = 300 * 1024 * 1024
SURVIVED = "The reader survived."


def burn(raw: bytes, _read_as: ReadAs) -> FileRead:
    kept = []
    if raw == b"a little more time":
        while time.process_time() < A_LITTLE_MORE_SECONDS:
            pass
    elif raw == b"time where no signal is heard":
        sum(range(10**12))
    elif raw == b"a little more memory":
        kept.append(bytearray(A_LITTLE_MORE_BYTES))
    elif raw == b"memory bit by bit":
        while True:
            kept.append(bytearray(1024 * 1024))
    return FileRead(Format.CSV, problems=(Problem("", SURVIVED),))


def main() -> None:
    process.read = burn
    process.main()


if __name__ == "__main__":
    main()
