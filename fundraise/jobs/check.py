"""Checking the books on a schedule, and keeping the tables the checks and totals stand on in order."""

import logging
from collections import Counter

from fundraise.flows.check_books import check_books
from fundraise.job_runs import forget_old_runs
from fundraise.ledger.balances import make_checkpoint
from fundraise.parts import Parts

logger = logging.getLogger(__name__)


class BooksBroken(Exception):  # noqa: N818
    """The books do not agree with themselves; the record of the run names what was found."""


def check(parts: Parts) -> Counter[str]:
    """Run every check, loudly when one finds something; then make the next checkpoint."""
    with parts.db.write("check: forget old runs") as session:
        forget_old_runs(session, parts.clock.now())
    made = make_checkpoint(parts.db)
    with parts.db.read() as session:
        findings = check_books(session)
    for finding in findings:
        logger.error("the books: %s: %s", finding.check, finding.message)
    if findings:
        raise BooksBroken("; ".join(f"{finding.check}: {finding.message}" for finding in findings))
    return Counter({"checkpoints": 1} if made else {})
