"""Stripe accounts: whose they are, how we reach them, and what they charge."""
