"""The head of a request, written whole, and that of an answer, read whole.

Where a connection ends among the headers, `http.client` sees none missing; here that is no answer.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
from collections.abc import Mapping
from typing import Final

from urllib3.util import Url

PORTS: Final = {"http": 80, "https": 443}

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_VALUE = re.compile(r"[^\0\r\n]*")
_TARGET = re.compile(r"[!-~]+")
_ZONE = re.compile(r"%.*(?=\])")


def host_of(url: Url) -> str:
    """The host as servers know it: without the dot at its end; an IPv6 address in brackets, without its zone."""
    return _ZONE.sub("", url.host or "").rstrip(".")


def written(method: str, url: Url, headers: Mapping[str, str], *, is_relayed: bool) -> bytes:
    """The head of a request, up to and with the empty line; `is_relayed`: for a proxy that reads it.

    Raises ValueError for a header that could be read as more than one, or that no head can hold.
    """
    host = host_of(url)
    if url.port is not None and url.port != PORTS[url.scheme or "http"]:
        host = f"{host}:{url.port}"
    target = f"{url.scheme}://{host}{url.request_uri}" if is_relayed else url.request_uri
    if not _TARGET.fullmatch(target):
        raise ValueError("a target that cannot be sent")
    lines = [f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n"]
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError("a header that cannot be sent")
        lines.append(f"{name}: {value}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


class Unanswered(http.client.RemoteDisconnected):
    """The connection ended before the first byte of an answer."""


class _Lines(io.BufferedReader):
    """What a socket brings, and the last line that was read of it."""

    last = b""

    def readline(self, size: int | None = -1) -> bytes:
        self.last = super().readline(size)
        return self.last


class Answer(http.client.HTTPResponse):
    """An answer whose headers end with an empty line, and whose length is one."""

    def __init__(self, sock: socket.socket, method: str) -> None:
        super().__init__(sock, method=method)
        self.fp = self._lines = _Lines(self.fp.detach())

    def begin(self) -> None:
        """Read the status and the headers. Raises Unanswered when there is none, HTTPException when it breaks off."""
        try:
            has_begun = bool(self._lines.peek(1))
        except ConnectionError as error:
            raise Unanswered("") from error
        if not has_begun:
            raise Unanswered("")
        super().begin()
        if self._lines.last not in (b"\r\n", b"\n"):
            raise http.client.RemoteDisconnected("the headers broke off")
        if len(set(self.headers.get_all("Content-Length", ()))) > 1:
            raise http.client.HTTPException("more than one length")
