"""A small server on this machine that shows the gallery under the product's own content security policy."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import segno

from .sample import STATIC
from .samples import FRAGMENT, PAGES

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
QR = io.BytesIO()
segno.make("https://give.example.org/c/winter-beds").save(QR, kind="svg", scale=4)
SAMPLES = {f"/{sample.name}": sample for sample in PAGES}


class Gallery(BaseHTTPRequestHandler):
    """Pages by name, the product's static files, and nothing else."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in one piece; else each answer waits for the other side's delayed acknowledgement.
    wbufsize = -1

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/live"):
            # An event stream that is answered with 204 is not asked for again.
            self.answer(204, "text/plain", b"")
        elif path.endswith("/total"):
            self.answer(200, "text/html; charset=utf-8", FRAGMENT.draw().encode())
        elif path in SAMPLES:
            self.answer(200, "text/html; charset=utf-8", SAMPLES[path].draw().encode())
        elif path == "/qr.svg":
            self.answer(200, TYPES[".svg"], QR.getvalue())
        elif path.startswith("/static/") and (STATIC / path.removeprefix("/static/")).is_file():
            file = STATIC / path.removeprefix("/static/")
            self.answer(200, TYPES[file.suffix], file.read_bytes())
        else:
            self.answer(404, "text/plain", b"not in the gallery")

    def answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests look at the pages, not at the log."""


@contextmanager
def serving() -> Iterator[str]:
    """Serve the gallery while the block runs; the value is its address, without a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gallery)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
