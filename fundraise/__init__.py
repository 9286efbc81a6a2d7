"""Run fundraising campaigns, take donations through Stripe, and combine totals that are right to the penny."""

__version__ = "0.1.0"
