"""Read the content of an alert for one reader: its headline, evidence, publishers, rules and times. Pure.

Keys that an older Rasid did not write count as absent; every text is cleaned once more, and cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.alerting.excerpt import whole_words
from monitor.alerting.wording import (
    LANGUAGES,
    SIGNS,
    Line,
    Part,
    Style,
    clock,
    counted,
    is_blank,
    one_line,
    plain,
    said,
    value,
)
from monitor.text.clean import clean

LONGEST_NAME = 100
"""Code points of a publisher, a rule's title, an entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What lines are made of: the content, who reads it, and in which timezone."""

    content: Mapping[str, Any]
    language: str
    zone: ZoneInfo
    now: datetime

    @property
    def articles(self) -> Sequence[Mapping[str, Any]]:
        """The articles that the content holds, the most severe first."""
        return tuple(self.content.get("articles", ()))

    @property
    def head(self) -> Mapping[str, Any]:
        """The article that gives the headline."""
        return self.articles[0] if self.articles else {}

    @property
    def title(self) -> str:
        """The whole headline; of a digest, how many alerts it holds."""
        if self.digest:
            return "".join(part.text for part in digest_line(self))
        title = title_of(self.head, self.language)
        # The mark of a drill stands after the sign.
        return title.removeprefix(f"{said(self.language, 'drill')} ") if self.is_drill else title

    @property
    def severity(self) -> str:
        """The word that the content has for it; "info" for one we do not know."""
        word = str(self.content.get("severity", ""))
        return word if word in SIGNS else "info"

    @property
    def is_drill(self) -> bool:
        """Whether this is a test of the channel."""
        return bool(self.content.get("drill"))

    @property
    def digest(self) -> Mapping[str, Any]:
        """What a digest says of itself; empty for an alert."""
        return self.content.get("digest") or {}

    @property
    def is_update(self) -> bool:
        """Whether the group was told before."""
        return int(self.content.get("sequence", 1)) > 1

    @property
    def article_count(self) -> int:
        """How many articles this alert tells, also those left out of the content."""
        return len(self.articles) + int(self.content.get("more_articles", 0))

    @property
    def publishers(self) -> int:
        """How many publishers carry it, as far as their names are known."""
        named = {article.get("publisher") for article in self.articles} - {None, ""}
        return int(self.content.get("publishers", len(named)))

    @property
    def since(self) -> datetime | None:
        """When the group was told last; None when it is told for the first time."""
        return moment(self.content.get("since"))

    @property
    def quiet(self) -> timedelta | None:
        """How long the rule keeps quiet about the group from now on; None when it does not."""
        until = moment(self.content.get("quiet_until"))
        return until - self.created if until and until > self.created else None

    @property
    def created(self) -> datetime:
        """When the alert was made."""
        return moment(self.content.get("created")) or self.now

    @property
    def code(self) -> str:
        """The group's short code; "" in a test."""
        return "" if self.is_drill else one_line(self.content.get("code", ""), LONGEST_NAME)

    def say(self, key: str) -> Part:
        """Our words for `key`."""
        return plain(said(self.language, key))


def facts(content: Mapping[str, Any], language: str, zone: ZoneInfo, now: datetime) -> Facts:
    """The facts of a content for a reader of `language`; English when we have no words in it."""
    return Facts(content=content, language=language if language in LANGUAGES else "en", zone=zone, now=now)


def title_of(article: Mapping[str, Any], language: str) -> str:
    """An article's headline on one line."""
    title = one_line(article.get("title", ""), 300)
    return said(language, "untitled") if is_blank(title) else title


def digest_line(this: Facts) -> Line:
    """How many alerts a digest holds, and since when."""
    count = counted(int(this.digest["alerts"]), "alert", this.language)
    since = moment(this.digest.get("since"))
    return (*count, this.say("digest-since"), clock(since, this.zone, this.created)) if since else count


def link_of(article: Mapping[str, Any]) -> str:
    """An article's address if a reader may follow it: http or https, without white space."""
    url = str(article.get("url", ""))
    is_web = url.lower().startswith(("http://", "https://"))
    return url if is_web and one_line(url) == url and " " not in url else ""


def publisher_of(article: Mapping[str, Any]) -> str:
    """Who published an article; the source where nobody is named."""
    return one_line(article.get("publisher") or article.get("source") or "", LONGEST_NAME)


def moment(text: object) -> datetime | None:
    """A time of the content."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def excerpt_of(article: Mapping[str, Any]) -> Line:
    """The excerpt in parts: words that are evidence, and the rest. Evidence is widened to whole words."""
    excerpt = article.get("excerpt") or {}
    # The offsets count its code points as they are, so it is cleaned in pieces.
    text = str(excerpt.get("text", ""))
    if is_blank(text):
        return ()
    parts: list[Part] = []
    done = 0
    for hit in excerpt.get("hits", ()):
        start, end = whole_words(text, max(done, int(hit["start"])), int(hit["end"]), done)
        if start < end:
            parts += [value(text[done:start]), Part(text=text[start:end], style=Style.HIT)]
            done = end
    parts.append(value(text[done:]))
    cleaned = (replace(part, text=clean(part.text)) for part in parts)
    return tuple(part for part in cleaned if part.text)


def rules_of(this: Facts) -> list[tuple[str, str]]:
    """Title and id of the rules to name, the most severe first."""
    titles = {rule["id"]: rule.get("title", "") for rule in this.content.get("rule_details", ())}
    names = [str(rule) for rule in this.content.get("rules", ())]
    return [(one_line(titles.get(name) or name, LONGEST_NAME), name) for name in names]


def entities_of(this: Facts) -> list[str]:
    """Entities in the evidence, by the names that the reader's language has for them."""
    names = {entity["id"]: entity.get(this.language) for entity in this.content.get("entities", ())}
    found = [id for article in this.articles for match in article.get("matches", ()) for id in match["entities"]]
    return [one_line(names.get(id) or id, LONGEST_NAME) for id in dict.fromkeys(found)]
