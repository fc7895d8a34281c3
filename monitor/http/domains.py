"""The registrable domain of a host, by the public suffix list that the library `tld` brings with it."""

from __future__ import annotations

from functools import lru_cache

import tld


@lru_cache(maxsize=20_000)
def registrable(host: str) -> str:
    """`example.co.uk` of `feeds.example.co.uk`; a host under no known suffix, as an address, is its own domain."""
    found = tld.get_fld(f"http://{host}/", fail_silently=True) if host and not host.endswith(".") else None
    return str(found) if found else host
