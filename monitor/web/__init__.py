"""A small web server for programs that watch Rasid: `/metrics`, `/healthz`, `/readyz`. It shows no secret.

Meant for the loopback address. A request has ten seconds, and few are answered side by side.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET, AF_INET6
from typing import Any

from monitor.web.exposition import CONTENT_TYPE, Exposition, Gauge

__all__ = ["Exposition", "Gauge", "Page", "Server", "pages"]

_log = logging.getLogger(__name__)

REQUEST_S = 10.0
MOST_AT_ONCE = 8

Page = Callable[[], tuple[HTTPStatus, str, bytes]]
"""Makes an answer: status, content type, body."""

_TEXT = "text/plain; charset=utf-8"


Reasons = Callable[[], tuple[str, ...]]


def pages(exposition: Exposition, ills: Reasons, lacks: Reasons) -> dict[str, Page]:
    """The pages by path. `ills` are reasons why the process is not well, `lacks` why it is not ready for work."""

    def answer(reasons: tuple[str, ...]) -> tuple[HTTPStatus, str, bytes]:
        status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
        return status, _TEXT, "".join(f"{line}\n" for line in reasons or ("ok",)).encode()

    return {
        "/metrics": lambda: (HTTPStatus.OK, CONTENT_TYPE, exposition.text()),
        "/healthz": lambda: answer(ills()),
        "/readyz": lambda: answer((*ills(), *lacks())),
    }


class Server:
    """Serves pages until it is closed. Raises OSError when the address cannot be taken."""

    def __init__(self, host: str, port: int, pages: dict[str, Page]) -> None:
        self._http = _Http(host, port, pages)
        self._thread = threading.Thread(target=self._http.serve_forever, name="web", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    def close(self) -> None:
        """Answer nobody any more."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(1)


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, pages: dict[str, Page]) -> None:
        self.address_family = AF_INET6 if ip_address(host).version == 6 else AF_INET
        self.pages = pages
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__((host, port), _Request)

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own, unless too many are at it: then not at all."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, then make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away harms nobody."""


class _Request(BaseHTTPRequestHandler):
    server: _Http
    timeout = REQUEST_S
    server_version = "rasid"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with a page, or say that there is none."""
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            known = "".join(f"{path}\n" for path in self.server.pages)
            self._answer(HTTPStatus.NOT_FOUND, _TEXT, f"there is nothing here; known are\n{known}".encode())
            return
        try:
            answer = page()
        except Exception as error:  # the request's boundary: a database that is busy, a disk that is full
            _log.warning("a page could not be made", extra={"page": self.path, "why": type(error).__name__})
            answer = HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, f"{type(error).__name__}\n".encode()
        self._answer(*answer)

    do_HEAD = do_GET

    def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Scrapes are no events."""
