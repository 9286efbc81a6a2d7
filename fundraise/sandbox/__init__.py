"""A small Stripe on this machine, for the demo and the tests: no real money moves here.

It imports nothing else of the product. README.md is its interface, BEHAVIOURS.md says what it adds to Stripe's spec.
"""

from fundraise.sandbox.clock import Clock, FrozenClock, RunningClock
from fundraise.sandbox.engine import Sandbox
from fundraise.sandbox.messages import API_VERSION, ApiReply, ApiRequest, ControlError
from fundraise.sandbox.post import Delivery
from fundraise.sandbox.world import Observer

__all__ = [
    "API_VERSION",
    "ApiReply",
    "ApiRequest",
    "Clock",
    "ControlError",
    "Delivery",
    "FrozenClock",
    "Observer",
    "RunningClock",
    "Sandbox",
]
