"""QR codes of addresses, as pictures to show and to keep."""

import io
from typing import Literal

import segno
from starlette.responses import Response

_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
_DOTS_PNG = 20


def qr_code(address: str, kind: Literal["svg", "png"], *, file_name: str, keep: bool) -> Response:
    """Draw an address; with `keep` the browser offers to save it. A quarter of it may be torn off or painted over."""
    picture = io.BytesIO()
    code = segno.make(address, error="q", micro=False)
    if kind == "svg":
        code.save(picture, kind="svg", scale=4, border=4, xmldecl=True, light="#fff")
    else:
        code.save(picture, kind="png", scale=_DOTS_PNG, border=4)
    headers = {"Cache-Control": "no-store"}
    if keep:
        headers["Content-Disposition"] = f'attachment; filename="{file_name}.{kind}"'
    return Response(picture.getvalue(), media_type=_TYPES[kind], headers=headers)
