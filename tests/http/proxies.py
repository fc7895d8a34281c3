"""A SOCKS5 and an HTTP proxy on loopback that note what they were asked for; small, and polite to nobody."""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import struct
import threading
from collections.abc import Iterator


class Proxying:
    """A proxy that connects everything it is asked for to one server on loopback."""

    def __init__(self, kind: str, target_port: int, *, refuses: bool = False) -> None:
        self.kind = kind
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self._target = ("127.0.0.1", target_port)
        self._refuses = refuses
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._ending = False
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{self.kind}://us%40er:pass@127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while not self._ending:
            with contextlib.suppress(OSError):
                client, _ = self._socket.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(10)
        with client, contextlib.suppress(OSError):
            first = self._socks(client) if self.kind.startswith("socks") else self._http(client)
            if first is None:
                return
            with socket.create_connection(self._target, timeout=10) as server:
                server.sendall(first)
                self._relay(client, server)

    def _socks(self, client: socket.socket) -> bytes | None:
        """RFC 1928 with user and password (RFC 1929)."""
        greeting = client.recv(2)
        if not greeting:
            return None
        client.recv(greeting[1])
        client.sendall(b"\x05\x02")
        lengths = client.recv(2)
        user = client.recv(lengths[1])
        password = client.recv(client.recv(1)[0])
        self.heads.append(user + b":" + password)
        client.sendall(b"\x01\x00")
        kind = client.recv(4)[3]
        if kind == 3:
            host = client.recv(client.recv(1)[0]).decode()
        else:
            host = str(ipaddress.ip_address(client.recv(4 if kind == 1 else 16)))
        port = struct.unpack("!H", client.recv(2))[0]
        self.asked.append(f"{host}:{port}")
        client.sendall(b"\x05" + (b"\x02" if self._refuses else b"\x00") + b"\x00\x01" + bytes(6))
        return None if self._refuses else b""

    def _http(self, client: socket.socket) -> bytes | None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                return None
            head += piece
        self.heads.append(head)
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        self.asked.append(target)
        if self._refuses:
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return None
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return b""
        return head

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            ready, _, _ = select.select([client, server], [], [], 10)
            for end, other in ((client, server), (server, client)):
                if end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    other.sendall(data)
            if not ready:
                return

    def close(self) -> None:
        self._ending = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        for thread in self._threads:
            thread.join(10)
        self._socket.close()


@contextlib.contextmanager
def proxying(kind: str, target_port: int, *, refuses: bool = False) -> Iterator[Proxying]:
    """A proxy for a block."""
    made = Proxying(kind, target_port, refuses=refuses)
    try:
        yield made
    finally:
        made.close()
