"""Every table, gathered for migrations and for `alembic check`."""

from sqlmodel import SQLModel

from fundraise import inbox, job_runs, outbox
from fundraise.appeals import tables as appeals
from fundraise.bodies import tables as bodies
from fundraise.campaigns import tables as campaigns
from fundraise.differences import tables as differences
from fundraise.donations import tables as donations
from fundraise.ledger import tables as ledger
from fundraise.partners import tables as partners
from fundraise.rates import tables as rates
from fundraise.receipts import tables as receipts
from fundraise.reconciliation import tables as reconciliation
from fundraise.settlements import tables as settlements
from fundraise.staff import tables as staff
from fundraise.statements import tables as statements
from fundraise.stripe_accounts import tables as stripe_accounts
from fundraise.transfers import tables as transfers

metadata = SQLModel.metadata
GATHERED = (
    appeals,
    bodies,
    campaigns,
    differences,
    donations,
    inbox,
    job_runs,
    ledger,
    outbox,
    partners,
    rates,
    receipts,
    reconciliation,
    settlements,
    staff,
    statements,
    stripe_accounts,
    transfers,
)
