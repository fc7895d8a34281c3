"""The feeds of a site, found by its address."""

from __future__ import annotations

import socket

import pytest

from monitor.errors import SourceError
from monitor.sources import Tools
from monitor.sources.discovery import MOST, Found, discover
from tests.http.servers import RawServer, answer, serving

RSS = answer(b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>")
PAGE = "<!doctype html><html><head>{}</head><body>{}</body></html>"


def link(href: str, kind: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def page(*links: str, body: str = "") -> bytes:
    return answer(PAGE.format("".join(links), body).encode(), "Content-Type: text/html; charset=utf-8")


class Site:
    """Answers by path; everything else is missing. Remembers what was asked."""

    def __init__(self, **replies: bytes) -> None:
        self.replies = {"/" + path: reply for path, reply in replies.items()}
        self.asked: list[str] = []

    def __call__(self, server: RawServer, sock: socket.socket, head: bytes) -> None:
        path = head.split(b" ")[1].decode()
        self.asked.append(path)
        sock.sendall(self.replies.get(path, answer(b"gone", status="404 Not Found")))


def found(tools: Tools, site: Site, path: str = "/") -> list[Found]:
    """What is found, its addresses without scheme and host."""
    with serving(site) as server:
        feeds = discover(server.url + path, tools.session)
        return [Found(feed.url.replace(server.url, ""), feed.title, feed.kind) for feed in feeds]


def test_page_declares_its_feeds_in_order_each_once(tools: Tools) -> None:
    site = Site()
    site.replies["/news/"] = page(
        link("/rss", title="All  news"),
        link("atom?a=1&amp;b=2", "application/atom+xml; charset=utf-8", "Atom"),
        link("/rss"),
        link("https://other.example/feed.json", "application/feed+json"),
        link("/style.css", "text/css"),
        link("/m", "application/rss+xml", rel="stylesheet"),
        link("javascript:alert(1)"),
    )

    assert found(tools, site, "/news/") == [
        Found("/rss", "All news", "RSS"),
        Found("/news/atom?a=1&b=2", "Atom", "Atom"),
        Found("https://other.example/feed.json", "", "JSON Feed"),
    ]
    assert site.asked == ["/news/"]


def test_base_of_the_page_counts(tools: Tools) -> None:
    site = Site()
    site.replies["/"] = page("<base href='/deep/'>", link("rss"))

    assert [feed.url for feed in found(tools, site)] == ["/deep/rss"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<rss version='2.0'/>", "RSS"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "Atom"),
        (b"<rdf:RDF xmlns:rdf='x'/>", "RDF"),
        (b'{"version": "https:\\/\\/jsonfeed.org\\/version\\/1.1", "items": []}', "JSON Feed"),
        (b"<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'/>", "news sitemap"),
    ],
)
def test_address_of_a_feed_is_found_itself(tools: Tools, body: bytes, kind: str) -> None:
    site = Site(feed=answer(body))

    assert found(tools, site, "/feed") == [Found("/feed", "", kind)]


@pytest.mark.parametrize(
    ("start", "place", "expected"),
    [
        ("/", "/rss.xml", "/rss.xml"),
        ("/blog/", "/blog/feed/", "/blog/feed/"),
        ("/blog/index.html", "/feed.xml", "/feed.xml"),
        ("/?page=1", "/?feed=rss2", "/?feed=rss2"),
    ],
)
def test_undeclared_feed_is_looked_for_where_feeds_lie(tools: Tools, start: str, place: str, expected: str) -> None:
    site = Site()
    site.replies = {start: page(), place: RSS}

    assert found(tools, site, start) == [Found(expected, "", "RSS")]


def test_page_that_answers_everything_with_itself_has_no_feed(tools: Tools) -> None:
    with serving(page(body="Welcome")) as server:
        assert discover(server.url, tools.session) == ()
        assert len(server.heads) < 12


def test_site_without_anything_has_no_feed(tools: Tools) -> None:
    assert found(tools, Site(**{"": page()})) == []
    assert found(tools, Site(**{"": answer(b"")})) == []
    assert found(tools, Site(**{"": answer(b"{}")})) == []


def test_hundreds_of_declared_feeds_are_not_all_told(tools: Tools) -> None:
    site = Site(**{"": page(*(link(f"/{number}") for number in range(500)))})

    assert len(found(tools, site)) == MOST


def test_titles_come_in_clean(tools: Tools) -> None:
    site = Site(**{"": page(link("/rss", title="a\u202eb\u0007&#10;c"))})

    assert [feed.title for feed in found(tools, site)] == ["ab c"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer(b"", status="503 Busy"), "the server answered 503"),
        (answer(b"<title>Just a moment...</title>"), "a challenge page of Cloudflare instead of the site"),
        (answer(b"<p>", length=9), "the response ended before its announced length"),
    ],
)
def test_site_that_cannot_be_read_says_why(tools: Tools, reply: bytes, reason: str) -> None:
    with serving(reply) as server, pytest.raises(SourceError) as caught:
        discover(server.url, tools.session)

    assert caught.value.reason.endswith(reason)


def test_private_addresses_are_not_reached_by_way_of_a_page(tools: Tools) -> None:
    from monitor.http.session import Session

    with pytest.raises(SourceError, match="not a public address"):
        discover("http://127.0.0.1/", Session(user_agent="x"))
