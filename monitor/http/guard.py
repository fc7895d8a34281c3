"""Decide whether an address may be connected to. Pure: takes an address, returns why not, or nothing.

Feeds and webhooks may name only public unicast addresses, unless the operator lists the network. Forms that
carry another address inside (mapped, NAT64, 6to4, Teredo, IPv4-compatible) are judged by what they carry.
`ipaddress.is_global` alone lets several of them through, and multicast too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")  # RFC 8215
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291, deprecated
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")  # RFC 2765
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has ever given out
_NEVER_V4 = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments, RFC 6890
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
)
_NEVER_V6 = (IPv6Network("3fff::/20"), IPv6Network("2001:db8::/32"))  # documentation, RFC 9637 and RFC 3849


def refusal(address: Address, allowed: Sequence[Network] = ()) -> str:
    """Why `address` may not be connected to, or "" when it may.

    `allowed` are the operator's private networks; an address inside one of them is fine, whatever it is.
    """
    if isinstance(address, IPv6Address) and address.scope_id:
        address = IPv6Address(int(address))
    for meaning in _meanings(address):
        if any(meaning.version == network.version and meaning in network for network in allowed):
            continue
        if not _is_public(meaning):
            inside = f" (inside {address})" if meaning != address else ""
            return f"{meaning}{inside} is not a public address"
    return ""


@lru_cache(maxsize=4096)  # each request asks for the same address several times
def parse(text: str) -> Address:
    """An address as a resolver or a socket gives it, with or without a zone. Raises ValueError."""
    return ip_address(text)


def _meanings(address: Address) -> tuple[Address, ...]:
    """The addresses that traffic to `address` may reach: itself, or what it carries."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64 or address in _TRANSLATED:
        return (low,)
    if address in _NAT64_LOCAL:
        return (address, low)
    if address in _COMPATIBLE:
        return (address,) if int(address) <= 1 else (low,)  # :: and ::1 mean themselves
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    return (address,)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _NEVER_V4)
    return address in _GLOBAL_UNICAST and address.is_global and not any(address in network for network in _NEVER_V6)
