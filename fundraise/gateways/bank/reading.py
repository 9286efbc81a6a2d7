"""The one door of the readers: bytes in, all that a file says out."""

from dataclasses import replace

from fundraise.gateways.bank.camt053 import read_camt053
from fundraise.gateways.bank.csv_statement import read_csv
from fundraise.gateways.bank.formats import is_xml, refuse_other_kinds
from fundraise.gateways.bank.refusals import Unreadable
from fundraise.gateways.bank.texts import tidy
from fundraise.statements.vocabulary import LARGEST_FILE_BYTES, TOO_LARGE, FileRead, Format, Problem, ReadAs

_MOST_PROBLEMS = 50
_LONGEST_PROBLEM = 400
_LONGEST_HEADING = 60


def read(raw: bytes, read_as: ReadAs) -> FileRead:
    """Return what a file says. Whatever is wrong with it is a value too: nothing is raised for a bad file."""
    kind = Format.CSV
    if len(raw) > LARGEST_FILE_BYTES:
        return FileRead(kind, problems=(Problem("", TOO_LARGE),))
    try:
        refuse_other_kinds(raw)
        if is_xml(raw):
            kind = Format.CAMT053
            return _shortened(read_camt053(raw, read_as))
        return _shortened(read_csv(raw, read_as))
    except Unreadable as problem:
        return FileRead(kind, problems=(_cleaned(Problem("", str(problem))),))


def _shortened(read_file: FileRead) -> FileRead:
    """Name the first problems and count the rest; what they quote from the file is cleaned as its lines are."""
    problems = tuple(_cleaned(problem) for problem in read_file.problems[:_MOST_PROBLEMS])
    header = tuple(tidy(name, _LONGEST_HEADING) for name in read_file.header)
    if len(read_file.problems) <= _MOST_PROBLEMS:
        return replace(read_file, problems=problems, header=header)
    more = Problem("", f"and {len(read_file.problems) - _MOST_PROBLEMS} more")
    return FileRead(read_file.format, problems=(*problems, more), question=read_file.question, header=header)


def _cleaned(problem: Problem) -> Problem:
    return Problem(problem.place, tidy(problem.message, _LONGEST_PROBLEM))
