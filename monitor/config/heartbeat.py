"""Read `heartbeat: {url: ..., every: 5m}`: an address called while all is well, so that silence is noticed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from monitor.config.page import Page, duration, words
from monitor.config.secrets import MissingSecret, Secrets
from monitor.errors import Level

EVERY = timedelta(minutes=5)
_PATH = ("heartbeat",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The address to call, a secret, and how often."""

    url: str = field(repr=False)
    every: timedelta = EVERY


def read_heartbeat(page: Page, top: Mapping[str, Any], secrets: Secrets) -> Heartbeat | None:
    """The configured heartbeat; None without one, after a fault, or when its secret is missing."""
    if "heartbeat" not in top:
        return None
    data = page.mapping(_PATH, top["heartbeat"], "heartbeat")
    page.known_keys(_PATH, data, ("url", "every"))
    every = page.value((*_PATH, "every"), data, duration, EVERY)
    if "url" not in data:
        page.fault(_PATH, "heartbeat: 'url' is missing", key=True)
        return None
    try:
        url = secrets.resolve(page.value((*_PATH, "url"), data, words, ""))
    except MissingSecret as error:
        page.fault(_PATH, f"heartbeat is off: {error}", key=True, level=Level.WARNING)
        return None
    except ValueError as error:
        page.fault((*_PATH, "url"), str(error))
        return None
    if not url.lower().startswith(("http://", "https://")):
        page.fault((*_PATH, "url"), "url: must begin with http:// or https://")
        return None
    secrets.hide_url(url, keep_path=False)
    return Heartbeat(url=url, every=every)
