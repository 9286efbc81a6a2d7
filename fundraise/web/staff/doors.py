"""All the staff's doors, in the order of the menu. Each holds `signed_in` itself, so that none is ever left open."""

from typing import Final

from fundraise.web.staff import (
    appeals,
    bank_lines,
    campaigns,
    charities,
    design,
    differences,
    donations,
    events,
    jobs,
    partners,
    payouts,
    quarantine,
    rates,
    reconciliation,
    statements,
    today,
    transfers,
    typed_report,
)

ROUTERS: Final = (
    today.router,
    donations.router,
    payouts.router,
    campaigns.router,
    events.router,
    appeals.router,
    charities.router,
    partners.router,
    typed_report.router,
    transfers.router,
    rates.router,
    statements.router,
    bank_lines.router,
    reconciliation.router,
    differences.router,
    quarantine.router,
    jobs.router,
    design.router,
)
