"""A file that somebody looks at before it is imported: kept apart, for a day at most, until they decide."""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete
from sqlmodel import Session, col

from fundraise.errors import NotFound, Refusal
from fundraise.flows.import_statement import Upload, file_name
from fundraise.parts import Parts
from fundraise.statements.questions import bank_account_by_name
from fundraise.statements.tables import BankAccount, StatementUpload
from fundraise.statements.vocabulary import LARGEST_FILE_BYTES, TOO_LARGE, DateOrder

LIVES: Final = timedelta(days=1)


def keep_upload(parts: Parts, account: str, name: str, raw: bytes, *, by: str) -> str:
    """Put a file aside and return its reference; older ones that nobody decided on go.

    Raises `NotFound` for an account there is not, `Refusal` for nothing or too much.
    """
    if not raw:
        raise Refusal("Please choose a file; this one is empty.", field="file")
    if len(raw) > LARGEST_FILE_BYTES:
        raise Refusal(TOO_LARGE, field="file")
    ref, now = secrets.token_urlsafe(20), parts.clock.now()
    with parts.db.write("upload statement") as session:
        session.execute(delete(StatementUpload).where(col(StatementUpload.uploaded_at) < now - LIVES))
        found = bank_account_by_name(session, account)
        session.add(
            StatementUpload(
                ref=ref,
                bank_account_id=found.id,
                name=file_name(name),
                raw=raw,
                uploaded_at=now,
                uploaded_by=by[:60],
            )
        )
    return ref


def upload_of(parts: Parts, ref: str, *, by: str, alike_is_new: bool = False) -> Upload:
    """Return a file that was put aside, to look at or to import; `NotFound` once it is gone."""
    with parts.db.read() as session:
        row = _row(session, ref)
        return Upload(
            account=session.get_one(BankAccount, row.bank_account_id).name,
            file_name=row.name,
            raw=row.raw,
            by=by,
            date_order=DateOrder(row.date_order) if row.date_order else None,
            columns=json.loads(row.columns) if row.columns else None,
            alike_is_new=alike_is_new,
        )


def say_of_upload(
    parts: Parts, ref: str, *, date_order: DateOrder | None = None, columns: Mapping[str, Any] | None = None
) -> None:
    """Keep a person's answer beside the file; it stays with the account once the file is imported."""
    with parts.db.write("upload statement") as session:
        row = _row(session, ref)
        row.date_order = date_order or row.date_order
        row.columns = json.dumps(columns, ensure_ascii=False) if columns is not None else row.columns
        session.add(row)


def drop_upload(parts: Parts, ref: str) -> None:
    """Throw a file away that was put aside; one that is gone already is no matter."""
    with parts.db.write("upload statement") as session:
        session.execute(delete(StatementUpload).where(col(StatementUpload.ref) == ref))


def _row(session: Session, ref: str) -> StatementUpload:
    row = session.get(StatementUpload, ref)
    if row is None:
        raise NotFound("This file was imported or thrown away, or is older than a day. Please upload it again.")
    return row
