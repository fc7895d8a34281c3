"""A `Fetched` as bytes and back, for the queue: JSON, times in epoch milliseconds."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from monitor.model import Article, Fetched, TakenFile, Wishes
from monitor.timing import from_epoch, to_epoch

_FORM = 2  # raised when the shape changes; a message of another form is refused, its poll is simply repeated


def encode(fetched: Fetched) -> bytes:
    """The message of one fetch."""
    values = {
        "form": _FORM,
        "source": fetched.source,
        "key": fetched.key,
        "at": to_epoch(fetched.at),
        "articles": [_from_article(article) for article in fetched.articles],
        "present": fetched.present,
        "cursor": dict(fetched.cursor),
        "unchanged": fetched.unchanged,
        "complete": fetched.complete,
        "files": [asdict(file) for file in fetched.files],
        "warnings": fetched.warnings,
        "wishes": _from_wishes(fetched.wishes),
        "host": fetched.host,
        "moved_to": fetched.moved_to,
    }
    return json.dumps(values, ensure_ascii=True, separators=(",", ":")).encode()


def decode(message: bytes) -> Fetched:
    """The fetch of a message. Raises ValueError for a message of another form."""
    values = json.loads(message)
    if values.get("form") != _FORM:
        raise ValueError(f"a message of form {values.get('form')!r}, not {_FORM}")
    return Fetched(
        source=values["source"],
        key=values["key"],
        at=from_epoch(values["at"]),
        articles=tuple(_to_article(article) for article in values["articles"]),
        present=tuple(values["present"]),
        cursor=values["cursor"],
        unchanged=values["unchanged"],
        complete=values["complete"],
        files=tuple(TakenFile(**(file | {"articles": tuple(file["articles"])})) for file in values["files"]),
        warnings=tuple(values["warnings"]),
        wishes=_to_wishes(values["wishes"]),
        host=values["host"],
        moved_to=values["moved_to"],
    )


def _from_wishes(wishes: Wishes) -> dict[str, Any]:
    spans = {name: getattr(wishes, name) for name in ("ttl", "fresh_for")}
    return asdict(wishes) | {name: span and span.total_seconds() for name, span in spans.items()}


def _to_wishes(values: dict[str, Any]) -> Wishes:
    spans = {name: None if values[name] is None else timedelta(seconds=values[name]) for name in ("ttl", "fresh_for")}
    return Wishes(**spans, skip_hours=tuple(values["skip_hours"]), skip_days=tuple(values["skip_days"]))


def _from_article(article: Article) -> dict[str, Any]:
    return asdict(article) | {"published": _epoch(article.published), "seen": _epoch(article.seen)}


def _to_article(values: dict[str, Any]) -> Article:
    times = {name: _moment(values[name]) for name in ("published", "seen")}
    return Article(**(values | times | {"tags": tuple(values["tags"])}))


def _epoch(moment: datetime | None) -> int | None:
    return None if moment is None else to_epoch(moment)


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_epoch(milliseconds)
