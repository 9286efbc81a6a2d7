"""Donations: what somebody meant to give, what became of it, and what came back."""
