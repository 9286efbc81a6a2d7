"""Stripe, behind the vocabulary of `fundraise.payments`. Nothing else imports the SDK."""
