"""The page that asks which column of a CSV file is what, and the answer as the reader takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fundraise.errors import FieldErrors
from fundraise.views.parts import Option
from fundraise.views.staff_parts import PostAction, StaffFrame

_QUESTIONS: Final = (
    ("date", "Date", ""),
    ("amount", "Amount", "One column for money in and money out, the latter with a minus."),
    ("in", "Money in", "Where the bank has a column for each."),
    ("out", "Money out", ""),
    ("description", "Text", "What the bank writes about a line; Stripe’s name stands there."),
    ("reference", "Reference", ""),
    ("balance", "Balance", "Then the sums can be checked."),
    ("id", "The bank’s own id of a line", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """A select: `name` is the role and the field; `options` are the columns of the file, and none of them."""

    name: str
    label: str
    options: tuple[Option, ...]
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsPage:
    """`staff/_statement_columns.html`.

    Fields:
        frame: see `StaffFrame`.
        file_name: as uploaded.
        action: address the form posts to; it sends one field for each choice.
        choices: see `ColumnChoice`.
        actions: throw the file away.
        errors: message by field name.
    """

    frame: StaffFrame
    file_name: str
    action: str
    choices: tuple[ColumnChoice, ...]
    actions: tuple[PostAction, ...]
    errors: Mapping[str, str] = field(default_factory=dict)


def columns_page(
    frame: StaffFrame,
    file_name: str,
    address: str,
    header: Sequence[str],
    *,
    chosen: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> ColumnsPage:
    """Make the page; `header` is the row of the file that names its columns."""
    said = chosen or {}
    names = list(dict.fromkeys(name for name in header if name))
    return ColumnsPage(
        frame=frame,
        file_name=file_name,
        action=f"{address}/columns",
        choices=tuple(
            ColumnChoice(
                name=role,
                label=label,
                help=help_text,
                options=(
                    Option(value="", text="none", is_chosen=not said.get(role)),
                    *(Option(value=name, text=name, is_chosen=said.get(role) == name) for name in names),
                ),
            )
            for role, label, help_text in _QUESTIONS
        ),
        actions=(PostAction(action=f"{address}/drop", button="Throw the file away"),),
        errors=errors or {},
    )


def columns_said(form: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that a person named, by role; `FieldErrors` when a line could not be made of them."""
    said = {role: form.get(role, "")[:200] for role, _, _ in _QUESTIONS if form.get(role)}
    errors = {}
    if "date" not in said:
        errors["date"] = "Please say which column holds the date."
    if not said.keys() & {"amount", "in", "out"}:
        errors["amount"] = "Please say which column holds the amount, or which hold money in and money out."
    if "amount" in said and said.keys() & {"in", "out"}:
        errors["amount"] = "Please name either one column for the amount, or those for money in and out."
    if errors:
        raise FieldErrors(errors)
    return said
