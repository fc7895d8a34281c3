"""Real servers on 127.0.0.1 that speak HTTP badly on purpose: raw sockets, scripted by a function."""

from __future__ import annotations

import atexit
import contextlib
import functools
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.conftest import require

NAMES = "subjectAltName=DNS:localhost,DNS:feeds.test,IP:127.0.0.1"


@functools.cache
def certificate() -> Path:
    """A new key and its self-signed certificate, made by openssl once a run and gone with the process."""
    folder = tempfile.TemporaryDirectory(prefix="rasid-tls-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "loopback.pem"
    key, made = Path(folder.name) / "key", Path(folder.name) / "made"
    program = require(Path(shutil.which("openssl") or "openssl"), "the program openssl")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    output = ("-subj", "/CN=localhost", "-addext", NAMES, "-keyout", key, "-out", made)
    subprocess.run([program, "req", "-x509", *kind, *output], check=True, capture_output=True)
    path.write_bytes(key.read_bytes() + made.read_bytes())
    return path


def issued(folder: Path, *, name: str = "other", ends: str = "20991231000000Z") -> Path:
    """Another key with a self-signed certificate of the same names, from 2020 until `ends` (YYYYMMDDhhmmssZ)."""
    program = require(Path(shutil.which("openssl") or "openssl"), "the program openssl")
    place = folder / name
    place.mkdir()

    def openssl(*arguments: str) -> None:
        subprocess.run([program, *arguments], check=True, capture_output=True, cwd=place)

    (place / "index").touch()
    (place / "serial").write_text("01")
    (place / "settings").write_text(
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n"
        f"policy=any\nx509_extensions=names\n[any]\ncommonName=supplied\n[names]\n{NAMES}\n"
    )
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-new", *kind, "-subj", f"/CN={name}", "-keyout", "key", "-out", "request")
    dates = ("-startdate", "20200101000000Z", "-enddate", ends)
    own = ("-selfsign", "-keyfile", "key", "-in", "request", "-out", "made", "-notext")
    openssl("ca", "-batch", "-config", "settings", *own, *dates)
    both = place / "both.pem"
    both.write_bytes((place / "key").read_bytes() + (place / "made").read_bytes())
    return both


class RawServer:
    """Calls `script(connection, request head)` for each connection, in a thread of its own."""

    def __init__(
        self,
        script: Callable[[RawServer, socket.socket, bytes], None],
        *,
        tls: bool = False,
        reads: bool = True,
        host: str = "127.0.0.1",
    ) -> None:
        self._script = script
        self._reads = reads
        self._context: ssl.SSLContext | None = None
        self.resumed: list[bool] = []  # of each TLS connection, whether its session was resumed
        if tls:
            self.begin_anew(certificate())
        self.stop = threading.Event()
        self.heads: list[bytes] = []
        self._socket = socket.create_server((host, 0))
        self.host = host
        self.port = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def begin_anew(self, pem: Path, *, tickets: int = 2) -> None:
        """Speak TLS as a server that was started again: another certificate, and no memory of sessions."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        context.num_tickets = tickets
        self._context = context

    def _accept(self) -> None:
        while not self.stop.is_set():
            with contextlib.suppress(OSError):
                connection, _ = self._socket.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(60)
        with connection, contextlib.suppress(OSError):
            sock = connection
            if self._context is not None:
                sock = self._context.wrap_socket(connection, server_side=True)
                self.resumed.append(bool(sock.session_reused))
            with sock:
                head = b""
                while self._reads and b"\r\n\r\n" not in head:
                    chunk = sock.recv(65536)
                    if not chunk:
                        return
                    head += chunk
                self.heads.append(head)
                self._script(self, sock, head)

    def close(self) -> None:
        """Stop accepting and wait for all connections."""
        self.stop.set()
        with contextlib.suppress(OSError):
            socket.create_connection((self.host, self.port), timeout=1).close()
        for thread in self._threads:
            thread.join(10)
        self._socket.close()


@contextlib.contextmanager
def serving(
    script: Callable[[RawServer, socket.socket, bytes], None] | bytes,
    *,
    tls: bool = False,
    reads: bool = True,
    host: str = "127.0.0.1",
) -> Iterator[RawServer]:
    """A raw server for a block; a script of bytes is sent as it is."""

    def say(server: RawServer, sock: socket.socket, head: bytes) -> None:
        sock.sendall(script if isinstance(script, bytes) else b"")

    server = RawServer(say if isinstance(script, bytes) else script, tls=tls, reads=reads, host=host)
    try:
        yield server
    finally:
        server.close()


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """A whole response with Content-Length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def dripping(start: bytes, drop: bytes) -> Callable[[RawServer, socket.socket, bytes], None]:
    """A script that sends `start`, then `drop` again and again, every 20 ms."""

    def drip(server: RawServer, sock: socket.socket, head: bytes) -> None:
        sock.sendall(start)
        while not server.stop.wait(0.02):
            sock.sendall(drop)

    return drip
