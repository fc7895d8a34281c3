"""A proxy through which everything goes that is not on an allowed private network: HTTP or SOCKS.

With `socks5` names are looked up here and every address is judged as without a proxy. With `socks5h` and `http` the
proxy looks names up, so that only addresses written out and names of this machine can be judged here: what else is
private must be refused by the proxy.
"""

from __future__ import annotations

import base64
import ipaddress
import socket
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from python_socks import ProxyError, ProxyType
from python_socks.sync import Proxy as Tunnel

from monitor.errors import HttpError
from monitor.http.deadline import Deadline
from monitor.http.guard import Address

_TYPES = {"http": ProxyType.HTTP, "socks5": ProxyType.SOCKS5, "socks5h": ProxyType.SOCKS5}
_OWN = ("localhost", "localdomain", "local", "internal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Where the proxy is. `looks_up` says that names are resolved by it, not here."""

    kind: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def looks_up(self) -> bool:
        """Whether the proxy resolves names."""
        return self.kind != "socks5"

    def authorization(self) -> dict[str, str]:
        """The header for requests that the proxy itself reads (plain http)."""
        if not self.user:
            return {}
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {token}"}

    def tunnel(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """A socket that the proxy has connected to `host`. Raises HttpError, whose text names the proxy only."""
        door = Tunnel(_TYPES[self.kind], self.host, self.port, self.user, self.password)
        try:
            return door.connect(host, port, timeout=deadline.remaining())
        except TimeoutError as error:
            raise HttpError("deadline", f"no connection through the proxy {self.host} before the deadline") from error
        except (OSError, ProxyError, ValueError, AssertionError) as error:
            # AssertionError: the library's answer to a proxy that demands another way to sign in
            raise HttpError("network", f"the proxy {self.host} gives no connection") from error


def read_proxy(text: str) -> Proxy:
    """The proxy of a URL such as `socks5h://user:password@proxy.example:1080`. Raises ValueError, hiding the rest."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("is not a URL") from error
    if parts.scheme not in _TYPES or not host or not port or parts.path not in ("", "/"):
        raise ValueError("must be http://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(kind=parts.scheme, host=host, port=port, user=user, password=password)


def written_address(host: str) -> Address | None:
    """The address that a host writes out, in any form that programs read: `127.1`, `0x7f000001`, `127.0.0.1.`."""
    host = host.removesuffix(".")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if host.isascii() and " " not in host else None
    except (OSError, ValueError):
        return None


def is_own_name(host: str) -> bool:
    """Whether a name means this machine or its neighbourhood, wherever it is looked up."""
    return host.rstrip(".").lower().rpartition(".")[2] in _OWN
