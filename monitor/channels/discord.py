"""The channel kind `discord`: one message through a Discord webhook, its first line as content, the rest as an embed.

Nobody is mentioned, whatever the words say. When Discord cannot read the embed, the first line goes alone. The URL is
a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from monitor.channels.answers import judge_told
from monitor.channels.marks import MARKDOWN, units
from monitor.channels.posting import PostKind, Request, Telling, UrlOptions, post

LONGEST = 4_096
"""Of an embed's description; content may have 2,000, all embeds of a message 6,000 (UTF-16 code units)."""

_COLOURS = {"critical": 0xC62828, "high": 0xE06C00, "medium": 0xD4A900, "low": 0x1F6FC4, "info": 0x8A929B}


class DiscordOptions(UrlOptions):
    """What may be configured beside `kind`."""


def requests(options: DiscordOptions, telling: Telling) -> Iterator[Request]:
    """The message with its embed, then its first line alone."""
    first = {"content": telling.first(MARKDOWN), "allowed_mentions": {"parse": []}}
    text = telling.text("discord.md", MARKDOWN, lambda text: units(text) <= LONGEST)
    embed = {"description": text, "color": _COLOURS[telling.this.severity]}
    yield post(options.url, {**first, "embeds": [embed]})
    yield post(options.url, first)


KIND = PostKind(
    name="discord",
    options=DiscordOptions,
    requests=requests,
    judge=partial(judge_told, parking=(401, 403, 404)),
    templates={"discord.md": MARKDOWN},
)
