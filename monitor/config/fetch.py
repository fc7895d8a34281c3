"""Read how documents are fetched: who we say we are, and the bounds of a fetch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.config.page import Network, Page, count, duration, networks, size, words
from monitor.config.secrets import MissingSecret, Secrets
from monitor.http.proxy import Proxy, read_proxy

KEYS = ("contact", "timeout", "max_size", "private_networks", "fastest", "slowest", "per_host", "proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """How documents are fetched: who we say we are, the bounds of one fetch, and how often one may be.

    `fastest` and `slowest` bound the interval that a source finds by itself; `per_host`: requests in flight at once.
    """

    contact: str = ""
    timeout: timedelta = timedelta(seconds=30)
    max_size: int = 10_000_000
    private_networks: tuple[Network, ...] = ()
    fastest: timedelta = timedelta(minutes=2)
    slowest: timedelta = timedelta(hours=6)
    per_host: int = 1
    proxy: Proxy | None = None


def read_fetch(page: Page, top: Mapping[str, Any], secrets: Secrets) -> Fetch:
    """The section `fetch`; faults are noted on the page."""
    data = page.mapping(("fetch",), top.get("fetch"), "fetch")
    page.known_keys(("fetch",), data, KEYS)
    usual = Fetch()
    fastest = page.value(("fetch", "fastest"), data, duration, usual.fastest)
    slowest = page.value(("fetch", "slowest"), data, duration, max(usual.slowest, fastest))
    if slowest < fastest:
        page.fault(("fetch", "slowest"), "slowest: must not be shorter than 'fastest'")
    return Fetch(
        contact=page.value(("fetch", "contact"), data, words, ""),
        timeout=page.value(("fetch", "timeout"), data, duration, usual.timeout),
        max_size=page.value(("fetch", "max_size"), data, size, usual.max_size),
        private_networks=page.value(("fetch", "private_networks"), data, networks, ()),
        fastest=fastest,
        slowest=slowest,
        per_host=page.value(("fetch", "per_host"), data, count, usual.per_host),
        proxy=_proxy(page, data, secrets),
    )


def _proxy(page: Page, data: Mapping[str, Any], secrets: Secrets) -> Proxy | None:
    """The proxy, its secrets resolved. Without one of them nothing may be fetched around it: an error."""
    path = ("fetch", "proxy")
    text = page.value(path, data, words, "")
    try:
        url = secrets.resolve(text)
    except MissingSecret as error:
        page.fault(path, f"proxy: {error}")
        return None
    except ValueError as error:
        page.fault(path, str(error))
        return None
    secrets.hide_url(url, keep_path=True)
    return page.value(path, {"proxy": url}, read_proxy, None) if url else None
