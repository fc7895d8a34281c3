"""One drop-folder file to articles.

Takes bytes, never opens anything: who reads the file decides what may be read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from monitor.errors import SourceError
from monitor.model import Article
from monitor.sources.articles import Origin, articles
from monitor.sources.parsing.items import Parsed

MAX_SIZE = 10_000_000
"""Bytes to which a packed file may unpack where nobody says otherwise."""


class FileParser(Protocol):
    """What is needed of `parser.Parser` here."""

    def file(self, name: str, body: bytes, max_size: int) -> Parsed:
        """The items of a file in any drop-folder format."""


def read_file(
    name: str,
    body: bytes,
    *,
    source: str,
    parser: FileParser,
    now: datetime,
    origin: Origin | None = None,
    max_size: int = MAX_SIZE,
) -> tuple[Article, ...]:
    """The articles of one file in any drop-folder format; a name without ending is judged by its content.

    `origin` says more of the source than its id. Raises SourceError with a reason in words.
    """
    if not body.strip():
        raise SourceError("the file is empty")
    found = articles(parser.file(name, body, max_size), origin or Origin(source=source), now)
    if not found:
        raise SourceError("no article in it")
    return found
