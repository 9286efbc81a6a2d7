"""All control actions together; importing their modules fills the table."""

from __future__ import annotations

from fundraise.sandbox.control import accounts, money_back, paying, workings
from fundraise.sandbox.control.registry import ACTIONS

__all__ = ["ACTIONS", "accounts", "money_back", "paying", "workings"]
