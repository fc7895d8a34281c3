"""A feed server on loopback: serves bodies with validators, answers 304, counts, and can hold a request back."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


def rss(items: Iterable[tuple[str, str, str]]) -> bytes:
    """An RSS 2.0 document of (guid, title, description) items."""
    entries = "".join(
        f'<item><guid isPermaLink="false">{escape(guid)}</guid><title>{escape(title)}</title>'
        f"<description>{escape(text)}</description></item>"
        for guid, title, text in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{entries}</channel></rss>'.encode()


class FeedServer:
    """Serves `bodies` by path with an ETag; `statuses` counts the answers by (path, status).

    `headers` are sent besides, by path.
    """

    def __init__(
        self,
        bodies: Mapping[str, bytes],
        *,
        validators: bool = True,
        headers: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.bodies = dict(bodies)
        self.headers = dict(headers or {})
        self.validators = validators
        self.statuses: Counter[tuple[str, int]] = Counter()
        self._held: dict[str, threading.Event] = {}
        self._arrived = threading.Event()

    def __enter__(self) -> FeedServer:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def hold(self, path: str) -> None:
        """Keep requests for `path` waiting until `release`."""
        self._held[path] = threading.Event()

    def release(self) -> None:
        for event in self._held.values():
            event.set()

    def wait_for(self, path: str, seconds: float = 30) -> bool:
        """Whether a held request has arrived."""
        return self._arrived.wait(seconds)

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        if request.path in self._held:
            self._arrived.set()
            self._held[request.path].wait(60)
        body = self.bodies.get(request.path)
        tag = f'"{hashlib.sha256(body or b"").hexdigest()[:16]}"'
        if body is None:
            status, body = 404, b""
        elif self.validators and request.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        else:
            status = 200
        self.statuses[request.path, status] += 1
        request.send_response(status)
        if self.validators:
            request.send_header("ETag", tag)
        for name, value in self.headers.get(request.path, {}).items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
