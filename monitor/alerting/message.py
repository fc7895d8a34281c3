"""Make the content of an alert: JSON values as documented by `config/schema/webhook.json`, all but the id.

Every channel renders this content and none changes it. It is bounded so that a body stays under 20 kB: what does not
fit is counted (`more_articles`, `more_matches`, `more_spans`, `more_rules`), never dropped in silence. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from monitor.alerting.due import policy_of, top
from monitor.alerting.excerpt import excerpt
from monitor.alerting.groups import Reason, Told
from monitor.alerting.wording import cut
from monitor.model import Alert, Article, EntityCard, Group, Match, Message, RuleCard, Span

Json = dict[str, Any]

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

ARTICLES_SIZE = 12_000
"""Bytes that the articles of one alert may take; the first is always there."""

MATCHES_SIZE = 4_000
"""Bytes that the matches of one article may take; the first is always there."""

RULES_SIZE = 3_000
"""Bytes that the details of rules may take; the first is always there."""

DRILL = "a drill: nothing happened"
"""What a drill gives as its reason."""

MOST_RULES = 30
MOST_SPANS = 10
LONGEST_TITLE = 300
LONGEST_NOTE = 500
LONGEST_TEXT = 100
LONGEST_URL = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the earlier alerts of a group said: headline and severity of the first, when the last was, and the
    publishers of all."""

    title: str
    severity: str
    last: datetime
    publishers: frozenset[str]


class Written(Mapping[str, Any]):
    """A content as the JSON text that is kept of it, read only when somebody asks for a part."""

    __slots__ = ("_read", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: Json | None = None

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def _values(self) -> Json:
        if self._read is None:
            self._read = json.loads(self.text)
        return self._read


def content(
    alert: Alert,
    told: Mapping[tuple[str, int], Told],
    cards: Mapping[str, RuleCard],
    *,
    entities: Mapping[str, EntityCard] = MappingProxyType({}),
    group: Group | None = None,
    earlier: Earlier | None = None,
) -> Json:
    """The content of an alert. `told` gives article and story by (article id, version), `entities` names by id,
    `group` is the group after it, `earlier` what its earlier alerts said.

    Articles stand with the most severe first, then in the order in which they came; so do the matches of each.
    """
    before = earlier.publishers if earlier else frozenset()
    by_article: dict[tuple[str, int], list[Match]] = {}
    for match in sorted(alert.matches, key=lambda match: -match.severity):
        by_article.setdefault((match.article_id, match.version), []).append(match)
    publishers = {told[key].article.publisher for key in by_article if key in told} - {""}
    articles, more_articles = fitting(
        (_article(key, matches, told.get(key), cards) for key, matches in by_article.items()), ARTICLES_SIZE
    )
    details, _ = fitting((_rule(rule, alert, cards) for rule in alert.rules), RULES_SIZE)
    is_drill = any(cards[rule].is_drill for rule in alert.rules if rule in cards)
    return {
        "alert": alert.id,
        "code": alert.code,
        "group": alert.group_key,
        "channel": alert.channel,
        "rules": list(alert.rules[:MOST_RULES]),
        "more_rules": max(0, len(alert.rules) - MOST_RULES),
        "rule_details": details,
        "entities": [_entity(id, entities.get(id)) for id in _entities(articles)],
        "severity": alert.severity.word,
        "sequence": alert.sequence,
        "story": alert.stories[0] if alert.stories else "",
        "reason": alert.reason,
        "reason_text": DRILL if is_drill else Reason(alert.reason).words,
        "created": iso(alert.created),
        "articles": articles,
        "more_articles": more_articles,
        "publishers": len(publishers | before),
        "new_publishers": len(publishers - before),
        "since": iso(earlier.last) if earlier else None,
        "opening": {"title": cut(earlier.title, LONGEST_TITLE), "severity": earlier.severity} if earlier else None,
        "quiet_until": iso(_throttled(alert, cards, group)),
        **({"drill": True} if is_drill else {}),
    }


def _throttled(alert: Alert, cards: Mapping[str, RuleCard], group: Group | None) -> datetime | None:
    """Until when the rule keeps quiet; None when it only waits for the usual interval."""
    return group.quiet_until if group and policy_of(top(alert.matches), cards).throttle else None


def encode(body: Mapping[str, Any]) -> bytes:
    """JSON as it is sent: the same content gives the same bytes; UTF-8, letters as they are."""
    return _JSON.encode(body).encode("utf-8", "replace")


def body_of(message: Message) -> bytes:
    """What a program is sent: the delivery's `id` and the content as JSON, the same bytes on every try."""
    kept = message.content
    text = kept.text if isinstance(kept, Written) else _JSON.encode(dict(kept))
    rest = text[1:] if text == "{}" else f",{text[1:]}"
    return f'{{"id":{_JSON.encode(message.delivery_id)}{rest}'.encode("utf-8", "replace")


def iso(moment: datetime | None) -> str | None:
    """A UTC time as ISO 8601 with milliseconds and Z."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fitting(items: Iterable[Json], size: int) -> tuple[list[Json], int]:
    """The first items that fit into `size` bytes, at least one, and how many were left out."""
    taken: list[Json] = []
    left_out = 0
    for item in items:
        size -= len(encode(item)) + 1
        if size >= 0 or not taken:
            taken.append(item)
        else:
            left_out += 1
    return taken, left_out


def _article(key: tuple[str, int], matches: list[Match], known: Told | None, cards: Mapping[str, RuleCard]) -> Json:
    article_id, version = key
    # An article that is gone is told by its id rather than not at all.
    article = known.article if known else Article(id=article_id, source="", title="", text="", version=version)
    shown, more = fitting((_match(match, article, cards) for match in matches), MATCHES_SIZE)
    piece = excerpt(article.text, [(s.start, s.end) for match in matches for s in match.spans if s.field == "text"])
    return {
        "id": article_id,
        "version": version,
        "updated": version > 1,
        "story": known.story_id if known else "",
        "title": cut(article.title, LONGEST_TITLE),
        "url": article.url if len(article.url) <= LONGEST_URL else "",
        "source": article.source,
        "publisher": cut(article.publisher, LONGEST_TEXT),
        "language": article.language,
        "published": iso(article.published),
        "seen": iso(article.seen),
        "excerpt": {"text": piece.text, "hits": [{"start": start, "end": end} for start, end in piece.hits]},
        "matches": shown,
        "more_matches": more,
    }


def _entities(articles: Iterable[Json]) -> Iterable[str]:
    """The entities of the articles that are shown, each once."""
    return dict.fromkeys(id for article in articles for match in article["matches"] for id in match["entities"])


def _entity(id: str, card: EntityCard | None) -> Json:
    names = (card.title, card.arabic, card.latin) if card else (id, id, id)
    title, arabic, latin = (cut(name, LONGEST_TEXT) for name in names)
    return {"id": id, "title": title, "ar": arabic, "en": latin}


def _match(match: Match, article: Article, cards: Mapping[str, RuleCard]) -> Json:
    card = cards.get(match.rule)
    return {
        "rule": match.rule,
        "title": cut(card.title, LONGEST_TITLE) if card else "",
        "severity": match.severity.word,
        "entities": list(match.entities[:MOST_SPANS]),
        "spans": [_span(span, article) for span in match.spans[:MOST_SPANS]],
        "more_spans": max(0, len(match.spans) - MOST_SPANS),
    }


def _span(span: Span, article: Article) -> Json:
    text = article.title if span.field == "title" else article.text
    return {
        "field": span.field,
        "start": span.start,
        "end": span.end,
        "term": cut(span.term, LONGEST_TEXT),
        "text": cut(text[span.start : span.end], LONGEST_TEXT),
    }


def _rule(rule: str, alert: Alert, cards: Mapping[str, RuleCard]) -> Json:
    card = cards.get(rule)
    severity = max(match.severity for match in alert.matches if match.rule == rule)
    return {
        "id": rule,
        "title": cut(card.title, LONGEST_TITLE) if card else "",
        "severity": severity.word,
        "note": cut(card.note, LONGEST_NOTE) if card else "",
    }
