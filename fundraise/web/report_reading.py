"""Reading the form of a partner's figure, whoever typed it: all that is wrong is said at once, nothing is half kept."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from fundraise import money
from fundraise.appeals.tables import Appeal
from fundraise.errors import FieldErrors
from fundraise.flows.receive_report import LARGEST_EVIDENCE_BYTES, EvidenceFile, SentFigure
from fundraise.money import Money
from fundraise.partners.figure import Figure, checked
from fundraise.partners.tables import Partner
from fundraise.transfers.questions import transfers_to
from fundraise.web.forms import SentFile
from fundraise.web.report_form import Filled, converted_words

_FIELDS: Final[Mapping[str, str]] = {"amount_minor": "amount", "submitted_by": "name"}
TOKEN_LETTERS: Final = 64


def read_figure(session: Session, partner: Partner, form: Mapping[str, str], sent: SentFile) -> SentFigure | Filled:
    """Return the figure that was sent, or the form to be shown again: with what is wrong, or only looked at."""
    try:
        values = _values(session, partner, form, sent)
        figure = checked(values)
    except FieldErrors as problem:
        return Filled(form, {_FIELDS.get(name, name): message for name, message in problem.errors.items()})
    if form.get("look"):
        return _looked(session, partner, form, figure)
    raw = json.dumps(values, ensure_ascii=False, sort_keys=True).encode()
    # The same form with the same content is one report, however often its button is pressed.
    mark = hashlib.sha256(form.get("token", "")[:TOKEN_LETTERS].encode() + b"\0" + raw + sent.raw).hexdigest()
    file = EvidenceFile(sent.name, sent.raw, is_public=bool(form.get("file_is_public")))
    return SentFigure(figure, raw, f"form:{mark}", file)


def _values(session: Session, partner: Partner, form: Mapping[str, str], sent: SentFile) -> dict[str, Any]:
    """Return the form's fields as the report they tell; raises `FieldErrors` for amounts and files that will not do."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {
        "amount_minor": _typed(form, "amount", partner.currency, errors),
        "currency": partner.currency,
        "as_of": form.get("as_of", ""),
        "stage": form.get("stage", ""),
        "gross_or_net": form.get("gross_or_net", ""),
        "gift_aid": form.get("gift_aid", ""),
        "our_transfers": form.get("our_transfers", ""),
        "evidence": form.get("evidence", ""),
        "submitted_by": form.get("name", ""),
    }
    if values["gift_aid"] == "amount":
        values["gift_aid"] = _typed(form, "gift_aid_amount", partner.currency, errors)
    if values["our_transfers"] == "some":
        ticked = set(form.get("transfers", "").split())
        known = [transfer.reference for transfer, _ in transfers_to(session, partner.id) if transfer.ref in ticked]
        values["our_transfers"] = sorted(known)
        if not known:
            errors["our_transfers"] = "Please tick which of them, or choose another answer."
    errors = {name: question for name, question in _CHOICES.items() if not values[name]} | errors
    if not values["submitted_by"].strip():
        errors["name"] = "Please write a name: it stands beside the figure for those who check it."
    if len(sent.raw) > LARGEST_EVIDENCE_BYTES:
        errors["file"] = f"The file is larger than {LARGEST_EVIDENCE_BYTES // 1024**2} MB."
    if not _is_a_day(values["as_of"]):
        errors["as_of"] = "Please write the day that the figure is of."
    if errors:
        raise FieldErrors(_with_the_rest(values, errors))
    return values


_CHOICES: Final[Mapping[str, str]] = {
    "stage": "Please say what the money is.",
    "gross_or_net": "Please say whether card fees are taken off.",
    "gift_aid": "Please say whether tax relief is in the figure.",
    "our_transfers": "Please say whether money from other participants is in the figure.",
}


def _with_the_rest(values: dict[str, Any], errors: dict[str, str]) -> dict[str, str]:
    """Say all that is wrong at once: what the form noticed, and what the figure's own rules say of the rest."""
    try:
        checked({name: value for name, value in values.items() if value not in ("", None)})
    except FieldErrors as problem:
        missing = "This field is missing."
        rest = {_FIELDS.get(name, name): said for name, said in problem.errors.items() if said != missing}
        return {**rest, **errors}
    return errors


def _typed(form: Mapping[str, str], name: str, currency: str, errors: dict[str, str]) -> int | None:
    try:
        return money.parse(form.get(name, ""), currency).minor
    except money.AmountError as problem:
        said = str(problem)
        errors[name] = "That is more than we can take." if "in one gift" in said else said
        return None


def _is_a_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _looked(session: Session, partner: Partner, form: Mapping[str, str], figure: Figure) -> Filled:
    appeal = session.get_one(Appeal, partner.appeal_id)
    day = datetime.combine(figure.as_of, datetime.min.time())
    amount = Money(figure.amount_minor, figure.currency)
    said = converted_words(session, appeal, amount, day)
    return Filled(form, converted=f"{money.show(amount)} {said or 'is what you typed; no conversion is needed.'}")
