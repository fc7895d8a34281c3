"""The channel kind `slack`: one message through an incoming webhook, as blocks with the same first line in `text`.

Words of articles are escaped and never become a mention, a link or markup. A refusal of the blocks is answered by the
same message as plain text, once. The URL is a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.alerting.notice import Notice, facts, notice
from monitor.alerting.wording import Line, Style, bare, begun, cut, isolated, plain, quoted, value
from monitor.channels.answers import Unreadable, judge
from monitor.channels.posting import PostKind, Request, Telling, UrlOptions, post
from monitor.http.session import Response
from monitor.model import Outcome, Rejected

TOTAL = 12_000
"""Characters of all blocks together: Slack refuses messages somewhat above it, and documents no bound."""

LONGEST_URL = 2_900
_PLAIN_LENGTH = 3_500

# What Slack says in the body of a refusal. The first ask for a person; the others are about the blocks.
_PARKING = (
    "action_prohibited",
    "channel_is_archived",
    "channel_not_found",
    "invalid_token",
    "no_active_hooks",
    "no_service",
    "no_service_id",
    "no_team",
    "posting_to_general_channel_denied",
    "team_disabled",
    "user_not_found",
)
_UNREADABLE = ("invalid_payload", "invalid_blocks", "invalid_blocks_format", "no_text", "too_many_attachments")

# Slack has no escape for its marks, so those of an article's words become look-alikes. Inside words, `_` is no mark.
_MARKS = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})
_EDGE = re.compile(r"(?<!\w)_|_(?!\w)")
_EMOJI = re.compile(r":(?=[\w+'-]*[a-zA-Z][\w+'-]*:)")


class SlackOptions(UrlOptions):
    """What may be configured beside `kind`."""


def requests(options: SlackOptions, telling: Telling) -> Iterator[Request]:
    """The message as blocks, then as plain text."""
    content, this = telling.message.content, telling.this
    body = render(content, this.language, this.zone, this.now)
    yield post(options.url, body)
    text = render_plain(content, this.language, this.zone, this.now)
    yield post(options.url, {key: value for key, value in body.items() if key != "blocks"} | {"text": text})


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
        blocks.append(_context(_marked((this.say("hidden"), value(str(hidden))), this.language)))
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


def _word(response: Response) -> str:
    """The refusal's word if it is one that we know; anything else may hold a secret."""
    word = response.body.decode("ascii", "replace").strip()
    return word if word in (*_PARKING, *_UNREADABLE) else ""


def outcome(response: Response, now: datetime) -> Outcome:
    """What an answer means: Slack's refusals are for good, its troubles and its limits pass."""
    status, word = response.status, _word(response)
    reason = f"HTTP {status}" + (f" {word}" if word else "")
    if 300 <= status < 400:
        return Rejected(reason=f"{reason}: the URL moved; put the new one into the configuration")
    if word in _PARKING or status in (401, 403, 404, 410):
        return Rejected(reason=f"{reason}: Slack no longer takes messages here; look at the webhook", parks=True)
    if 400 <= status < 500 and status not in (408, 425, 429):
        return Unreadable(reason=f"{reason}: Slack cannot read the message, not even as plain text")
    return judge(response, now)


KIND = PostKind(name="slack", options=SlackOptions, requests=requests, judge=outcome)
