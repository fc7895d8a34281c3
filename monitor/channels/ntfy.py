"""The channel kind `ntfy`: one push notification as plain text, urgent by severity, a tap opens the article.

The token and the topic are secrets: who knows a topic can read it. `server` is ntfy.sh or one's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, field_validator

from monitor.alerting.facts import link_of
from monitor.channels.answers import judge_told
from monitor.channels.marks import PLAIN
from monitor.channels.posting import PostKind, Request, Telling, TellOptions, Url, post

LONGEST = 4_000
"""Bytes of a message; ntfy makes an attachment of one over 4,096."""

_PRIORITIES = {"critical": 5, "high": 4, "medium": 3, "low": 2, "info": 1}
_USUAL = _PRIORITIES["medium"]
_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class NtfyOptions(TellOptions):
    """What may be configured beside `kind`."""

    topic: str = Field(repr=False)
    token: str = Field(default="", repr=False)
    server: Url = Field(default="https://ntfy.sh", repr=False)

    @field_validator("topic")
    @classmethod
    def _is_topic(cls, value: str) -> str:
        if not 1 <= len(value) <= 64 or not set(value) <= _WORD:
            raise ValueError("must be 1 to 64 letters, digits, '-' and '_'")
        return value

    @field_validator("token")
    @classmethod
    def _is_token(cls, value: str) -> str:
        if not set(value) <= _WORD:
            raise ValueError("must be an access token such as tk_...")
        return value


def requests(options: NtfyOptions, telling: Telling) -> Iterator[Request]:
    """The one notification."""
    body = {
        "topic": options.topic,
        "title": telling.first(PLAIN),
        "message": telling.text("ntfy.txt", PLAIN, lambda text: len(text.encode()) <= LONGEST),
        # A drill that makes no sound would test less than the way.
        "priority": _USUAL if telling.this.is_drill else _PRIORITIES[telling.this.severity],
    }
    if url := link_of(telling.this.head):
        body["click"] = url
    headers = {"Authorization": f"Bearer {options.token}"} if options.token else {}
    yield post(options.server, body, headers)


KIND = PostKind(name="ntfy", options=NtfyOptions, requests=requests, judge=judge_told, templates={"ntfy.txt": PLAIN})
