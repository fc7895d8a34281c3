"""The head of a response, whole: where a connection ends among the headers, `http.client` sees none missing."""

from __future__ import annotations

import http.client
import io
import socket


class _Lines(io.BufferedReader):
    """What a socket brings, and the last line that was read of it."""

    last = b""

    def readline(self, size: int | None = -1) -> bytes:
        self.last = super().readline(size)
        return self.last


class WholeHead(http.client.HTTPResponse):
    """A response whose headers end with an empty line. Raises RemoteDisconnected when they break off."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = self._lines = _Lines(self.fp.detach())

    def begin(self) -> None:
        """Read the status and the headers."""
        super().begin()
        if self._lines.last not in (b"\r\n", b"\n"):
            raise http.client.RemoteDisconnected("the headers broke off")
