"""Count who tells a story: publishers by declared name or registrable domain, copies of one wire text once. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from monitor.text.fold import folded

_DOMAIN = re.compile(r"[^\s./]+(?:\.[^\s./]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """An article as one voice among others: its publisher as declared, else as a domain; and the article whose text
    it carries, its own id when it copies none."""

    publisher: str
    url: str
    wire: str


def publisher_keys(appearances: Sequence[Appearance]) -> tuple[str, ...]:
    """A key for the publisher of each appearance, "" when nothing names one.

    A domain counts as the name that is declared beside it, if that is one only: a site's feeds may differ in what
    they declare.
    """
    names: defaultdict[str, set[str]] = defaultdict(set)
    for one in appearances:
        if one.publisher and not _DOMAIN.fullmatch(one.publisher):
            names[registrable(_host(one.url))].add(_name(one.publisher))
    keys = []
    for one in appearances:
        if one.publisher and not _DOMAIN.fullmatch(one.publisher):
            keys.append(_name(one.publisher))
            continue
        domain = registrable(one.publisher or _host(one.url))
        declared = names[domain] if domain else set()
        keys.append(next(iter(declared)) if len(declared) == 1 else domain)
    return tuple(keys)


def independent(appearances: Sequence[Appearance]) -> tuple[str, ...]:
    """Keys of the publishers that tell a story in words of their own, in the order of appearance.

    A text counts for the first publisher that had it, whoever copied it, and a publisher once.
    """
    carried: set[str] = set()
    found: dict[str, None] = {}
    for one, key in zip(appearances, publisher_keys(appearances), strict=True):
        if key and one.wire not in carried:
            found[key] = None
            carried.add(one.wire)
    return tuple(found)


@lru_cache(maxsize=65_536)
def registrable(host: str) -> str:
    """The part of a host that somebody registered: `bbc.co.uk` of `news.bbc.co.uk`. Hosts without one stay whole."""
    host = host.lower().rstrip(".")
    try:
        ip_address(host)
    except ValueError:
        return str(_suffixes().privatesuffix(host) or host)
    return host


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _name(publisher: str) -> str:
    return " ".join(folded(publisher).split())
