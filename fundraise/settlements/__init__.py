"""Settlements: copies of what Stripe's balance says, and which payout each movement left with."""
