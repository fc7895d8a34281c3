"""Read `web: {listen: "127.0.0.1:9464"}`: where metrics and health are served; without it nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from monitor.config.page import Page, words
from monitor.errors import Level
from monitor.timing import ascii_digits

_PATH = ("web",)
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The address and port to listen on. Port 0 takes any free one."""

    host: str
    port: int


def read_web(page: Page, top: Mapping[str, Any]) -> Web | None:
    """The configured address; None without one or after a fault. One beyond this machine is told as a warning."""
    if "web" not in top:
        return None
    data = page.mapping(_PATH, top["web"], "web")
    page.known_keys(_PATH, data, ("listen",))
    if "listen" not in data:
        page.fault(_PATH, "web: 'listen' is missing; write for example listen: \"127.0.0.1:9464\"", key=True)
        return None
    found = page.value((*_PATH, "listen"), data, _address, None)
    if found is not None and not ip_address(found.host).is_loopback:
        message = "listen: whoever reaches this address can read the names of sources and channels"
        page.fault((*_PATH, "listen"), message, level=Level.WARNING)
    return found


def _address(data: Any) -> Web:
    text = ascii_digits(words(data))
    host, _, port = text.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        ip_address(host)
        if not _PORT.fullmatch(port) or int(port) > 65_535:
            raise ValueError
    except ValueError:
        raise ValueError(f"{text!r} is not an address and a port; write for example 127.0.0.1:9464") from None
    return Web(host=host, port=int(port))
