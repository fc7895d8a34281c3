"""The channel kind `mattermost`: one message through an incoming webhook of Mattermost, in Markdown.

Words of articles are escaped; no channel is mentioned. The URL is a secret.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.channels.answers import judge_told
from monitor.channels.marks import MARKDOWN
from monitor.channels.posting import PostKind, Request, Telling, UrlOptions, post

LONGEST = 4_000
"""Characters that every Mattermost takes; since 5.0 it is 16,383."""


class MattermostOptions(UrlOptions):
    """What may be configured beside `kind`."""


def requests(options: MattermostOptions, telling: Telling) -> Iterator[Request]:
    """The one message."""
    first = telling.first(MARKDOWN)
    text = telling.text("mattermost.md", MARKDOWN, lambda text: len(first) + 1 + len(text) <= LONGEST)
    yield post(options.url, {"text": f"{first}\n{text}"})


KIND = PostKind(
    name="mattermost",
    options=MattermostOptions,
    requests=requests,
    judge=judge_told,
    templates={"mattermost.md": MARKDOWN},
)
