"""The reconciliation of every Stripe account: every night, and whenever somebody asks for it."""

from collections import Counter

from fundraise.flows.ask_reconciliation import asked_by
from fundraise.flows.reconcile import reconcile_all
from fundraise.parts import Parts
from fundraise.reconciliation.tables import RunState


class ReconciliationFailed(Exception):  # noqa: N818
    """An account could not be reconciled; the record of its run says why."""


def reconcile(parts: Parts) -> Counter[str]:
    """Reconcile every account; raises when one could not be, after all were tried."""
    outcomes = reconcile_all(parts, by=asked_by(parts) or "the timetable")
    failed = [outcome for outcome in outcomes if outcome.state is RunState.FAILED]
    if failed:
        raise ReconciliationFailed("; ".join(f"{outcome.account}: {outcome.error}" for outcome in failed))
    counts = Counter[str](str(outcome.state) for outcome in outcomes)
    counts["open differences"] = sum(outcome.open_differences for outcome in outcomes)
    return counts
