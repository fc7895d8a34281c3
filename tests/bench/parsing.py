"""How fast a changed feed is read, against feedparser with its defaults, over the same bytes in the same run.

Run by hand: `python tests/bench/parsing.py [REPEATS]`. Read the figures as ratios. "entries" is what feedparser does:
from bytes to the parts of each entry; "items" goes on to plain text, which is what the daemon gets. The best of the
repeats counts, in CPU time. The feeds of `$RASID_CORPORA` are read when they are there.
"""

from __future__ import annotations

import io
import os
import random
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from time import process_time

import feedparser

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor.errors import SourceError
from monitor.sources.parsing import quick, reference, syndication
from monitor.xmltext.decoding import decode
from monitor.xmltext.gate import admit
from tests.conftest import ROOT

REAL = ("feeds-feedjira", "feeds-miniflux", "feeds-newsboat", "feeds-reader", "feeds-simplepie")
WORDS = [
    *["أعلنت", "السلطات", "العراقية", "إحباط", "هجوم", "على", "قاعدة"],
    *["the", "army", "said", "that", "rockets", "fell", "near", "a", "base"],
]


def made(count: int, paragraphs: int, chance: random.Random) -> bytes:
    """A news feed as most sites serve it: RSS 2.0 with summary and, if asked, full content."""
    items = []
    for number in range(count):
        lines = [" ".join(chance.choices(WORDS, k=40)) for _ in range(max(1, paragraphs))]
        html = "".join(f'<p class="x"><a href="/t/{number}">{line[:12]}</a>{line[12:]}</p>\n' for line in lines)
        content = f"<content:encoded><![CDATA[{html}]]></content:encoded>" if paragraphs else ""
        date = datetime(2026, 11, 24, tzinfo=UTC) - timedelta(hours=number)
        items.append(
            f"<item><title>{escape(lines[0][:60])}</title><link>https://news.example/{number}</link>"
            f'<guid isPermaLink="false">{number}</guid><pubDate>{date:%a, %d %b %Y %H:%M:%S} +0000</pubDate>'
            f"<dc:creator>Desk</dc:creator><category>News</category>"
            f"<description>{escape(f'<p>{lines[0]}</p>')}</description>{content}</item>"
        )
    head = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<?xml version="1.0"?><rss version="2.0" {head}><channel>{"".join(items)}</channel></rss>'.encode()


def real() -> Iterator[bytes]:
    """The feeds of the corpora that hold at least one article."""
    corpora = ROOT / os.environ.get("RASID_CORPORA", "../shared/corpora")
    for path in sorted(path for name in REAL for path in (corpora / name).rglob("*")):
        if path.suffix in (".xml", ".rss", ".atom"):
            body = path.read_bytes()
            try:
                if syndication.parse_feed(body).items:
                    yield body
            except SourceError:
                continue


def entries(body: bytes) -> str:
    """Read a feed to its entries; says who read it."""
    text = admit(decode(body)).text
    try:
        quick.read(text)
    except quick.Doubtful:
        reference.read(text)
        return "feedparser"
    return "quick"


def spent(step: Callable[[bytes], object], bodies: list[bytes], repeats: int) -> float:
    """The least CPU time of a step over all bodies, in milliseconds."""
    return 1e3 * sum(min(timed(step, body) for _ in range(repeats)) for body in bodies)


def timed(step: Callable[[bytes], object], body: bytes) -> float:
    """The CPU time of one step in seconds."""
    started = process_time()
    step(body)
    return process_time() - started


def main(repeats: int) -> None:
    """Measure and print."""
    chance = random.Random(7)
    sets = {
        "news, summaries": [made(40, 0, chance) for _ in range(5)],
        "news, full text": [made(30, 8, chance) for _ in range(5)],
    }
    by_reader: dict[str, list[bytes]] = {"quick": [], "feedparser": []}
    for body in real():
        by_reader[entries(body)].append(body)
    sets |= {f"real, read by {name}": bodies for name, bodies in by_reader.items()}
    sets["real, all"] = [body for bodies in by_reader.values() for body in bodies]
    columns = ("feeds", "count", "kB", "feedparser ms", "entries ms", "x", "items ms", "x")
    print("{:<26}{:>6}{:>7}{:>15}{:>12}{:>6}{:>10}{:>6}".format(*columns))
    for name, bodies in sets.items():
        if not bodies:
            continue
        theirs = spent(lambda body: feedparser.parse(io.BytesIO(body)), bodies, repeats)
        read, whole = spent(entries, bodies, repeats), spent(syndication.parse_feed, bodies, repeats)
        figures = f"{theirs:>15.1f}{read:>12.1f}{theirs / read:>6.1f}{whole:>10.1f}{theirs / whole:>6.1f}"
        print(f"{name:<26}{len(bodies):>6}{sum(map(len, bodies)) / 1000:>7.0f}{figures}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
