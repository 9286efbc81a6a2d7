"""All control actions together; importing their modules fills the table."""

from __future__ import annotations

from fundraise.sandbox.control import accounts, discrepancies, money_back, paying, workings
from fundraise.sandbox.control.registry import ACTIONS

__all__ = ["ACTIONS", "accounts", "discrepancies", "money_back", "paying", "workings"]
