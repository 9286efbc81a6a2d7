"""Where a measurement works."""

from dataclasses import dataclass
from pathlib import Path

from tests.bench.books import Books


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of its own, the books made so far, and whether it is to be quick."""

    folder: Path
    books: Books
    quick: bool
