"""The channel kind `slack`: blocks with the same first line in `text`, through an incoming webhook or by a bot.

Words of articles are escaped and never become a mention, a link or markup. A refusal of the blocks is answered by the
same message as plain text, once. A bot puts updates of a group into the thread of its first message. URL and token
are secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from monitor.alerting.facts import facts
from monitor.alerting.notice import Notice, hidden_line, notice
from monitor.alerting.wording import Line, Style, bare, begun, cut, isolated, plain, quoted, value
from monitor.channels.posting import PostKind, Request, Telling, TellOptions, Url, post
from monitor.channels.slack_answers import TS, judge_slack

TOTAL = 12_000
"""Characters of all blocks together: Slack refuses messages somewhat above it, and documents no bound."""

LONGEST_URL = 2_900
_PLAIN_LENGTH = 3_500

_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,255}")
_CHANNEL = re.compile(r"[A-Z0-9]{2,32}|#[^\s#@<>&|]{1,80}")

# Slack has no escape for its marks, so those of an article's words become look-alikes. Inside words, `_` is no mark.
_MARKS = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})
_EDGE = re.compile(r"(?<!\w)_|_(?!\w)")
_EMOJI = re.compile(r":(?=[\w+'-]*[a-zA-Z][\w+'-]*:)")


class SlackOptions(TellOptions):
    """What may be configured beside `kind`: `url`, or `token` and `to`."""

    url: Url = Field(default="", repr=False)
    token: str = Field(default="", repr=False)
    to: str = ""
    server: Url = Field(default="https://slack.com/api", repr=False)

    @field_validator("token")
    @classmethod
    def _is_token(cls, value: str) -> str:
        if not _TOKEN.fullmatch(value):
            raise ValueError("must be the token of a bot, such as xoxb-...")
        return value

    @field_validator("to")
    @classmethod
    def _is_channel(cls, value: str) -> str:
        if not _CHANNEL.fullmatch(value):
            raise ValueError("must be a channel's id, such as C024BE91L, or its #name")
        return value

    @model_validator(mode="after")
    def _is_one_of_two(self) -> SlackOptions:
        if bool(self.url) == bool(self.token) or bool(self.token) != bool(self.to):
            raise ValueError("write either 'url: ${file:NAME}' or 'token: ${file:NAME}' and 'to: \"#desk\"'")
        return self


def requests(options: SlackOptions, telling: Telling) -> Iterator[Request]:
    """The message as blocks, in its group's thread where a bot sends it; then as plain text."""
    content, this = telling.message.content, telling.this
    rich = render(content, this.language, this.zone, this.now)
    text = render_plain(content, this.language, this.zone, this.now)
    url, headers = options.url, {}
    thread: dict[str, Any] = {}
    if options.token:
        url = f"{options.server.rstrip('/')}/chat.postMessage"
        headers = {"Authorization": f"Bearer {options.token}"}
        rich |= {"channel": options.to}
        thread = {"thread_ts": telling.root} if TS.fullmatch(telling.root) else {}
    yield post(url, rich | thread, headers)
    yield post(url, {key: value for key, value in rich.items() if key != "blocks"} | {"text": text}, headers)


def render(content: Mapping[str, Any], language: str, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """The body of a message: blocks, and their first line as the text of notifications."""
    this = facts(content, language, zone, now)
    told = notice(this)
    blocks = [_section(_marked(told.first, this.language))]
    if told.is_cut:
        blocks.append(_section(_marked((value(told.title),), this.language)))
    if told.excerpt:
        blocks.append(_section(_excerpt(told, this.language)))
    blocks += [_context(_marked(line, this.language)) for line in (told.origin, told.alert) if line]
    if told.note:
        blocks.append(_section(_marked((plain("📌 "), *told.note), this.language)))
    last = [_context(_marked(told.code, this.language))] if told.code else []
    free = TOTAL - sum(map(_size, (*blocks, *last)))
    hidden = told.hidden
    for line in told.others:
        block = _context(_marked(line, this.language))
        free -= _size(block)
        if free < 200:
            hidden += 1
        else:
            blocks.append(block)
    if hidden:
        blocks.append(_context(_marked(hidden_line(this, hidden), this.language)))
    return {"text": _escaped(bare(told.first, this.language)), "blocks": blocks + last} | _NEITHER


def render_plain(content: Mapping[str, Any], language: str, zone: ZoneInfo, now: datetime) -> str:
    """The whole message as text without marks, for a Slack that refused the blocks."""
    this = facts(content, language, zone, now)
    told = notice(this)
    lines = [bare(told.first, this.language), quoted(told.excerpt, this.language, hits=("[", "]"))]
    lines += [bare(line, this.language) for line in (told.origin, told.alert, told.note, told.code)]
    return cut(_escaped("\n".join(line for line in lines if line)), _PLAIN_LENGTH)


# No part of the text is to become a mention, a link's preview or markup.
_NEITHER = {"mrkdwn": False, "link_names": 0, "parse": "none", "unfurl_links": False, "unfurl_media": False}


def _marked(line: Line, language: str) -> str:
    """A line in Slack's markup. Marks stand outside the isolates: Slack wants a blank or a stop before them."""
    shown = []
    for part in line:
        if part.style is Style.PLAIN:
            shown.append(_tamed(part.text))
        elif part.style is Style.LINK:
            shown.append(_link(part.url, part.text))
        elif part.style is Style.STRONG:
            shown.append(f"*{isolated(part.text, language, _tamed(part.text))}*")
        else:
            shown.append(isolated(part.text, language, _tamed(part.text)))
    return begun(_not_a_quote("".join(shown)), language)


def _excerpt(told: Notice, language: str) -> str:
    """The excerpt, isolated as a whole, its evidence bold."""
    text = "".join(part.text for part in told.excerpt)
    shown = [f"*{_tamed(p.text)}*" if p.style is Style.HIT else _tamed(p.text) for p in told.excerpt]
    return begun(isolated(text, language, _not_a_quote("".join(shown))), language)


def _escaped(text: str) -> str:
    """Slack's only escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tamed(text: str) -> str:
    """Words that Slack is to show as they are."""
    return _escaped(_EMOJI.sub("\u2236", _EDGE.sub("\u02cd", text.translate(_MARKS))))


def _not_a_quote(line: str) -> str:
    """A line that begins with `>` is a quotation to Slack, escaped or not."""
    return "\u203a" + line.removeprefix("&gt;") if line.startswith("&gt;") else line


def _link(url: str, words: str) -> str:
    target = _escaped(url.replace("|", "%7C").replace(">", "%3E").replace("<", "%3C"))
    return f"<{target}|{_tamed(words)}>" if len(target) <= LONGEST_URL else _tamed(words)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_text(text)]}


def _text(text: str) -> dict[str, Any]:
    # verbatim: what looks like an address or a channel stays text.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _size(block: Mapping[str, Any]) -> int:
    return sum(len(part["text"]) for part in (block.get("elements") or [block["text"]]))


KIND = PostKind(name="slack", options=SlackOptions, requests=requests, judge=judge_slack, pace=timedelta(seconds=1))
