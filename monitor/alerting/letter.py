"""Lay out the content of an alert as a letter: its subject, and the sentences of the text. Pure.

The subject is the same for all letters of a group, so that mail programs show them as one conversation: `opening` in
the content, where it is, holds headline and severity of the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.alerting.facts import Facts, entities_of, link_of, publisher_of, rules_of, title_of
from monitor.alerting.notice import MOST_ENTITIES, MOST_RULES, hidden_line, notice, times, why_now
from monitor.alerting.wording import (
    SIGNS,
    Line,
    Part,
    Style,
    counted,
    cut,
    joined,
    lasting,
    listed,
    one_line,
    plain,
    said,
    value,
)

LONGEST_SUBJECT = 120
MOST_WORDS = 5

_TEXTS = {
    "en": {
        "so-far": " so far",
        "why-you": "Why you: ",
        "one": "alert ",
        "several": "alerts ",
        "found": " found ",
        "why-now": "Why now: ",
        "note": "Note: ",
        "article": "Article: ",
        "code": "Code ",
        "ask": "Ask: ",
        "mute": "Mute: ",
        "others": "Also in this alert",
        "in-digest": "Alerts",
        "entities": "about ",
        "open": '"',
        "close": '"',
        "stop": ".",
    },
    "ar": {
        "so-far": " حتى الآن",
        "why-you": "لماذا وصلك: ",
        "one": "تنبيه ",
        "several": "تنبيهات ",
        "found": " وجد ",
        "why-now": "لماذا الآن: ",
        "note": "ملاحظة: ",
        "article": "الخبر: ",
        "code": "الرمز ",
        "ask": "للسؤال: ",
        "mute": "للكتم: ",
        "others": "في هذا التنبيه أيضًا",
        "in-digest": "التنبيهات",
        "entities": "عن ",
        "open": "«",
        "close": "»",
        "stop": ".",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter in lines. Empty lines have nothing to say."""

    subject: str
    title: str
    origin: Line
    excerpt: Line
    why_you: Line
    why_now: Line
    note: Line
    url: str
    others_heading: str
    others: tuple[Line, ...]
    hidden: Line
    code: Line
    labels: Mapping[str, str]


def letter(this: Facts) -> Letter:
    """The letter that tells an alert."""
    told = notice(this)
    hidden = hidden_line(this, told.hidden)
    is_alert = not (this.digest or this.is_drill)
    return Letter(
        subject=subject(this),
        title=_marked(this, told.title),
        origin=told.origin if this.digest else _origin(this),
        excerpt=told.excerpt,
        why_you=_why_you(this) if is_alert else (),
        why_now=() if this.digest else _why_now(this),
        note=told.note,
        url="" if this.digest else link_of(this.head),
        others_heading=_TEXTS[this.language]["in-digest" if this.digest else "others"],
        others=told.others,
        hidden=hidden,
        code=_code(this),
        labels=_TEXTS[this.language],
    )


def subject(this: Facts) -> str:
    """Severity and headline of the group's first alert, on one line."""
    opening = this.content.get("opening") or {}
    severity = opening.get("severity") if opening.get("severity") in SIGNS else this.severity
    word = said(this.language, str(severity))
    title = title_of(opening, this.language) if opening.get("title") else this.title
    return cut(_marked(this, f"{word[:1].upper()}{word[1:]}: {title}"), LONGEST_SUBJECT)


def _marked(this: Facts, title: str) -> str:
    return f"{said(this.language, 'drill')} {title}" if this.is_drill else title


def _say(this: Facts, key: str) -> Part:
    return plain(_TEXTS[this.language][key])


def _quoted(this: Facts, text: str) -> Line:
    return _say(this, "open"), value(text), _say(this, "close")


def _origin(this: Facts) -> Line:
    """Who published it, and how many did; then when."""
    head = this.head
    who: list[Line] = []
    if not this.is_drill and (publisher := publisher_of(head)):
        who.append((value(publisher),))
    if this.publishers:
        who.append((*counted(this.publishers, "publisher", this.language), _say(this, "so-far")))
    comma = said(this.language, "comma")
    ours = [joined(times(this, head), comma), (this.say("edited"),) if head.get("updated") else ()]
    # A sentence begins with our own words; Arabic has no capitals.
    begun = [(plain(line[0].text.capitalize()), *line[1:]) for line in ours if line]
    sentences = [line for line in (joined(who, comma), *begun) if line]
    return tuple(part for line in sentences for part in (*line, plain(". ")))[:-1] + (
        (_say(this, "stop"),) if sentences else ()
    )


def _why_you(this: Facts) -> Line:
    """Which alerts found which words and entities."""
    rules = rules_of(this)
    if not rules:
        return ()
    more = len(rules) - MOST_RULES + int(this.content.get("more_rules", 0))
    names = [_quoted(this, title) for title, _ in rules[:MOST_RULES]]
    names += [(value(f"+{more}"),)] if more > 0 else []
    line = (_say(this, "one" if len(rules) == 1 else "several"), *listed(names, this.language))
    words = _words(this)[:MOST_WORDS]
    if words:
        found = [_quoted(this, word) for word in words]
        line += (_say(this, "found"), *listed(found, this.language))
    said_already = {word.casefold() for word in words}
    about = [entity for entity in entities_of(this)[:MOST_ENTITIES] if entity.casefold() not in said_already]
    if entities := [(value(entity),) for entity in about]:
        line += (plain(" ("), _say(this, "entities"), *listed(entities, this.language), plain(")"))
    return (*line, _say(this, "stop"))


def _why_now(this: Facts) -> Line:
    """Why it is told now, and for how long there will be quiet."""
    if not (now := why_now(this)):
        return ()
    line = (*now, _say(this, "stop"))
    if this.quiet is None:
        return line
    return (*line, plain(" "), this.say("quiet"), *lasting(this.quiet, this.language), _say(this, "stop"))


def _words(this: Facts) -> list[str]:
    """The evidence in the first article, as it stands there, each word once."""
    spans: list[Mapping[str, Any]] = [s for match in this.head.get("matches", ()) for s in match.get("spans", ())]
    words = {word.casefold(): word for span in spans if (word := one_line(span.get("text", ""), 60))}
    # What stands inside another piece of evidence is said with it.
    return [word for key, word in words.items() if not any(key != other and key in other for other in words)]


def _code(this: Facts) -> Line:
    if not this.code:
        return ()
    ask = Part(text=f"rasid why {this.code}", style=Style.COMMAND)
    mute = Part(text=f"rasid silence {this.code} 2h", style=Style.COMMAND)
    parts: list[Line] = [(_say(this, "code"), value(this.code)), (_say(this, "ask"), ask), (_say(this, "mute"), mute)]
    return joined(parts, ". ")
