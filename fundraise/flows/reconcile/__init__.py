"""Reconciling a Stripe account: fetch, heal, book what is left over, compare, record."""

from fundraise.flows.reconcile.story import Outcome, reconcile, reconcile_all

__all__ = ["Outcome", "reconcile", "reconcile_all"]
