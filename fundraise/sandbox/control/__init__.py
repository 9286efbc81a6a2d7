"""The control plane: what a person or a test can make happen that Stripe's API does not offer."""
