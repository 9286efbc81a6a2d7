"""Every table, gathered for migrations and for `alembic check`."""

from sqlmodel import SQLModel

from fundraise import inbox, job_runs, outbox
from fundraise.appeals import tables as appeals
from fundraise.bodies import tables as bodies
from fundraise.campaigns import tables as campaigns
from fundraise.differences import tables as differences
from fundraise.donations import tables as donations
from fundraise.ledger import tables as ledger
from fundraise.receipts import tables as receipts
from fundraise.settlements import tables as settlements
from fundraise.staff import tables as staff
from fundraise.stripe_accounts import tables as stripe_accounts

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
    receipts,
    settlements,
    staff,
    stripe_accounts,
)
