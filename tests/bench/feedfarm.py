"""A farm of feeds on loopback addresses, in a process of its own: most never change, a few bring something each time.

    python tests/bench/feedfarm.py mixed|calm [CERTIFICATE [forgetful]]

Prints its port. Feed `n` answers at `/n`, at whichever address of 127.0.0.0/8 it is asked, after 20 ms: of a hundred,
90 answer "not modified", 8 send the same body again, 2 a new item with each answer; a calm farm has the same body
there too. `POST` takes alerts, keeps none. A forgetful one resumes no TLS session.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import ssl
import sys
import time
from functools import cache

LATENCY_S = 0.02
ETAG = b'"v1"'
WORDS = tuple(
    "market ministry convoy harbour storm مدينة وزارة سوق طريق جسر rain election school river border هدنة قرية "  # noqa: SIM905
    "ميناء report people said after the city council morning price oil water power line road".split()
)


def kind(number: int) -> str:
    """Of a hundred feeds, 90 are `validated`, 8 the `same`, 2 `new`; evenly mixed."""
    place = number * 37 % 100
    return "validated" if place < 90 else "same" if place < 98 else "new"


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


@cache
def _items(number: int) -> tuple[str, ...]:
    """The lasting items of a feed: 5 to 30 of them, some short, some long."""
    chance = random.Random(number)
    size = chance.choice((20, 60, 200))
    return tuple(
        f"<item><guid isPermaLink='false'>{number}-{n}</guid><title>{_text(chance, 8)}</title>"
        f"<link>http://127.0.0.1/{number}/{n}</link><pubDate>Mon, 23 Nov 2026 {n % 24:02}:00:00 GMT</pubDate>"
        f"<description>{_text(chance, size)}</description></item>"
        for n in range(chance.choice((5, 15, 30)))
    )


def document(number: int, fresh: str = "") -> bytes:
    """The feed, `fresh` being an item before all others."""
    head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Feed {number}</title>'
    return (head + fresh + "".join(_items(number)) + "</channel></rss>").encode()


def digest(number: int) -> str:
    """The SHA-256 of a feed's lasting document."""
    return hashlib.sha256(document(number)).hexdigest()


class _Answering(asyncio.Protocol):
    served = 0
    is_calm = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        if b"\r\n\r\n" in self._received:
            asyncio.get_running_loop().call_later(LATENCY_S, self._answer)

    def _answer(self) -> None:
        head = self._received
        if self._transport.is_closing():
            return
        if head.startswith(b"POST"):
            self._send(b"200 OK", b"", b"ok")
            return
        number = int(head[5 : head.index(b" ", 5)])
        sort = kind(number)
        if sort == "validated":
            if b"If-None-Match: " + ETAG in head:
                self._send(b"304 Not Modified", b"ETag: " + ETAG + b"\r\n", None)
            else:
                self._send(b"200 OK", b"ETag: " + ETAG + b"\r\n", document(number))
        elif sort == "same" or self.is_calm:
            self._send(b"200 OK", b"", document(number))
        else:
            _Answering.served += 1
            now = time.time()
            title = f"attack {_Answering.served} at {now:.3f}"
            fresh = (
                f"<item><guid isPermaLink='false'>n{_Answering.served}</guid><title>{title}</title>"
                f"<description>An attack on convoy {hashlib.sha256(title.encode()).hexdigest()}.</description></item>"
            )
            self._send(b"200 OK", b"", document(number, fresh))

    def _send(self, status: bytes, headers: bytes, body: bytes | None) -> None:
        answer = b"HTTP/1.1 " + status + b"\r\nDate: Tue, 24 Nov 2026 12:00:00 GMT\r\nServer: farm\r\n" + headers
        answer += b"Content-Type: application/rss+xml\r\nCache-Control: no-cache\r\nConnection: close\r\n"
        if body is not None:
            answer += b"Content-Length: %d\r\n" % len(body)
        self._transport.write(answer + b"\r\n" + (body or b""))
        self._transport.close()


async def _serve(certificate: str, *, is_forgetful: bool) -> None:
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if is_forgetful:
            context.num_tickets = 0
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Answering, "0.0.0.0", 0, backlog=1024, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    _Answering.is_calm = sys.argv[1] == "calm"
    asyncio.run(_serve("".join(sys.argv[2:3]), is_forgetful="forgetful" in sys.argv))
