"""Short builders of what the store keeps, with the values that a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from monitor.model import (
    Alert,
    Article,
    Delivery,
    DeliveryState,
    Disposition,
    Failure,
    Fetched,
    Group,
    GroupState,
    Ingest,
    Match,
    MatchState,
    Severity,
    Span,
    StoryDecision,
    TakenFile,
)
from monitor.store import Limits

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def article(name: str = "one", *, version: int = 1, source: str = "wire", **more: Any) -> Article:
    """An article of our own, its id made of its name."""
    values: dict[str, Any] = {
        "title": f"Rocket fire near the base, report {name}",
        "text": f"Two rockets fell near Ain al-Asad on Monday, says report {name}.\n\nNobody was hurt.",
        "url": f"https://news.example/{name}",
        "publisher": "news.example",
        "language": "en",
        "published": NOW,
        "seen": NOW,
    }
    return Article(id=f"a-{name}", source=source, version=version, **(values | more))


def match(name: str = "one", rule: str = "base-attacked", *, version: int = 1, **more: Any) -> Match:
    """A match of a rule on the article of that name."""
    values: dict[str, Any] = {
        "rule_hash": "0123456789abcdef",
        "severity": Severity.HIGH,
        "entities": ("ain-al-asad",),
        "spans": (Span(field="title", start=0, end=6, term="rocket", core=(0, 6)),),
    }
    return Match(article_id=f"a-{name}", version=version, rule=rule, **(values | more))


def state(found: Match, disposition: Disposition = Disposition.WAITING, **more: Any) -> MatchState:
    """What became of a match on channel desk, in group rule=<rule>."""
    values: dict[str, Any] = {"channel": "desk", "reason": "as the test wants", "group_key": f"rule={found.rule}"}
    return MatchState(
        rule=found.rule,
        article_id=found.article_id,
        version=found.version,
        disposition=disposition,
        **(values | more),
    )


def group(pending: Iterable[Match] = (), **more: Any) -> Group:
    """A gathering group of channel desk that is due now."""
    values: dict[str, Any] = {
        "key": "rule=base-attacked",
        "channel": "desk",
        "code": "A7K2",
        "state": GroupState.GATHERING,
        "opened": NOW,
        "last_member": NOW,
        "due": NOW,
    }
    return Group(pending=tuple(pending), **(values | more))


def fetched(*articles: Article, source: str = "wire", key: str = "fetch-1", **more: Any) -> Fetched:
    """A fetch that brought these articles."""
    values: dict[str, Any] = {"at": NOW, "cursor": {"etag": key}}
    return Fetched(source=source, key=key, articles=articles, **(values | more))


def ingest(*articles: Article, fetch: Fetched | None = None, **more: Any) -> Ingest:
    """A bundle in which every new article begins its own story."""
    stories = tuple(
        (one.id, StoryDecision(story_id=f"s-{one.id}", joined=False, reason="the first of its story"))
        for one in articles
        if one.version == 1
    )
    return Ingest(fetched=fetch or fetched(*articles), articles=articles, stories=stories, **more)


def waiting(*names: str, rule: str = "base-attacked") -> Ingest:
    """Articles that each matched a rule and wait in its group."""
    matches = tuple(match(name, rule) for name in names)
    return ingest(
        *(article(name) for name in names),
        matches=matches,
        states=tuple(state(one) for one in matches),
        groups=(group(matches, key=f"rule={rule}"),),
    )


def alert(*matches: Match, sequence: int = 1, **more: Any) -> Alert:
    """An alert of group rule=base-attacked on channel desk."""
    values: dict[str, Any] = {
        "id": f"n-{sequence}",
        "channel": "desk",
        "code": "A7K2",
        "rules": ("base-attacked",),
        "severity": Severity.HIGH,
        "group_key": "rule=base-attacked",
        "stories": ("s-a-one",),
        "reason": "first",
        "created": NOW,
    }
    return Alert(sequence=sequence, matches=matches, **(values | more))


def delivery(name: str = "d-1", *, alert_id: str = "n-1", **more: Any) -> Delivery:
    """A delivery due now."""
    values: dict[str, Any] = {"channel": "desk", "state": DeliveryState.PENDING, "due": NOW, "created": NOW}
    return Delivery(id=name, alert_id=alert_id, **(values | more))


def taken(name: str = "one.txt", *articles: str, sha256: str = "ab" * 32, reason: str = "") -> TakenFile:
    """A file of a drop folder."""
    return TakenFile(name=name, sha256=sha256, articles=articles, reason=reason)


def failure(source: str = "wire", reason: str = "status 500", at: datetime = NOW, **more: Any) -> Failure:
    """A poll that failed."""
    return Failure(source=source, reason=reason, at=at, **more)


def limits(before: datetime, matches: datetime | None = None) -> Limits:
    """Texts unchanged since a moment go, and with `matches` what was told before that."""
    return Limits(articles=before, matches=matches, sources={})
