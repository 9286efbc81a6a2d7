"""Reconciliation: the record of each run, per Stripe account."""
