"""The demo: the public story of 2017 as data, told through the product's own doors and the local Stripe."""

from fundraise.demo.preparing import prepare
from fundraise.demo.running import run

__all__ = ["prepare", "run"]
