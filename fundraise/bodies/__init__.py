"""Bodies: the charities and societies this installation knows, each with books of its own."""
