"""How lines of an alert become text in a markup, and the values that templates of text kinds put in order.

Feed text is escaped here and nowhere else, so that it never becomes markup; and broken by U+2060, which nobody sees,
where a program would make a link, a mention, a hashtag, a command or an emoji of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor.alerting.drill import drill
from monitor.alerting.facts import Facts, facts
from monitor.alerting.notice import MOST_IN_DIGEST, hidden_line, notice
from monitor.alerting.wording import LANGUAGES, Line, Style, begun, isolated, plain, value
from monitor.channels.rendering import Html, check, fill
from monitor.errors import Problem
from monitor.timing import from_epoch

WJ = "\u2060"

# What programs make something of: schemes, domains, mentions, hashtags, cashtags, commands, emoji, tags, dates.
_LIVE = re.compile(
    r"(?<=:)(?=//)|(?<=\w\.)(?=[^\W\d_]{2})|(?<=@)(?=\w)|(?<=#)(?=\w)|(?<=\$)(?=[A-Za-z])|(?<=(?<!\S)/)(?=\w)"
    r"|(?<=:)(?=[0-9+'-]*[A-Za-z_][\w+'-]*:)|(?<=<)(?=\S)|(?<=\{)(?=\{)"
)
_SPACE = re.compile(r"\s+")
_BAD_IN_LINK = re.compile(r"[\\()\[\]<>`*|\"'{}^]")
_MARKDOWN = re.compile(r"[\\`*_\[\]#+\-!|>~]|(?<=\d)\.(?=\s)")


def unlinked(line: Line) -> list[str]:
    """The texts of a line's parts, on one line, of which no program makes a link, a mention or the like.

    The line is looked at as a whole: a mark of evidence may stand between `@` and a name.
    """
    whole = "".join(part.text for part in line)
    breaks = [found.start() for found in _LIVE.finditer(whole)]
    texts = []
    start = 0
    for part in line:
        end = start + len(part.text)
        cuts = [start, *(place for place in breaks if start <= place < end), end]
        texts.append(_SPACE.sub(" ", WJ.join(whole[one:other] for one, other in pairwise(cuts))))
        start = end
    return texts


def _percent(url: str) -> str:
    """A URL that ends where its link ends."""
    return _BAD_IN_LINK.sub(lambda found: f"%{ord(found[0]):02X}", url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """A markup: how text is escaped, and what stands around headlines, evidence, commands and links."""

    escape: Callable[[str], str]
    link: Callable[[str, str], str]  # of a URL as it is and of escaped words
    strong: tuple[str, str] = ("", "")
    hit: tuple[str, str] = ("", "")
    command: tuple[str, str] = ("", "")
    finish: Callable[[str], str] = str

    def line(self, line: Line, language: str) -> str:
        """A line. Marks stand outside the isolates."""
        around = {Style.STRONG: self.strong, Style.HIT: self.hit, Style.COMMAND: self.command}
        shown = []
        for part, text in zip(line, unlinked(line), strict=True):
            words = self.escape(text)
            if part.style is Style.LINK:
                shown.append(self.link(part.url, words))
            elif part.style is Style.PLAIN:
                shown.append(words)
            else:
                before, behind = around.get(part.style, ("", ""))
                shown.append(f"{before}{isolated(part.text, language, words)}{behind}")
        return self.finish(begun("".join(shown), language))

    def excerpt(self, line: Line, language: str) -> str:
        """An excerpt: isolated as a whole, since its parts belong together."""
        if not line:
            return ""
        pieces = []
        for part, text in zip(line, unlinked(line), strict=True):
            before, behind = self.hit if part.style is Style.HIT else ("", "")
            pieces.append(f"{before}{self.escape(text)}{behind}")
        whole = "".join(part.text for part in line)
        return self.finish(begun(isolated(whole, language, "".join(pieces)), language))


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\g<0>", text)


PLAIN = Marks(escape=str, link=lambda url, words: f"{words}: {url}", hit=("[", "]"))
"""Text without markup."""

MARKDOWN = Marks(
    escape=_markdown,
    link=lambda url, words: f"[{words}]({_percent(url)})",
    strong=("**", "**"),
    hit=("**", "**"),
)
"""Markdown as Discord and Mattermost read it."""

HTML = Marks(
    escape=escape,
    link=lambda url, words: f'<a href="{escape(url)}">{words}</a>',
    strong=("<b>", "</b>"),
    hit=("<b>", "</b>"),
    command=("<code>", "</code>"),
    finish=Html,
)
"""The HTML that Telegram reads."""


def values(this: Facts, marks: Marks, *, shown: int = MOST_IN_DIGEST, is_brief: bool = False) -> dict[str, Any]:
    """What templates of text kinds show: lines in `marks`; those that have nothing to say are empty.

    At most `shown` further articles; `is_brief` leaves nothing but headline and code.
    """
    told = notice(this)
    others = told.others[:shown]
    hidden = told.hidden + len(told.others) - len(others)
    lines = {
        "first": told.first,
        "title": (value(told.title),) if told.is_cut else (),
        "origin": () if is_brief else told.origin,
        "alert": () if is_brief else told.alert,
        "note": (plain("📌 "), *told.note) if told.note and not is_brief else (),
        "hidden": hidden_line(this, hidden),
        "code": told.code,
    }
    return {
        "language": this.language,
        "severity": this.severity,
        **{name: marks.line(line, this.language) for name, line in lines.items()},
        "excerpt": "" if is_brief else marks.excerpt(told.excerpt, this.language),
        "others": [marks.line((plain("• "), *line), this.language) for line in others],
    }


def fitted(this: Facts, folder: Path | None, name: str, marks: Marks, fits: Callable[[str], bool]) -> str:
    """The text of template `name` that `fits`: with fewer of the further articles, or headline and code alone."""
    for found in _ever_less(this, marks):
        text = fill(folder, name, this.language, found).strip("\n")
        if fits(text):
            return text
    return fill(None, name, this.language, values(this, marks, shown=0, is_brief=True)).strip("\n")


def _ever_less(this: Facts, marks: Marks) -> Iterator[dict[str, Any]]:
    for shown in range(len(notice(this).others), -1, -1):
        yield values(this, marks, shown=shown)
    yield values(this, marks, shown=0, is_brief=True)


def check_template(folder: Path | None, name: str, marks: Marks) -> tuple[Problem, ...]:
    """A warning for each of the operator's templates `name` that cannot be filled."""
    zone, now = ZoneInfo("UTC"), from_epoch(0)
    return check(
        folder, name, {to: values(facts(drill("desk", to, "n0", now), to, zone, now), marks) for to in LANGUAGES}
    )


def units(text: str) -> int:
    """UTF-16 code units, by which limits of chat programs count at most."""
    return len(text.encode("utf-16-le", "replace")) // 2
