"""Reading forms: small, plain text, each field once. What is no such form is refused before anything looks at it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.requests import Request

from fundraise.errors import Refusal

MOST_FIELDS: Final = 100
_UNREADABLE: Final = "We could not read this form. Please open the page again and send it once more."


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as a browser sent it."""

    name: str
    raw: bytes


class BadForm(Refusal):
    """What came is no form of ours."""

    status = 400
    code = "bad_form"


async def read_form(request: Request, several: Collection[str] = ()) -> Mapping[str, str]:
    """Return the form's fields; `BadForm` for broken encoding, a field sent twice, too many fields, or a file.

    The fields named in `several` are boxes of which any may be ticked; their values come one on a line.

    How long the whole may be is held by `fundraise.web.guard`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        pairs = await _multipart(request)
    elif kind in {"application/x-www-form-urlencoded", ""}:
        pairs = _urlencoded(await request.body())
    else:
        raise BadForm(_UNREADABLE)
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields and name not in several:
            raise BadForm(f"The field {name[:40]!r} came twice. {_UNREADABLE}")
        fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadForm(_UNREADABLE) from None


async def _multipart(request: Request) -> list[tuple[str, str]]:
    """Read the browsers' other kind of form."""
    _require_utf_8(request)
    try:
        (await request.body()).decode()
        form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    except Refusal:
        raise
    except Exception:  # The parser raises many kinds; each means the same to the sender.
        raise BadForm(_UNREADABLE) from None
    pairs = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            raise BadForm("This form takes no files.")
        pairs.append((name, value))
    return pairs


def _require_utf_8(request: Request) -> None:
    """Refuse a form in another encoding: the parser would take any that the sender names, or else Latin-1."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise BadForm(_UNREADABLE)


async def read_form_with_file(request: Request, field: str, *, several: str = "") -> tuple[Mapping[str, str], SentFile]:
    """Return the form's fields and the one file it brings in `field`, empty when none was chosen; `BadForm` otherwise.

    Boxes that share the name `several` come in one field, with spaces between what each sends.

    Only for a door that knows already who is sending, and whose longest body `fundraise.web.guard` names.
    """
    _require_utf_8(request)
    try:
        async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
            pairs = form.multi_items()
            files = [
                (name, value.filename or "", await value.read())
                for name, value in pairs
                if isinstance(value, UploadFile)
            ]
    except Refusal:
        raise
    except Exception:  # The parser raises many kinds; each means the same to the sender.
        raise BadForm(_UNREADABLE) from None
    ticked = [value for name, value in pairs if name == several and isinstance(value, str)]
    pairs = [pair for pair in pairs if pair[0] != several]
    fields = {name: value for name, value in pairs if isinstance(value, str)}
    if any(name != field for name, _, _ in files) or len(fields) + len(files) != len(pairs):
        raise BadForm(_UNREADABLE)
    if ticked:
        fields[several] = " ".join(ticked)
    return fields, SentFile(*files[0][1:]) if files else SentFile("", b"")
