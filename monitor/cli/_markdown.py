"""A backtest as Markdown, for a merge request: a table of all rules, then what each gains and loses. Pure.

Text of articles and rules is escaped: it makes no markup, no link to an issue, and calls nobody by `@name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from monitor.backtest import SIDES, Difference, Outcome, Sample
from monitor.cli import _backtest_words as words
from monitor.cli._quotes import quotes
from monitor.cli._screen import plain_line

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>()|~&$]")
_CALLING = re.compile(r"[@#!](?=\w)")
_LEADING = re.compile(r"^(\s*)([-+#=>]|\d+[.)])")
NO_BREAK = "\u2060"
"""Joins, shows nothing: what follows is not read together with what stands before."""


def escaped(text: str) -> str:
    """`text` as text, on one line."""
    shown = _SPECIAL.sub(r"\\\g<0>", plain_line(text))
    return _LEADING.sub(rf"\1{NO_BREAK}\2", _CALLING.sub(rf"\g<0>{NO_BREAK}", shown))


def marked(text: str, hits: Iterable[tuple[int, int]]) -> str:
    """Text as text, with its hits in bold."""
    out, last = "", 0
    for start, end in sorted(hits):
        if start >= last:
            out += f"{_kept(text[last:start])}**{_kept(text[start:end])}**"
            last = end
    return _LEADING.sub(rf"\1{NO_BREAK}\2", out + _kept(text[last:]))


def report(file: str, against: str, outcome: Outcome, span: tuple[date, date]) -> Iterator[str]:
    """The report, line by line."""
    first, last = span
    changed = [this for this in outcome.rules if this.is_changed]
    yield f"### Backtest of {_code(file)} against {_code(against)}"
    yield ""
    yield f"{words.articles(outcome.articles)} from {words.day(first)} to {words.day(last)}."
    if outcome.failures:
        yield f"{words.articles(outcome.failures)} could not be judged."
    yield ""
    yield "| rule | matches | gained | lost | alerts | precision of judged matches |"
    yield "|---|---:|---:|---:|---:|---|"
    for this in (*changed, *(this for this in outcome.rules if not this.is_changed)):
        note = words.standing(this)
        cells = [
            _code(this.rule) + (f" ({escaped(note)})" if note else ""),
            words.arrow(*(this.matches[side] for side in SIDES)),
            f"{this.gained:,}",
            f"{this.lost:,}",
            words.alerts(this.alerts)[0],
            words.judged(this),
        ]
        yield f"| {' | '.join(cells)} |"
    for this in changed:
        yield from _rule(this, first, last)


def _rule(this: Difference, first: date, last: date) -> Iterator[str]:
    yield ""
    yield f"#### {_code(this.rule)}" + (f" {escaped(words.title(this))}" if words.title(this) else "")
    channels = words.alerts(this.alerts)[1]
    if channels:
        yield ""
        yield f"Alerts: {escaped(channels)}."
    if any(this.matches[side] for side in SIDES):
        yield ""
        yield "```"
        yield from words.plotted(words.plot(this, first, last))
        yield "```"
    for what in ("gained", "lost"):
        number, samples = getattr(this, what), this.samples[what]
        if not number:
            continue
        yield ""
        causes = words.causes(this, what)
        yield f"**{number:,} {what}**" + (f": {escaped(causes)}" if causes else "")
        yield ""
        for sample in samples:
            yield from _sample(sample)


def _sample(sample: Sample) -> Iterator[str]:
    (text, hits), *more = quotes(sample)
    about = ", ".join(filter(None, (sample.article.publisher or sample.article.source, words.day(sample.came))))
    yield f"- {marked(text, hits)} ({escaped(about)})"
    for text, hits in more:
        yield f"  <br>{marked(text, hits)}"


def _kept(text: str) -> str:
    """Escaped, white space at both ends kept."""
    return escaped(f".{text}.")[1:-1] if text else ""


def _code(text: str) -> str:
    return f"`{plain_line(text).replace('`', '')}`"
