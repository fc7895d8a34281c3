"""Lay out the content of an alert for a reader: its first line, evidence, origin, reason, note and code. Pure.

Takes the content that every channel is given and returns lines of parts; a channel adds its own markup and cuts what
it cannot carry. What the content says is read by `facts.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.alerting.facts import (
    LONGEST_NAME,
    Facts,
    entities_of,
    excerpt_of,
    link_of,
    moment,
    publisher_of,
    rules_of,
    title_of,
)
from monitor.alerting.wording import (
    SIGNS,
    Line,
    Part,
    Style,
    clock,
    counted,
    cut,
    joined,
    one_line,
    place,
    plain,
    said,
    value,
)

FIRST_LINE = 80
"""Code points of the first line: what a push notification shows."""

MOST_RULES = 3
MOST_ENTITIES = 5
MOST_OTHERS = 5
MOST_IN_DIGEST = 30
_ROSE = "severity rose"
_RISES = (_ROSE, "escalated")
_UPDATES = ("update", "spread", "correction", *_RISES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An alert in lines. Empty lines have nothing to say."""

    title: str  # whole; `first` may have cut it
    is_cut: bool
    first: Line
    excerpt: Line
    origin: Line
    alert: Line
    note: Line
    others: tuple[Line, ...]
    hidden: int  # further articles, neither headline nor among `others`
    code: Line


def notice(this: Facts) -> Notice:
    """The lines of an alert, or of a digest of several."""
    if this.digest:
        return _digest(this)
    first, is_cut = _first(this)
    others = tuple(_other(this, article) for article in this.articles[1 : MOST_OTHERS + 1])
    return Notice(
        title=this.title,
        is_cut=is_cut,
        first=first,
        excerpt=excerpt_of(this.head),
        origin=_origin(this),
        alert=_alert(this),
        note=note_of(this),
        others=others,
        hidden=max(0, this.article_count - 1 - len(others)),
        code=_code(this),
    )


def _digest(this: Facts) -> Notice:
    """How many alerts there are and why they come together; then a line for each."""
    begin = plain(f"{SIGNS[this.severity]} ")
    others = tuple(_told_in_digest(this, article) for article in this.articles[:MOST_IN_DIGEST])
    return Notice(
        title=this.title,
        is_cut=False,
        first=(begin, Part(text=this.title, style=Style.STRONG)),
        excerpt=(),
        origin=(this.say(f"digest-{this.digest['cause']}"),),
        alert=(),
        note=(),
        others=others,
        hidden=max(0, int(this.digest["alerts"]) - len(others)),
        code=(),
    )


def hidden_line(this: Facts, number: int) -> Line:
    """How many articles, in a digest alerts, a message has no room for; nothing when there are none."""
    return (this.say("hidden-alerts" if this.digest else "hidden"), value(str(number))) if number else ()


def _told_in_digest(this: Facts, article: Mapping[str, Any]) -> Line:
    """One alert of a digest: sign, headline, publisher, code, link."""
    sign = SIGNS.get(str(article.get("severity")), SIGNS["info"])
    code = one_line(article.get("code", ""), LONGEST_NAME)
    line = _other(this, article, (this.say("code"), value(code)) if code else ())
    return (plain(f"{sign} "), *line)


def note_of(this: Facts) -> Line:
    """What the owner of the most severe rule wants the reader to do."""
    for rule in this.content.get("rule_details", ()):
        if note := one_line(rule.get("note", ""), 500):
            return (value(note),)
    return ()


def why_now(this: Facts) -> Line:
    """Why it is told now, in the reader's words; nothing for what Rasid tells of itself, which has no code."""
    reason = str(this.content.get("reason", "first"))
    if this.is_drill:
        return (this.say("drill-now"),)
    if reason == "update":
        return _news(this)
    if reason in (*_RISES, "spread"):
        return (this.say(reason), plain("; "), *_news(this)) if this.since else (this.say(reason),)
    if reason in ("reopened", "silence", "correction"):
        return (this.say(reason),)
    if not str(this.content.get("group", "story=")).startswith("story="):
        return (this.say("first-of-code"),) if this.code else ()
    return (this.say("firsts" if this.article_count > 1 else "first"),)


def _news(this: Facts) -> Line:
    """How much came since the last alert of the group."""
    articles = counted(this.article_count, "article", this.language)
    if this.since is None:
        return (this.say("update"), *articles)
    new = int(this.content.get("new_publishers", 0))
    publishers = counted(new, "publisher", this.language) if new else ()
    if publishers and this.language == "en":
        publishers = (plain("+"), *publishers)
    moment = clock(this.since, this.zone, this.created)
    return (this.say("new-since"), moment, plain(": "), *joined([publishers, articles], this.say("comma").text))


def times(this: Facts, article: Mapping[str, Any]) -> list[Line]:
    """When an article was published and seen; the timezone stands behind the last."""
    lines: list[Line] = []
    for key in ("published", "seen"):
        found = moment(article.get(key))
        if found is not None:
            lines.append((this.say(key), clock(found, this.zone, this.created)))
    if lines:
        lines[-1] = (*lines[-1], plain(" ("), place(this.zone, this.language), plain(")"))
    return lines


def marks(this: Facts) -> list[str]:
    """What qualifies the severity's sign: ↑ more severe than before, ↻ an update, a test."""
    reason = this.content.get("reason")
    found = []
    if reason in _UPDATES:
        found.append("↑" if reason in _RISES else "↻")
    if reason in ("silence", "correction"):
        found.append(said(this.language, f"{reason}-mark"))
    if this.is_drill:
        found.append(said(this.language, "drill"))
    return found


def severity_words(this: Facts) -> str:
    """The severity in a line of its own or beside others."""
    word = said(this.language, this.severity)
    # "للعلم" says it all; the others are an adjective of "خطورة".
    return f"خطورة {word}" if this.language == "ar" and this.severity != "info" else word


def _first(this: Facts) -> tuple[Line, bool]:
    """Sign, headline, publishers; an escalation has the publishers before the headline."""
    begin = plain(" ".join([SIGNS[this.severity], *marks(this), ""]))
    count = counted(this.publishers, "publisher", this.language) if this.publishers else ()
    length = len(begin.text) + sum(len(part.text) for part in count) + len(" · ")
    title = cut(this.title, FIRST_LINE - length - 1)
    headline = (Part(text=title, style=Style.STRONG),)
    is_cut = title != this.title
    if this.content.get("reason") in _RISES and this.publishers > 1:
        return (begin, *count, plain(": "), *headline), is_cut
    return (begin, *joined([headline, count])), is_cut


def _origin(this: Facts) -> Line:
    head = this.head
    parts: list[Line] = []
    if not this.is_drill and (publisher := publisher_of(head)):
        parts.append((value(publisher),))
    parts += times(this, head)
    if head.get("updated"):
        parts.append((this.say("edited"),))
    return joined([*parts, _link(this, head)])


def _link(this: Facts, article: Mapping[str, Any]) -> Line:
    url = link_of(article)
    return (Part(text=said(this.language, "open"), style=Style.LINK, url=url),) if url else ()


def _alert(this: Facts) -> Line:
    rules = rules_of(this)
    shown: list[Line] = []
    for title, name in rules[:MOST_RULES]:
        # In Arabic the id would only add Latin to the line; the code finds the alert.
        with_id = this.language == "en" and title != name
        shown.append((value(title), plain(f" ({name})")) if with_id else (value(title),))
    more = len(rules) - len(shown) + int(this.content.get("more_rules", 0))
    if more:
        shown.append((value(f"+{more}"),))
    comma = said(this.language, "comma")
    parts: list[Line] = []
    if shown:
        parts.append((this.say("alert" if len(rules) == 1 else "alerts"), *joined(shown, comma)))
    parts.append((plain(severity_words(this)),))
    if entities := entities_of(this):
        names = [(value(entity),) for entity in entities[:MOST_ENTITIES]]
        label = "entity" if len(entities) == 1 else "entities"
        rest = [(value(f"+{len(entities) - MOST_ENTITIES}"),)] if len(entities) > MOST_ENTITIES else []
        parts.append((this.say(label), *joined([*names, *rest], comma)))
    if now := why_now(this):
        parts.append((this.say("why-now"), *now))
    return joined(parts)


def _other(this: Facts, article: Mapping[str, Any], code: Line = ()) -> Line:
    publisher = publisher_of(article)
    title = value(cut(title_of(article, this.language), 150))
    return joined([(title,), (value(publisher),) if publisher else (), code, _link(this, article)])


def _code(this: Facts) -> Line:
    if not this.code:
        return ()
    why = Part(text=f"rasid why {this.code}", style=Style.COMMAND)
    mute = Part(text=f"rasid silence {this.code} 2h", style=Style.COMMAND)
    return joined([(this.say("code"), value(this.code)), (this.say("why"), why), (this.say("mute"), mute)])
