"""A real HTTP receiver on 127.0.0.1 that answers by a script, for channels and whole ways.

Each request takes the next answer of the script; when it is used up, the last one is given again.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[["_Handler"], None]


@dataclass
class Receiver:
    """A context manager: a server with its script and what it received."""

    script: list[Answer] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Receiver:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next_answer(self) -> Answer:
        """The answer to the request just received."""
        position = min(len(self.received), len(self.script)) - 1
        return self.script[position] if self.script else status(200)


def status(code: int, *, body: bytes = b"", **headers: str) -> Answer:
    """Answer with a status; header names are written with underscores."""

    def answer(handler: _Handler) -> None:
        handler.send_response_only(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def reset(handler: _Handler) -> None:
    """Take the whole body, then reset the connection without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def cut(handler: _Handler) -> None:
    """Promise a longer body than comes."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
    handler.close_connection = True


def garbage(handler: _Handler) -> None:
    """Answer with something that is not HTTP."""
    handler.wfile.write(b"\0\1\2 no such protocol\r\n\r\n")
    handler.close_connection = True


def hang(handler: _Handler) -> None:
    """Answer the head, then nothing more until the receiver ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    handler.server.receiver.released.wait(30)
    handler.close_connection = True


class _Server(ThreadingHTTPServer):
    receiver: Receiver

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        receiver = self.server.receiver
        receiver.received.append(Received(self.path, dict(self.headers.items()), body))
        with contextlib.suppress(OSError):
            receiver.next_answer()(self)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay quiet."""


@contextlib.contextmanager
def closed_port() -> Iterator[str]:
    """A URL at which nobody listens: the port is held, but not open."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
