"""Readers of bank files. They run in a process of their own (`python -m fundraise.gateways.bank`) and keep nothing.

Nothing here imports a library: what a bank's file, or what pretends to be one, can reach is small.
"""
