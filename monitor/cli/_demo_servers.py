"""What the demo talks to on the loopback address: a web server with feeds and a webhook, and a mail server.

Both only remember what reached them. Neither is for anything but the demo.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOOPBACK = "127.0.0.1"


@dataclass
class Web:
    """A running web server: serves `documents` by name, remembers what was POSTed to /hook."""

    documents: Mapping[str, bytes]
    port: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://{LOOPBACK}:{self.port}"


@dataclass
class Mail:
    """A running mail server: remembers each message that it took."""

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)


@contextmanager
def web(documents: Mapping[str, bytes]) -> Iterator[Web]:
    """Serve documents and take webhooks on a free port."""
    state = Web(documents)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = state.documents.get(self.path.lstrip("/"))
            self._answer(404 if document is None else 200, document or b"")

        def do_POST(self) -> None:
            state.received.append(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            self._answer(200, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the command shows what came."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    state.port = server.server_port
    with _serving(server):
        yield state


@contextmanager
def mail() -> Iterator[Mail]:
    """Take e-mail on a free port: as much of SMTP (RFC 5321) as one well-behaved client needs."""
    state = Mail()

    class Handler(socketserver.StreamRequestHandler):
        timeout = 10

        def handle(self) -> None:
            self._say("220 demo ESMTP")
            while line := self.rfile.readline(1000):
                verb = line[:4].upper().strip()
                if verb == b"QUIT":
                    self._say("221 bye")
                    return
                if verb == b"DATA":
                    self._say("354 go on")
                    state.received.append(self._message())
                    self._say("250 taken")
                elif verb in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                    self._say("250 ok")
                else:
                    self._say("502 not here")

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def _message(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b".") else line)
            return message_from_bytes(b"".join(lines), policy=policy.default)

    server = socketserver.ThreadingTCPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    with _serving(server):
        yield state


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
