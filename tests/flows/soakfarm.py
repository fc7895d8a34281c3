"""Feeds of a soak, each with a loopback address of its own and a mood: most answer, some fail, each its way.

What a feed shows has an ETag; an item goes only when a good answer has shown it and newer ones have pushed it out.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from types import TracebackType

SHOWN = 40
"""Items a feed shows; far more than come between two polls, failures included."""

SLOW_S = 2.0

MOODS = ("refused", "500", "503", "429", "410", "redirect", "html", "cut", "empty", "slow")
"""How a feed may fail; those with `redirect` and `slow` bring articles all the same."""


@dataclass
class Feed:
    """One feed. `items` are (guid, title, description, date), the newest first; `version` counts its changes."""

    number: int
    items: list[tuple[str, str, str, str]] = field(default_factory=list)
    version: int = 0
    mood: str = ""
    document: bytes = b""

    @property
    def host(self) -> str:
        """An address of its own."""
        return f"127.{1 + (self.number >> 14)}.{(self.number >> 6) & 255}.{1 + (self.number & 63)}"

    def show(self, item: tuple[str, str, str, str]) -> None:
        """Put an item first."""
        self.items.insert(0, item)
        del self.items[SHOWN:]
        self.changed()

    def changed(self) -> None:
        """Make the document anew."""
        self.version += 1
        entries = "".join(
            f'<item><guid isPermaLink="false">{guid}</guid><title>{escape(title)}</title><pubDate>{date}</pubDate>'
            f"<link>http://news.example/{guid}</link><description>{escape(text)}</description></item>"
            for guid, title, text, date in self.items
        )
        head = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Feed</title>'
        self.document = f"{head}{entries}</channel></rss>".encode()


class Farm:
    """Serves feeds by the number in the path, on a thread of its own. `asked` counts answers by mood."""

    def __init__(self, feeds: int) -> None:
        self.feeds = [Feed(number) for number in range(feeds)]
        for feed in self.feeds:
            feed.changed()
        self.asked: Counter[str] = Counter()
        self.port = 0

    def url(self, number: int) -> str:
        """Where a feed is."""
        return f"http://{self.feeds[number].host}:{self.port}/{number}"

    def __enter__(self) -> Farm:
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Answering(self), "0.0.0.0", 0, backlog=1024)
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class _Answering(asyncio.Protocol):
    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if b"\r\n\r\n" not in self._received:
            return
        path = self._received.split(b" ", 2)[1].decode()
        feed = self._farm.feeds[int(path.strip("/").removesuffix("/new"))]
        self._farm.asked[feed.mood or "fine"] += 1
        match feed.mood:
            case "refused":
                self._transport.abort()
            case "500" | "410":
                self._send(f"{feed.mood} No")
            case "503":
                self._send("503 No", "Retry-After: 3600\r\n")
            case "429":
                self._send("429 No", "Retry-After: 7200\r\n")
            case "redirect" if not path.endswith("/new"):
                self._send("302 Found", f"Location: {path}/new\r\n")
            case "html":
                self._send("200 OK", "Content-Type: text/html\r\n", b"<!doctype html><html><p>Moved in.</p></html>")
            case "empty":
                self._send("200 OK")
            case "cut":
                self._send("200 OK", "", feed.document[: len(feed.document) // 2], size=len(feed.document))
            case "slow":
                asyncio.get_running_loop().call_later(SLOW_S, self._serve, feed)
            case _:
                self._serve(feed)

    def _serve(self, feed: Feed) -> None:
        tag = f'"{feed.number}-{feed.version}"'
        if f"If-None-Match: {tag}".encode() in self._received:
            self._send("304 Not Modified", f"ETag: {tag}\r\n")
        else:
            self._send("200 OK", f"ETag: {tag}\r\nContent-Type: application/rss+xml\r\n", feed.document)

    def _send(self, status: str, headers: str = "", body: bytes = b"", size: int | None = None) -> None:
        if self._transport.is_closing():
            return
        length = "" if status.startswith("304") else f"Content-Length: {len(body) if size is None else size}\r\n"
        self._transport.write(f"HTTP/1.1 {status}\r\n{headers}{length}Connection: close\r\n\r\n".encode() + body)
        self._transport.close()
