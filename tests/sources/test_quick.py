"""The quick reader of well-formed feeds, alone and against feedparser."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.sources import dates
from monitor.sources.parsing import quick, reference
from monitor.sources.parsing.items import Item
from monitor.sources.parsing.quick import Doubt, Doubtful
from monitor.xmltext.decoding import decode
from monitor.xmltext.gate import admit

BASE = "http://news.example/feed"
NAMESPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:x="http://x.example/" '
)


def rss(item: str, channel: str = "") -> str:
    return f'<rss version="2.0" {NAMESPACES}><channel><title>t</title>{channel}<item>{item}</item></channel></rss>'


def atom(entry: str, attributes: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>t</title><entry>{entry}</entry></feed>'


def read(text: str) -> Item:
    """The one item of a document; feedparser must find the same."""
    (entry,) = quick.read(text).entries
    (other,) = reference.read(text).entries
    item = entry.item(BASE)
    assert told(item) == told(other.item(BASE))
    return item


def told(item: Item) -> dict[str, object]:
    """What an item says, its date read."""
    names = ("guid", "url", "title", "text", "author", "publisher", "language")
    return {name: getattr(item, name) for name in names} | {"date": dates.read(item.date, item.moment)}


@pytest.mark.parametrize(
    ("document", "field", "expected"),
    [
        (rss("<title>AT&amp;T</title>"), "title", "AT&T"),
        (rss("<title>a &amp;lt;b&amp;gt; &lt;i&gt;c&lt;/i&gt;</title>"), "title", "a <b> c"),
        (rss("<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>"), "title", "<script>alert(1)</script>"),
        (rss("<media:title>m</media:title><title>t</title>"), "title", "t"),
        (rss("<media:title>m</media:title>"), "title", "m"),
        (rss("<title>a</title><title>b</title>"), "title", "a"),
        (atom("<title type='html'>a &amp;amp; b</title>"), "title", "a & b"),
        (atom("<title>a &amp;amp; b</title>"), "title", "a &amp; b"),
        (
            atom("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <b>b</b></div></title>"),
            "title",
            "a b",
        ),
        (rss("<guid> 7 </guid>"), "guid", "7"),
        (rss("<guid isPermaLink='false'>7</guid><guid isPermaLink='false'>8</guid>"), "guid", "8"),
        (rss("<guid>http://a.example/1</guid>"), "url", "http://a.example/1"),
        (rss("<guid isPermaLink='false'>http://a.example/1</guid>"), "url", ""),
        (rss("<guid>1</guid>"), "url", ""),
        (rss("<link>http://a.example/?a=1&amp;amp;b=2</link>"), "url", "http://a.example/?a=1&b=2"),
        (rss("<link>/a</link>"), "url", "http://news.example/a"),
        (rss("<link>http:////a.example/b</link>"), "url", "http://a.example/b"),
        (
            rss(
                "<link>http://p.example/1</link><feedburner:origLink>http://a.example/1</feedburner:origLink>"
            ),
            "url",
            "http://a.example/1",
        ),
        (atom("<link rel='self' href='http://a.example/s'/><link href='http://a.example/h'/>"), "url", "http://a.example/h"),
        (atom("<link rel='enclosure' href='http://a.example/e'/>"), "url", ""),
        (atom("<link rel='alternate' type='text/plain' href='http://a.example/p'/>"), "url", ""),
        (rss("<description>&lt;p&gt;a&lt;/p&gt;b</description>"), "text", "a\n\nb"),
        (rss("<description>a</description><description>b</description>"), "text", "a\n\nb"),
        (rss("<description>a</description><content:encoded>a. And b.</content:encoded>"), "text", "a. And b."),
        (rss("<description>s</description><content:encoded>body</content:encoded>"), "text", "s\n\nbody"),
        (
            rss("<description>s</description><media:content><media:description>p</media:description></media:content>"),
            "text",
            "s\n\np",
        ),
        (rss("<description><p xmlns='http://www.w3.org/1999/xhtml'>a <b>b</b></p></description>"), "text", "a b"),
        (atom("<summary>a &lt;b</summary>"), "text", "a <b"),
        (atom("<content type='text'>&lt;p&gt;</content>"), "text", "<p>"),
        (atom("<content type='image/png'>iVBORw0KGgo=</content><summary>s</summary>"), "text", "s"),
        (atom("<summary>s</summary><content src='http://a.example/1'/>"), "text", "s"),
        (rss("<author>a@b.example (A. Writer)</author>"), "author", "A. Writer"),
        (rss("<dc:creator>A. Writer &lt;a@b.example&gt;</dc:creator>"), "author", "A. Writer"),
        (rss("<dc:creator>A</dc:creator><dc:creator>B</dc:creator>"), "author", "A, B"),
        (atom("<author><name>A</name></author><author><name>B</name></author>"), "author", "A, B"),
        (rss("<source url='http://s.example/'>The Source</source>"), "publisher", "The Source"),
        (atom("<source><title>The Source</title><id>no</id></source>"), "publisher", "The Source"),
        (rss("<dc:publisher>P</dc:publisher>"), "publisher", "P"),
        (rss("<title xml:lang='fa'>t</title>"), "language", "fa"),
        (atom("<title>t</title>", "xml:lang='ar_IQ'"), "language", "ar-IQ"),
        (rss("<title>caf\u00c3\u00a9 \u0093x\u0094</title>"), "title", "caf\u00c3\u00a9 \u201cx\u201d"),
        (rss("<title>caf\u00c3\u00a9</title>"), "title", "café"),
        (rss("<pubDate>Mon, 23 Nov 2026 12:00:00 GMT</pubDate>"), "date", "Mon, 23 Nov 2026 12:00:00 GMT"),
        (atom("<updated>2026-11-23T12:00:00Z</updated>"), "date", "2026-11-23T12:00:00Z"),
        (rss("<dc:date>2026-11-23</dc:date><pubDate>23 نوفمبر 2026</pubDate>"), "date", "23 نوفمبر 2026"),
        (rss("<x:title>no</x:title><title>t</title>"), "title", "t"),
    ],
)  # fmt: skip
def test_field_is_read_as_feedparser_reads_it(document: str, field: str, expected: str) -> None:
    assert getattr(read(document), field) == expected


@pytest.mark.parametrize(
    ("document", "doubt"),
    [
        (rss("<title>a</b>"), Doubt.MARKUP),
        (rss("<title>&nbsp;</title>"), Doubt.MARKUP),
        ("<rss><channel><item><y:title>t</y:title></item></channel></rss>", Doubt.MARKUP),
        ("<!DOCTYPE rss SYSTEM 'x'>" + rss("<title>&eacute;</title>"), Doubt.ENTITY),
        ("<channel><item><title>t</title></item></channel>", Doubt.VOCABULARY),
        ("<feed xmlns='http://other.example/'><entry/></feed>", Doubt.VOCABULARY),
        (rss("<title xmlns='http://other.example/'>t</title>"), Doubt.VOCABULARY),
        ("<rss><channel/></rss>", Doubt.NOTHING),
        (rss("<x:box><title>inner</title></x:box>"), Doubt.NESTING),
        (rss("<description><div>a</div></description>"), Doubt.NESTING),
        (rss("<item><title>inner</title></item>"), Doubt.NESTING),
        (atom("<summary mode='base64'>YQ==</summary>"), Doubt.BASE64),
        (atom("<title type='application/octet-stream'>YQ==</title>"), Doubt.BASE64),
        (atom("<link href='/a'/>", "xml:base='http://b.example/'"), Doubt.BASE),
        (atom("<link xml:base='http://b.example/' href='/a'/>"), Doubt.BASE),
        (rss("<guid>http://[a</guid>"), Doubt.BASE),
        (rss("<pubDate>yesterday</pubDate>"), Doubt.DATE),
        (rss("<pubDate>Mon, 23 Nov 2026 12:00:00 IDLW</pubDate>"), Doubt.DATE),
    ],
)
def test_what_could_be_read_in_two_ways_is_left_to_feedparser(document: str, doubt: Doubt) -> None:
    with pytest.raises(Doubtful) as caught:
        quick.read(document)

    assert caught.value.doubt is doubt


def test_base_does_not_matter_where_links_are_whole() -> None:
    assert read(atom("<link href='http://a.example/1'/>", "xml:base='http://b.example/'")).url == "http://a.example/1"


def test_language_of_the_feed_is_declared_in_either_way() -> None:
    assert quick.read(rss("", "<language>ar</language>")).language == "ar"
    assert quick.read(atom("", "xml:lang='fa'")).language == "fa"


def test_thousands_of_attributes_are_kept_from_feedparser() -> None:
    many = "<rss><channel><item><a " + " ".join(f'b{n}="1"' for n in range(1001)) + "/></item></channel></rss>"
    picture = rss("<description><img src='data:image/png;base64," + "A=" * 20_000 + "'/></description>")

    assert len(quick.read(many).entries) == 1
    assert len(reference.read(picture).entries) == 1
    with pytest.raises(SourceError, match="more than 1000 attributes"):
        reference.read(many)


CORPORA = (
    "feeds-feedjira", "feeds-feedparser", "feeds-gofeed", "feeds-miniflux", "feeds-newsboat", "feeds-reader",
    "feeds-simplepie",
)  # fmt: skip
# A <source> with words of its own beside its title, which no feed has.
EXCEPTIONS = {("atom10_feed_entry_source_mixed_content.xml", "publisher")}


def test_both_parsers_read_the_same_in_every_feed_of_the_corpora(corpora: Path) -> None:
    agreed = 0
    doubts: Counter[Doubt] = Counter()
    differences = []
    for path in sorted(path for name in CORPORA for path in (corpora / name).rglob("*")):
        if path.suffix not in (".xml", ".rss", ".atom"):
            continue
        try:
            document = admit(decode(path.read_bytes()))
            feed = quick.read(document.text)
        except SourceError:
            continue
        except Doubtful as doubtful:
            doubts[doubtful.doubt] += 1
            continue
        other = reference.read(document.text)
        pairs = list(zip(feed.entries, other.entries, strict=True))
        found = [
            (path.name, name, value, expected)
            for ours, theirs in pairs
            for (name, value), expected in zip(
                told(ours.item(BASE)).items(), told(theirs.item(BASE)).values(), strict=True
            )
            if value != expected and (path.name, name) not in EXCEPTIONS
        ]
        differences += found
        agreed += not found and feed.language == other.language

    assert differences == []
    assert agreed > 1400
    assert doubts[Doubt.NOTHING] > 800  # tests of what stands outside the entries
    assert sum(doubts.values()) - doubts[Doubt.NOTHING] < 400
