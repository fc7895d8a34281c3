"""The kind `feed`, against a real server."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.errors import SourceError
from monitor.model import Article, Fetched, SourceSpec
from monitor.sources import Source, Tools, build
from tests.http.servers import RawServer, answer, serving
from tests.sources.conftest import NOW


def rss(*items: str, head: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>t</title>'
        f"{head}{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"
    ).encode()


LONG = "<content:encoded>&lt;p&gt;Long.&lt;/p&gt;&lt;p&gt;More.&lt;/p&gt;</content:encoded>"


def feed(tools: Tools, url: str, tags: tuple[str, ...] = (), **options: Any) -> Source:
    return build(SourceSpec(id="news", kind="feed", options={"url": url, **options}, tags=tags), tools)


def fetch(tools: Tools, body: bytes, *headers: str, **options: Any) -> Fetched:
    """One fetch of a feed that answers `body`."""
    with serving(answer(body, *headers)) as server:
        return feed(tools, f"{server.url}/feeds/news.xml", **options).fetch({}, NOW)


def only(fetched: Fetched) -> Article:
    (article,) = fetched.articles
    return article


def conditional(body: bytes, *validators: str) -> Callable[[RawServer, socket.socket, bytes], None]:
    """A script that answers 304 when asked with any of the validators it gave."""

    def script(server: RawServer, sock: socket.socket, head: bytes) -> None:
        known = any(line.partition(": ")[2].encode() in head for line in validators)
        sock.sendall(answer(b"", status="304 Not Modified") if known else answer(body, *validators))

    return script


# --- what an item becomes ----------------------------------------------------------------------------------


def test_item_becomes_an_article(tools: Tools) -> None:
    item = (
        "<title>Base &amp;amp; camp &lt;b&gt;attacked&lt;/b&gt;</title><guid isPermaLink='false'>7</guid>"
        "<link>/2026/base?a=1</link><author>desk@gulf.example (A. Writer)</author>"
        "<dc:publisher>Gulf Daily</dc:publisher>"
        "<pubDate>Mon, 23 Nov 2026 12:00:00 +0300</pubDate><description>Two rockets.</description>"
    )
    with serving(answer(rss(item, head="<language>en-gb</language>"))) as server:
        fetched = feed(tools, f"{server.url}/feeds/x.xml?key=canary", tags=("iraq", "tv")).fetch({}, NOW)

    article = only(fetched)
    assert (article.title, article.text) == ("Base & camp attacked", "Two rockets.")
    assert article.url == f"{server.url}/2026/base?a=1"
    assert (article.author, article.publisher) == ("A. Writer", "Gulf Daily")
    assert (article.published, article.seen) == (datetime(2026, 11, 23, 9, tzinfo=UTC), NOW)
    assert (article.source, article.tags, article.version) == ("news", ("iraq", "tv"), 1)
    assert (fetched.complete, fetched.unchanged, fetched.warnings) == (True, False, ())
    assert "canary" not in repr(fetched)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            "<description>Short.</description>" + LONG,
            "Short.\n\nLong.\n\nMore.",
        ),
        (
            "<description>Long. Mo...</description>" + LONG,
            "Long.\n\nMore.",
        ),
        (
            "<description>Long. […]</description>"
            "<content:encoded><![CDATA[<p>Long.<br>More.</p>]]></content:encoded>",
            "Long.\nMore.",
        ),
        ("<description>Only this.</description>", "Only this."),
        ("<content:encoded>Only that.</content:encoded>", "Only that."),
        ("", ""),
    ],
)
def test_summary_that_adds_something_becomes_the_first_paragraph(tools: Tools, parts: str, text: str) -> None:
    assert only(fetch(tools, rss(f"<title>t</title>{parts}"))).text == text


@pytest.mark.parametrize(
    ("item", "options", "publisher"),
    [
        ("<link>https://www.gulf.example/1</link>", {}, "gulf.example"),
        ("<link>https://m.gulf.example/1</link>", {}, "gulf.example"),
        ("<source url='http://x.example/'>The Source</source><link>https://agg.example/1</link>", {}, "The Source"),
        ("<dc:publisher>DC</dc:publisher>", {}, "DC"),
        ("<dc:publisher>DC</dc:publisher>", {"publisher": "Mine"}, "Mine"),
        ("", {}, "127.0.0.1"),
    ],
)
def test_publisher_is_declared_or_the_domain(
    tools: Tools, item: str, options: dict[str, str], publisher: str
) -> None:
    assert only(fetch(tools, rss(f"<title>t</title>{item}"), **options)).publisher == publisher


def test_date_without_zone_is_read_in_the_sources_zone(tools: Tools) -> None:
    item = "<title>t</title><pubDate>Mon, 23 Nov 2026 12:00:00</pubDate>"

    assert only(fetch(tools, rss(item), timezone="Asia/Baghdad")).published == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_future_date_does_not_hide_the_article(tools: Tools) -> None:
    item = "<title>t</title><pubDate>Mon, 23 Nov 2037 12:00:00 GMT</pubDate>"

    assert only(fetch(tools, rss(item))).published is None


def test_link_that_is_no_web_address_is_left_out(tools: Tools) -> None:
    items = (
        "<title>a</title><link>javascript:alert(1)</link>",
        "<title>b</title><link>ftp://x.example/</link>",
        "<title>c</title><guid>just-an-id</guid>",
    )

    assert {article.url for article in fetch(tools, rss(*items)).articles} == {""}


def test_guid_does_not_change_with_the_feeds_address(tools: Tools) -> None:
    first, second = (only(fetch(tools, rss("<title>t</title><guid>7</guid>"))) for _ in range(2))

    assert first.id == second.id  # each server has a port of its own


def test_items_without_anything_are_dropped_and_doubles_count_once(tools: Tools) -> None:
    items = ("", "<title>a</title>", "<title>a</title>", "<description>no title</description>")

    assert [(a.title, a.text) for a in fetch(tools, rss(*items)).articles] == [("a", ""), ("", "no title")]


def test_json_feed_is_a_feed(tools: Tools) -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "language": "ar",
        "items": [
            {"id": 1, "url": "/a", "title": "عنوان", "content_html": "<p>هجوم</p>", "summary": "موجز",
             "date_published": "2026-11-23T12:00:00+03:00", "authors": [{"name": "A"}, {"name": "B"}]},
            "rubbish",
            {"id": "2", "content_text": "نص\n\nثان"},
        ],
    }  # fmt: skip
    first, second = fetch(tools, json.dumps(document).encode(), "Content-Type: application/feed+json").articles

    assert (first.title, first.text, first.author) == ("عنوان", "موجز\n\nهجوم", "A, B")
    assert first.url.endswith("/a") and first.published == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert (second.title, second.text, second.url) == ("", "نص\n\nثان", "")


# --- asked only when it changed ----------------------------------------------------------------------------


@pytest.mark.parametrize("validator", ['ETag: W/"a b"', "ETag: unquoted", "Last-Modified: sometime last week"])
def test_validators_are_sent_back_as_the_server_wrote_them(tools: Tools, validator: str) -> None:
    with serving(conditional(rss("<title>t</title>"), validator)) as server:
        source = feed(tools, server.url)
        first = source.fetch({}, NOW)
        second = source.fetch(first.cursor, NOW + timedelta(minutes=5))

    assert (len(first.articles), first.unchanged) == (1, False)
    assert (second.articles, second.unchanged, second.cursor) == ((), True, first.cursor)
    header = "If-None-Match" if validator.startswith("ETag") else "If-Modified-Since"
    assert f"{header}: {validator.partition(': ')[2]}\r\n".encode() in server.heads[1]


def test_same_body_is_unchanged_without_validators(tools: Tools) -> None:
    with serving(answer(rss("<title>t</title>"))) as server:
        source = feed(tools, server.url)
        second = source.fetch(source.fetch({}, NOW).cursor, NOW)

    assert (second.articles, second.unchanged) == ((), True)


def test_cursor_means_nothing_under_other_options(tools: Tools) -> None:
    with serving(conditional(rss("<title>t</title>"), 'ETag: "e"')) as server:
        first = feed(tools, server.url).fetch({}, NOW)
        second = feed(tools, server.url, publisher="Other").fetch(first.cursor, NOW)

    assert only(second).publisher == "Other"
    assert b"If-None-Match" not in server.heads[1]


def test_document_that_breaks_off_gives_its_items_but_no_validators(tools: Tools) -> None:
    body = rss("<title>t</title><guid>1</guid>")[:-20]
    with serving(conditional(body, 'ETag: "e"', "Last-Modified: last week")) as server:
        source = feed(tools, server.url)
        first = source.fetch({}, NOW)
        second = source.fetch(first.cursor, NOW)

    assert (len(first.articles), first.complete) == (1, False)
    assert first.warnings == ("the document breaks off before its end; what could be read of it was taken",)
    assert [a.id for a in second.articles] == [a.id for a in first.articles]
    assert b"If-None-Match" not in server.heads[1]


def test_key_is_the_same_for_the_same_fetch_and_another_for_the_next(tools: Tools) -> None:
    with serving(answer(rss("<title>t</title>"))) as server:
        source = feed(tools, server.url)
        keys = [source.fetch({}, moment).key for moment in (NOW, NOW, NOW + timedelta(minutes=5))]

    assert keys[0] == keys[1] != keys[2]
    assert keys[0].startswith("news:")


def test_own_headers_and_agent_are_sent(tools: Tools) -> None:
    with serving(answer(rss("<title>t</title>"))) as server:
        feed(tools, server.url, headers={"X-Key": "k"}, user_agent="reader/1").fetch({}, NOW)

    assert b"X-Key: k\r\n" in server.heads[0] and b"User-Agent: reader/1\r\n" in server.heads[0]


# --- failures ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer(b"", status="500 Oops"), "the server answered 500 Internal Server Error"),
        (answer(b"<html>", status="404 Not Found"), "the server answered 404 Not Found"),
        (answer(b"", status="204 No Content"), "the server answered 204 No Content"),
        (answer(b"", status="799 Odd"), "the server answered 799"),
        (answer(b"", status="304 Not Modified"), "the server answered 304 Not Modified"),
        (answer(b""), "an empty body instead of a feed"),
        (answer(b" \r\n "), "an empty body instead of a feed"),
        (answer(b"<!doctype html><html><body>Please sign in</body></html>"), "not a feed: an HTML page"),
        (answer(b"hello"), "not a feed: no markup in it"),
        (answer(b"<opml></opml>"), "not a feed: an XML document of another kind (<opml>)"),
        (answer(b"<channel></channel>"), "not a feed: nothing in it that a feed has"),
        (answer(b"{}"), "not a feed: JSON, but not a JSON Feed (no 'version' that names jsonfeed.org)"),
        (answer(b"<rss><channel>", length=999), "the response ended before its announced length"),
    ],
)
def test_what_is_no_feed_is_a_failure_with_a_reason(tools: Tools, reply: bytes, reason: str) -> None:
    with serving(reply) as server, pytest.raises(SourceError) as caught:
        feed(tools, f"http://user:canary@127.0.0.1:{server.port}/f?k=canary").fetch({}, NOW)

    assert caught.value.reason.endswith(reason)
    assert caught.value.not_before is None
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_wish_of_a_busy_server_is_passed_on(tools: Tools, status: str) -> None:
    with serving(answer(b"", "Retry-After: 600", status=status)) as server, pytest.raises(SourceError) as caught:
        feed(tools, server.url).fetch({}, NOW)

    assert caught.value.not_before == NOW + timedelta(minutes=10)


def test_private_address_is_refused_by_default(tools: Tools) -> None:
    from monitor.http.session import Session

    strict = Tools(session=Session(user_agent="x"), parser=tools.parser)
    with pytest.raises(SourceError, match="not a public address"):
        feed(strict, "http://127.0.0.1/feed").fetch({}, NOW)
