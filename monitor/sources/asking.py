"""How a feed is asked: only for what changed, once a week without conditions, at the address where it is. Pure.

Validators are opaque: they go back as the server wrote them. A permanent redirect is adopted after three polls over a
day; once a week the configured address is asked again, so that no adoption outlives its reason. What must be
remembered is the feed's cursor; none of it is a secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.http.session import Response
from monitor.http.waits import fresh_for
from monitor.model import Wishes
from monitor.sources import wishes
from monitor.timing import from_epoch, to_epoch

WHOLE_EVERY = timedelta(days=7)
"""How often the whole document is asked for, whatever the server says of changes."""

ADOPTED_AFTER = (3, timedelta(hours=24))
"""Polls that were redirected for good to the same address, and the time over which."""

_VALIDATORS = {"etag": ("ETag", "If-None-Match"), "modified": ("Last-Modified", "If-Modified-Since")}
_ABOUT_DOCUMENT = ("etag", "modified", "sha256")
_LOST = (404, 410)

Cursor = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request: where to, with which conditions. `is_whole`: without conditions, at the configured address."""

    url: str
    conditions: Mapping[str, str]
    is_whole: bool


def question(cursor: Cursor, url: str, now: datetime) -> Question:
    """What to ask next of the feed that is configured at `url`."""
    last = cursor.get("whole_at")
    is_due = last is None or not timedelta(0) <= now - from_epoch(last) < WHOLE_EVERY
    conditions = {header: cursor[name] for name, (_, header) in _VALIDATORS.items() if cursor.get(name)}
    if is_due or not conditions:
        return Question(url=url if is_due else cursor.get("url", url), conditions={}, is_whole=is_due)
    return Question(url=cursor.get("url", url), conditions=conditions, is_whole=False)


def after_same(cursor: Cursor, asked: Question, response: Response, url: str, now: datetime) -> dict[str, Any]:
    """The cursor after "not modified"."""
    return _moved({**cursor}, cursor, asked, response, url, now)


def after_whole(
    cursor: Cursor, asked: Question, response: Response, url: str, now: datetime, about: str
) -> dict[str, Any]:
    """The cursor after a document; `about` marks what it belongs to."""
    kept: dict[str, Any] = {"about": about, "sha256": hashlib.sha256(response.body).hexdigest()}
    kept |= {name: value for name, (header, _) in _VALIDATORS.items() if (value := response.headers.get(header))}
    kept |= wishes.of(response.body)
    kept["whole_at"] = to_epoch(now) if asked.is_whole else cursor["whole_at"]
    return _moved(kept, cursor, asked, response, url, now)


def without_document(cursor: Cursor) -> dict[str, Any]:
    """The cursor after a document that was not whole: everything but what would keep it from being sent again."""
    return {name: value for name, value in cursor.items() if name not in _ABOUT_DOCUMENT}


def after_refusal(cursor: Cursor, asked: Question, status: int) -> dict[str, Any] | None:
    """The cursor after a refusal, None where it stays: an adopted address that has nothing any more is given up."""
    if status not in _LOST or asked.url != cursor.get("url"):
        return None
    return {name: value for name, value in cursor.items() if name not in ("url", "moved", *_ABOUT_DOCUMENT)}


def wished(cursor: Cursor, response: Response) -> Wishes:
    """What the document and this answer wish of those who poll."""
    return wishes.read(cursor, fresh_for(response.headers))


def _moved(
    kept: dict[str, Any], cursor: Cursor, asked: Question, response: Response, url: str, now: datetime
) -> dict[str, Any]:
    """Count permanent redirects, and adopt where they lead or give up what was adopted."""
    kept.pop("moved", None)
    kept.pop("url", None)
    adopted, target = cursor.get("url"), response.moved_to
    if adopted and (not asked.is_whole or target == adopted):
        kept["url"] = adopted
    if not target or target == adopted:
        return kept
    where, since, times = cursor.get("moved", ("", 0, 0))
    if where != target or from_epoch(since) > now:
        since, times = to_epoch(now), 0
    polls, span = ADOPTED_AFTER
    if times + 1 >= polls and now - from_epoch(since) >= span and _may_adopt(url, target):
        kept["url"] = target
    else:
        kept["moved"] = [target if _may_adopt(url, target) else "", since, times + 1]
    return kept


def _may_adopt(url: str, target: str) -> bool:
    """Whether an address may be remembered: it takes no step back from TLS, and cannot repeat a secret of ours."""
    old, new = urlsplit(url), urlsplit(target)
    is_secret = "@" in old.netloc or bool(old.query)
    return new.scheme >= old.scheme and not (is_secret and new.query)
