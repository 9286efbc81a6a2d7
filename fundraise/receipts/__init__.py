"""Receipts: numbered without gaps for each charity, naming it as it was called on the day."""
