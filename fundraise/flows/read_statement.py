"""Reading a bank's file in a process of its own, which can take nothing from us but a little time.

The reader sees the bytes and how amounts are to be read: no database, no settings, no library beyond Python's own. What
it answers is plain JSON. If it dies, hangs or grows, the answer is that the file could not be read.
"""

import json
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
    FileRead,
    Format,
    Problem,
    ReadAs,
    from_json,
)

_SECONDS: Final = 40
_LIMITS: Final = (
    "The file could not be read within its limits. Please export a shorter period, or tell us about this file."
)
_MODULE: Final = "fundraise.gateways.bank"


def read_in_child(raw: bytes, read_as: ReadAs) -> FileRead:
    """Return what a file says; problems are values, and nothing is raised for a bad file."""
    if len(raw) > LARGEST_FILE_BYTES:
        megabytes = LARGEST_FILE_BYTES // 1024**2
        return _refused(f"The file is larger than {megabytes} MB. Please export a shorter period.")
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
            return _refused(_LIMITS)
    if done.returncode != 0:
        return _refused(_LIMITS)
    try:
        return from_json(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError):
        return _refused(_LIMITS)


@cache
def exponents() -> dict[str, int]:
    """Return the decimals of every currency that money can be counted in, by its code."""
    return {code: exponent(code) for code in Currency.__members__ if is_currency(code)}


def _refused(sentence: str) -> FileRead:
    return FileRead(Format.CSV, problems=(Problem("", sentence),))
