"""The promise under fire: random failures, kills and races, far more of them than an ordinary test run has time for.

`make soak` runs everything; `make soak SEED=…` tells one sequence of the simulation step by step. CONTRIBUTING.md
says how to add a fault point.
"""
