"""Who ran which slot of which job, and what came of it. The primary key is what keeps two workers apart."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from fundraise.columns import Text, UtcDateTime


class JobRun(SQLModel, table=True):
    """One slot of one job. `owner` holds it until `lease_until`; only the owner may finish it."""

    __tablename__: ClassVar[str] = "job_run"
    __table_args__ = (Index("ix_job_run_open", "job", "finished_at"), Index("ix_job_run_started_at", "started_at"))

    job: str = Field(primary_key=True, max_length=40)
    slot: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    owner: str = Field(max_length=60)
    attempt: int = 1
    lease_until: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    counts: str = Field(default="", sa_type=Text)  # JSON: what was done, by name.
    error: str = Field(default="", sa_type=Text)
