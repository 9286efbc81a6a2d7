"""The objects of Stripe's API: one file for each kind, its shapes and what can be done with it."""
