"""The channel kind `telegram`: one message of a bot to a chat. An update answers the first message of its group.

The token is a part of the URL, hence a secret like all of it. When Telegram cannot read the marks, the message goes
once more as plain text. A chat that does not take messages parks its deliveries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from html import unescape
from typing import Any

from pydantic import Field, field_validator

from monitor.channels.answers import judge_told, named, said
from monitor.channels.marks import HTML, PLAIN, units
from monitor.channels.posting import PostKind, Request, Telling, TellOptions, Url, post
from monitor.http.session import Response
from monitor.model import Outcome, Rejected, Sent

LONGEST = 4_096
"""Of a message, its marks not counted (UTF-16 code units)."""

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,100}")
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31}")
_TAG = re.compile(r"<[^>]*>")

# What the description of a 400 says when the chat is at fault, not the message.
_NO_CHAT = (
    "chat not found",
    "not enough rights",
    "no rights",
    "write_forbidden",
    "upgraded to a supergroup",
    "peer_id",
)


class TelegramOptions(TellOptions):
    """What may be configured beside `kind`."""

    token: str = Field(repr=False)
    to: str
    server: Url = Field(default="https://api.telegram.org", repr=False)

    @field_validator("token")
    @classmethod
    def _is_token(cls, value: str) -> str:
        if not _TOKEN.fullmatch(value):
            raise ValueError("must be the token of a bot, such as 123456:ABC-DEF")
        return value

    @field_validator("to")
    @classmethod
    def _is_chat(cls, value: str) -> str:
        if not _CHAT.fullmatch(value):
            raise ValueError("must be the number of a chat, such as -1001234567890, or a channel's @name")
        return value


def requests(options: TelegramOptions, telling: Telling) -> Iterator[Request]:
    """The message with its marks, then as plain text."""
    url = f"{options.server.rstrip('/')}/bot{options.token}/sendMessage"
    common: dict[str, Any] = {"chat_id": options.to, "link_preview_options": {"is_disabled": True}}
    root = telling.root
    if root.isascii() and root.isdecimal():
        common["reply_parameters"] = {"message_id": int(root), "allow_sending_without_reply": True}
    for marks, name, mode in ((HTML, "telegram.html", {"parse_mode": "HTML"}), (PLAIN, "telegram.txt", {})):
        first = telling.first(marks)
        free = LONGEST - _length(first) - 1
        text = telling.text(name, marks, partial(_fits, free=free))
        yield post(url, {**common, **mode, "text": f"{first}\n{text}"})


def _fits(text: str, *, free: int) -> bool:
    return _length(text) <= free


def _length(text: str) -> int:
    return units(unescape(_TAG.sub("", text)))


def outcome(response: Response, now: datetime) -> Outcome:
    """What an answer means. Its description is read, never shown: it may hold what was sent."""
    answer = said(response)
    if 200 <= response.status < 300:
        result = answer.get("result")
        number = result.get("message_id") if isinstance(result, dict) else None
        return Sent(receipt=named(response.status) + (f" {number}" if isinstance(number, int) else ""))
    described = str(answer.get("description", "")).lower()
    if response.status == 403 or (response.status == 400 and any(word in described for word in _NO_CHAT)):
        return Rejected(reason=f"{named(response.status)}: the chat does not take messages of this bot", parks=True)
    return judge_told(response, now, parking=(401, 404))


KIND = PostKind(
    name="telegram",
    options=TelegramOptions,
    requests=requests,
    judge=outcome,
    templates={"telegram.html": HTML, "telegram.txt": PLAIN},
)
