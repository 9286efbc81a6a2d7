"""All the staff's doors, in the order of the menu. Each holds `signed_in` itself, so that none is ever left open."""

from typing import Final

from fundraise.web.staff import bank_lines, statements

ROUTERS: Final = (statements.router, bank_lines.router)
