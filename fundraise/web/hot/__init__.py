"""The few hot doors, above the framework's router. Each file says why it differs from an ordinary route."""
