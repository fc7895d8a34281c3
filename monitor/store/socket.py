"""The command socket beside the database: one JSON line with an intent in, one JSON line with its result out.

Only the user who runs the holder may connect (mode 0600). Requests and answers are bounded in size and time, so
that a stuck client harms only itself. What intents there are is the caller's business.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from monitor.errors import MonitorError, StoreError
from monitor.timing import monotonic

LONGEST_REQUEST = 1 << 20
"""Bytes of a request, its line end included."""

LONGEST_ANSWER = 16 << 20
PATIENCE_S = 5.0
"""How long the server waits for a client's line."""

_LONGEST_PATH = 100  # sun_path holds 104 (macOS) or 108 (Linux) bytes


class NobodyListens(StoreError):
    """There is no holder behind the socket."""


def socket_path(database: Path) -> Path:
    """Where the socket of a database is."""
    return database.with_name(database.name + ".sock")


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """The path in a form short enough for the kernel: on Linux, through a descriptor of its folder if need be."""
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    if not sys.platform.startswith("linux"):
        raise OSError(f"the path of the command socket is longer than {_LONGEST_PATH} bytes: {path}")
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class CommandSocket:
    """Answers intents on a thread of its own, one client after the other."""

    def __init__(self, database: Path, answer: Callable[[Mapping[str, Any]], Any]) -> None:
        """Listen. The caller holds the lock, so that a socket file found here is a dead one's. Raises StoreError."""
        self._path = socket_path(database)
        self._answer = answer
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)
            os.fchmod(self._listener.fileno(), 0o600)  # before there is a file that others could open
            with _address(self._path) as address:
                self._listener.bind(address)
            self._path.chmod(0o600)
            self._listener.listen(16)
        except OSError as error:
            self._listener.close()
            raise StoreError(f"{self._path}: the command socket cannot be opened: {error}") from error
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="store-socket", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and remove the file. May be called twice."""
        if not self._thread.is_alive():
            return
        self._wake.send(b"x")
        self._thread.join()
        for end in (self._listener, self._wake, self._woken):
            end.close()
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not any(key.fileobj is self._woken for key, _ in selector.select()):
                with contextlib.suppress(OSError):  # a client that went away
                    client, _ = self._listener.accept()
                    with client:
                        self._serve_one(client)

    def _serve_one(self, client: socket.socket) -> None:
        try:
            intent = json.loads(_line(client, LONGEST_REQUEST, PATIENCE_S))
            if not isinstance(intent, dict):
                raise StoreError("an intent is a JSON object")
            result: dict[str, Any] = {"result": self._answer(intent)}
        except MonitorError as error:
            result = {"error": str(error)}
        except (ValueError, RecursionError) as error:
            result = {"error": f"the intent cannot be read: {error}"}
        client.sendall(json.dumps(result).encode() + b"\n")


def _line(end: socket.socket, longest: int, patience_s: float) -> bytes:
    """One line. Raises StoreError when it is too long or breaks off, TimeoutError when it is not whole in time."""
    received = bytearray()
    deadline = monotonic() + patience_s
    while not received.endswith(b"\n"):
        end.settimeout(max(deadline - monotonic(), 0.001))
        piece = end.recv(65536)
        if not piece:
            raise StoreError("the connection ended in the middle of a line")
        received += piece
        if len(received) > longest:
            raise StoreError(f"a line on the command socket is longer than {longest} bytes")
    return bytes(received)


def ask(database: Path, intent: Mapping[str, Any], *, timeout_s: float = 30.0) -> Any:
    """Send an intent to the holder of the database and return its result.

    Raises NobodyListens when there is no holder, StoreError with the holder's words when it refused.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            with _address(socket_path(database)) as address:
                connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NobodyListens(f"nobody holds {database}") from error
        except OSError as error:
            raise StoreError(f"{socket_path(database)}: {error}") from error
        try:
            connection.sendall(json.dumps(dict(intent)).encode() + b"\n")
            answer = json.loads(_line(connection, LONGEST_ANSWER, timeout_s))
        except OSError as error:
            raise StoreError(f"{database}: the process that holds it does not answer: {error}") from error
    if "error" in answer:
        raise StoreError(answer["error"])
    return answer["result"]
