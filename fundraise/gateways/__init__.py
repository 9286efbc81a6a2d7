"""Gateways: where services of others are spoken to. Only `fundraise.app` and the command line plug them in."""
