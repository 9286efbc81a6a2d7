"""Flows: one file per story that joins several things, most of them in one transaction."""
