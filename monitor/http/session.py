"""The one guarded HTTP session: judged addresses, checked redirects, one deadline, a cap on decoded bytes.

Returns a response only when it is whole; everything else is an HttpError whose text names at most
`scheme://host/path`, since user info and query values are secrets. Proxies and `.netrc` of the environment
are never used, cookies never kept. A connection serves one request, unless its sender has a line to keep it: a poll
every few minutes gains nothing by that. All connections share one TLS context: loading the trusted certificates costs
ten times what a handshake does.
"""

from __future__ import annotations

import base64
import http.client
import logging
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import unquote_to_bytes, urljoin

import urllib3
from certifi import where as bundled_certificates
from urllib3 import HTTPHeaderDict
from urllib3.util import Url, parse_url

from monitor.errors import HttpError
from monitor.http import encodings
from monitor.http.connection import Connection, Guard
from monitor.http.deadline import Deadline
from monitor.http.guard import Network
from monitor.http.head import Answer, Unanswered, written
from monitor.http.keeping import Line, Origin
from monitor.http.lookup import Resolver
from monitor.http.proxy import Proxy
from monitor.http.tls import Tls

TIMEOUT = timedelta(seconds=30)
MAX_SIZE = 10_000_000
MAX_REDIRECTS = 5
_CHUNK = 65536
_REDIRECTS = (301, 302, 303, 307, 308)
_LASTING = (301, 308)
_ALWAYS = {"Accept-Encoding": "gzip, deflate, br, zstd"}
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
# What goes along when a redirect leaves the origin: nothing that could be a credential.
_HARMLESS = {"accept", "accept-language", "user-agent", "if-none-match", "if-modified-since"}
_BAD_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")

# urllib3 writes whole URLs, secrets included, into its log lines about odd headers.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A whole response. `headers` ignores case; `url` is where the last redirect led, `host` who answered there, in
    small letters.

    `moved_to` is where permanent redirects alone led (301, 308), "" when there was none at the start.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    host: str
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    url: Url
    headers: Mapping[str, str]
    body: bytes | None = None
    line: Line | None = None


class Session:
    """Sends requests for sources and channels. Holds no state between requests; safe in every thread."""

    def __init__(
        self,
        *,
        user_agent: str,
        private_networks: Sequence[Network] = (),
        timeout: timedelta = TIMEOUT,
        max_size: int = MAX_SIZE,
        context: ssl.SSLContext | None = None,
        resolver: Resolver = socket.getaddrinfo,
        proxy: Proxy | None = None,
    ) -> None:
        """`private_networks` are allowed although not public; `max_size` bounds the decoded body in bytes.

        `proxy` is what everything goes through that is not an address of these networks. `context` replaces the
        trust of the system and of the bundled certificates, `resolver` the system's name lookup.
        """
        self.user_agent = user_agent
        self.private_networks = tuple(private_networks)
        self.timeout = timeout
        self.max_size = max_size
        self._tls = Tls(context or _default_context())
        self._resolver = resolver
        self._proxy = proxy

    def get(self, url: str, *, headers: Mapping[str, str] = _NO_HEADERS, own: str = "") -> Response:
        """Fetch `url`, following at most five redirects, each judged like the first.

        `own` is the address that user info and headers were written for, when it is another than `url`: they go along
        only within its origin. Any status is returned. Raises HttpError when there is no trustworthy whole response.
        """
        with Deadline(self.timeout) as deadline:
            first = _target(own or url)
            request = _Request(method="GET", url=first, headers=self._headers(first, headers))
            if own and own != url:
                request = _redirected(request, url)
            moved_to, lasts = "", True
            for _ in range(MAX_REDIRECTS + 1):
                response = self._send(request, deadline, self.private_networks)
                where = response.headers.get("Location", "")
                if response.status not in _REDIRECTS or not where:
                    return replace(response, moved_to=moved_to) if moved_to else response
                request = _redirected(request, where)
                lasts = lasts and response.status in _LASTING
                moved_to = str(request.url) if lasts else moved_to
        raise HttpError("refused", f"more than {MAX_REDIRECTS} redirects")

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str],
        timeout: timedelta | None = None,
        private_networks: Sequence[Network] | None = None,
        line: Line | None = None,
    ) -> Response:
        """Send `body` to `url`. Redirects are returned, not followed. Raises HttpError like `get`.

        `line` is the sender's own: where it holds a connection to there, that is used. When such a one ends before
        the first byte of an answer, `body` is sent once more over a new one.
        """
        with Deadline(timeout or self.timeout) as deadline:
            target = _target(url)
            request = _Request(
                method="POST", url=target, headers=self._headers(target, headers), body=body, line=line
            )
            allowed = self.private_networks if private_networks is None else tuple(private_networks)
            return self._send(request, deadline, allowed)

    def _headers(self, url: Url, wanted: Mapping[str, str]) -> dict[str, str]:
        headers = {"User-Agent": self.user_agent, "Accept": "*/*"}
        if url.auth:
            token = base64.b64encode(unquote_to_bytes(url.auth)).decode()
            headers["Authorization"] = f"Basic {token}"
        names = {name.lower() for name in wanted}
        return {name: value for name, value in headers.items() if name.lower() not in names} | dict(wanted)

    def _send(self, request: _Request, deadline: Deadline, allowed: Sequence[Network]) -> Response:
        url, line = request.url, request.line
        door = Guard(self._resolver, allowed, deadline, self._proxy)
        origin = (url.scheme or "", url.host or "", url.port, door.allowed)
        try:
            relay = door.relay(url.scheme or "", url.host or "")
            if line is not None and (kept := line.take(origin)) is not None:
                try:
                    kept.go_on(deadline)
                    return self._exchange(kept, request, deadline, relay, origin)
                except Unanswered:
                    if deadline.has_passed:
                        raise
            connection = Connection(url, door, self._tls, relay)
            return self._exchange(connection, request, deadline, relay, origin)
        except HttpError as error:
            raise HttpError(error.kind, f"{public_url(url)}: {error.reason}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            # ValueError: headers that cannot be sent, lines that cannot be read
            raise _lost(url, error, deadline) from error

    def _exchange(
        self, connection: Connection, request: _Request, deadline: Deadline, relay: Proxy | None, origin: Origin
    ) -> Response:
        """One request and its answer. The connection is kept on the request's line after a success, else closed: an
        answer before the whole request was read, or one before the last, would be taken for that of the next."""
        url, line, body = request.url, request.line, request.body
        headers = {**request.headers, **_ALWAYS, "Connection": "close" if line is None else "keep-alive"}
        if relay is not None:
            headers |= relay.authorization()
        if body is not None:
            headers["Content-Length"] = str(len(body))
        goes_on = False
        try:
            head = written(request.method, url, headers, is_relayed=relay is not None)
            with connection.ask(request.method, head + (body or b"")) as answer:
                received = self._read(answer, deadline)
                goes_on = line is not None and 200 <= answer.status < 300 and not answer.will_close
        finally:
            if not goes_on:
                connection.close()
        if line is not None and goes_on:
            line.keep(origin, connection)
        return Response(
            status=answer.status,
            headers=HTTPHeaderDict(answer.headers.items()),
            body=received,
            url=str(url),
            host=(url.host or "").lower(),
        )

    def _read(self, answer: Answer, deadline: Deadline) -> bytes:
        """The decoded body, whole. A connection cut by the deadline ends quietly, hence the look at its flag."""
        applied = ",".join(answer.headers.get_all("Content-Encoding", ())).lower()
        names = [word.strip() for word in applied.split(",")]
        if len(names) > encodings.MOST or not encodings.KNOWN.issuperset(names):
            raise HttpError("refused", "a Content-Encoding that is not understood")
        parts: list[bytes] = []
        size = 0
        while chunk := answer.read1(_CHUNK):
            size += len(chunk)
            if size > self.max_size:
                raise HttpError("too-large", f"the response is larger than {self.max_size} bytes")
            parts.append(chunk)
        if deadline.has_passed:
            raise HttpError("deadline", f"the response was not whole within {deadline.span.total_seconds():g} s")
        if answer.length:
            raise HttpError("truncated", "the response ended before its announced length")
        body, has_ended = encodings.unpacked(b"".join(parts), names, self.max_size)
        # Some servers never end what they pack; where the body's length was kept, that is their own affair.
        has_length = "Content-Length" in answer.headers or "Transfer-Encoding" in answer.headers
        if not has_ended and not (body and has_length):
            raise HttpError("truncated", "the compressed response broke off")
        return body


def public_url(url: str | Url) -> str:
    """`scheme://host/path` of a URL: what may be shown, without user info, query and fragment."""
    try:
        parts = parse_url(url) if isinstance(url, str) else url
    except urllib3.exceptions.LocationParseError:
        return "the URL"
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme or 'http'}://{parts.host or ''}{port}{parts.path or '/'}"


def url_problem(url: str) -> str:
    """Why `url` could never be requested, or "". Says nothing of its address, which is judged at each request."""
    try:
        _target(url)
    except HttpError as error:
        return error.reason
    return ""


@lru_cache(maxsize=20_000)  # the same addresses are asked again and again
def _target(text: str) -> Url:
    """A URL that may be requested, normalised and without its fragment. Raises HttpError."""
    if _BAD_IN_URL.search(text):
        raise HttpError("refused", "the URL holds spaces, control characters or a backslash")
    try:
        url = parse_url(text)
    except urllib3.exceptions.LocationParseError as error:
        raise HttpError("refused", "the URL is malformed") from error
    if url.scheme not in ("http", "https"):
        raise HttpError("refused", f"only http and https are spoken, not {url.scheme or 'a URL without a scheme'}")
    if not url.host:
        raise HttpError("refused", "the URL names no host")
    return url._replace(fragment=None)


def _redirected(request: _Request, location: str) -> _Request:
    # Servers send raw UTF-8 here; http.client hands it over as Latin-1. parse_url percent-encodes it.
    text = location.encode("latin-1", "replace").decode("utf-8", "replace")
    bare = request.url._replace(auth=None)
    try:
        joined = urljoin(str(bare), text.strip().replace(" ", "%20"))
    except ValueError as error:
        raise HttpError("refused", "the redirect's URL is malformed") from error
    target = _target(joined)._replace(auth=None)
    headers = dict(request.headers)
    if (target.scheme, target.host, target.port) != (bare.scheme, bare.host, bare.port):
        headers = {name: value for name, value in headers.items() if name.lower() in _HARMLESS}
    return _Request(method=request.method, url=target, headers=headers)


def _lost(url: Url, error: Exception, deadline: Deadline) -> HttpError:
    """The failure in words that hold nothing of the library's text, which quotes URLs."""
    where = public_url(url)
    if deadline.has_passed or isinstance(error, TimeoutError):
        return HttpError("deadline", f"{where}: not finished within {deadline.span.total_seconds():g} s")
    if isinstance(error, http.client.IncompleteRead):
        return HttpError("truncated", f"{where}: the response ended before its announced length")
    if isinstance(error, ssl.SSLCertVerificationError):
        return HttpError("tls", f"{where}: the certificate is not valid: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return HttpError("tls", f"{where}: no TLS connection ({error.reason or 'protocol error'})")
    if isinstance(error, http.client.HTTPException):
        return HttpError("truncated", f"{where}: the connection broke off ({type(error).__name__})")
    if isinstance(error, OSError):
        return HttpError("network", f"{where}: {error.strerror or type(error).__name__}")
    return HttpError("network", f"{where}: the request cannot be made ({type(error).__name__})")


def _default_context() -> ssl.SSLContext:
    """The system's trust (and `SSL_CERT_FILE`) plus bundled certificates, for systems that bring none."""
    context = ssl.create_default_context()
    context.load_verify_locations(bundled_certificates())
    return context
