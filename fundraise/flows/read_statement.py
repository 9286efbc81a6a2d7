"""Reading a bank's file in a process of its own, which can take nothing from us but a little time.

The reader sees the bytes and how amounts are to be read: no database, no settings, no library beyond Python's own. What
it answers is plain JSON. If it dies, hangs or grows, the answer is that the file could not be read.
"""

import json
import logging
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

from iso4217 import Currency

import fundraise
from fundraise import faults
from fundraise.money import exponent, is_currency
from fundraise.statements.vocabulary import (
    LARGEST_FILE_BYTES,
    TOO_LARGE,
    TOO_MUCH_WORK,
    FileRead,
    Format,
    Problem,
    ReadAs,
    from_json,
)

_SECONDS: Final = 40
_STOPPED: Final = (
    "Our reader stopped in the middle of this file. Please try the bank's other kind of export (camt.053 or CSV), "
    "and tell us about this file."
)
_MODULE: Final = "fundraise.gateways.bank"
logger = logging.getLogger(__name__)


def read_in_child(raw: bytes, read_as: ReadAs) -> FileRead:
    """Return what a file says; problems are values, and nothing is raised for a bad file."""
    if len(raw) > LARGEST_FILE_BYTES:
        return _refused(TOO_LARGE)
    asked = {
        "currency": read_as.currency,
        "exponents": dict(read_as.exponents),
        "date_order": read_as.date_order,
        "columns": dict(read_as.columns) if read_as.columns is not None else None,
        "columns_are_remembered": read_as.columns_are_remembered,
    }
    # -S leaves out installed packages and -P the working folder: the reader finds this package and nothing else.
    command = [sys.executable, "-S", "-P", "-m", _MODULE, json.dumps(asked)]
    environment = {"PYTHONPATH": str(Path(fundraise.__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    with faults.around("bank: read file"):
        try:
            done = subprocess.run(  # noqa: S603  Our own module.
                command, input=raw, capture_output=True, timeout=_SECONDS, env=environment, check=False
            )
        except subprocess.TimeoutExpired:
            return _refused(TOO_MUCH_WORK)
    if done.returncode < 0:  # The kernel ended it, at the limits it had set itself.
        return _refused(TOO_MUCH_WORK)
    answer = _answer_in(done.stdout)
    if answer is None:
        logger.error("The reader of bank files stopped in the middle of a file, with code %d", done.returncode)
        return _refused(_STOPPED)
    return answer


@cache
def exponents() -> dict[str, int]:
    """Return the decimals of every currency that money can be counted in, by its code."""
    return {code: exponent(code) for code in Currency.__members__ if is_currency(code)}


def _answer_in(written: bytes) -> FileRead | None:
    try:
        return from_json(json.loads(written))
    except (ValueError, KeyError, TypeError):
        return None


def _refused(sentence: str) -> FileRead:
    return FileRead(Format.CSV, problems=(Problem("", sentence),))
