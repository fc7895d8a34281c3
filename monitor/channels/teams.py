"""The channel kind `teams`: one Adaptive Card through a webhook of Microsoft Teams Workflows.

Every text is a run, which knows no markup: words of articles stay words, and links are ours. The URL is a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from monitor.alerting.facts import Facts
from monitor.alerting.message import encode
from monitor.alerting.notice import hidden_line, notice
from monitor.alerting.wording import Line, Part, Style, begun, isolated, plain, value
from monitor.channels.answers import judge_told
from monitor.channels.marks import PLAIN, unlinked
from monitor.channels.posting import PostKind, Request, Telling, UrlOptions, post

LARGEST = 28_000
"""Bytes of a message that Teams takes."""


class TeamsOptions(UrlOptions):
    """What may be configured beside `kind`."""


def requests(options: TeamsOptions, telling: Telling) -> Iterator[Request]:
    """The one card, with as many of the further articles as fit."""
    told = notice(telling.this)
    for shown in range(len(told.others), -1, -1):
        body = _message(telling.this, shown)
        if len(encode(body)) <= LARGEST or not shown:
            yield post(options.url, body)
            return


def _message(this: Facts, shown: int) -> dict[str, Any]:
    told = notice(this)
    hidden = told.hidden + len(told.others) - shown
    lines = [
        _block(told.first, this, size="Medium"),
        _block((value(told.title),) if told.is_cut else (), this),
        _block(told.excerpt, this, is_quote=True),
        _block(told.origin, this, isSubtle=True),
        _block(told.alert, this, isSubtle=True),
        _block((plain("📌 "), *told.note) if told.note else (), this),
        *(_block((plain("• "), *line), this) for line in told.others[:shown]),
        _block(hidden_line(this, hidden), this, isSubtle=True),
        _block(told.code, this, isSubtle=True, size="Small"),
    ]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",  # the first that knows `rtl`, and the last that Teams reads
        "msteams": {"width": "Full"},
        "body": [line for line in lines if line],
    }
    if this.language == "ar":
        card["rtl"] = True
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "summary": PLAIN.line(told.first, this.language), "attachments": [attachment]}


def _block(line: Line, this: Facts, *, is_quote: bool = False, **look: Any) -> dict[str, Any] | None:
    """A line as a block of runs; None when it has nothing to say. A quotation's parts belong together.

    It is not aligned: a card from right to left begins on the right, and "Right" would mean its end.
    """
    if not line:
        return None
    texts = unlinked(line)
    runs = [_run(part, text, this.language, is_whole=is_quote) for part, text in zip(line, texts, strict=True)]
    runs[0]["text"] = begun(runs[0]["text"], this.language)
    return {
        "type": "RichTextBlock",
        "spacing": "Small",
        "inlines": [{**run, **look} for run in runs],
    }


def _run(part: Part, words: str, language: str, *, is_whole: bool) -> dict[str, Any]:
    is_ours = part.style in (Style.PLAIN, Style.LINK) or is_whole
    run: dict[str, Any] = {"type": "TextRun", "text": words if is_ours else isolated(part.text, language, words)}
    if part.style in (Style.STRONG, Style.HIT):
        run["weight"] = "Bolder"
    if part.style is Style.COMMAND:
        run["fontType"] = "Monospace"
    if part.style is Style.LINK:
        run["selectAction"] = {"type": "Action.OpenUrl", "url": part.url}
    return run


KIND = PostKind(name="teams", options=TeamsOptions, requests=requests, judge=judge_told)
