"""Full text behind teasers: fetched once, bounded, never at the price of the article."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.http.session import Session
from monitor.model import Fetched, SourceSpec
from monitor.sources import Source, Tools, build
from monitor.sources.fulltext import ENOUGH, MOST_PAGES, TRIES
from tests.http.servers import RawServer, answer, serving
from tests.sources.conftest import NOW

SENTENCES = ("Two rockets hit the base on Monday and wounded five soldiers, the army said in a statement. ") * 3


def page(number: int, text: str = SENTENCES) -> bytes:
    head = f"<title>Page {number}</title><meta name='author' content='A. Writer'>"
    dated = "<meta property='article:published_time' content='2026-11-23T10:00:00Z'>"
    body = f"<article><h1>Page {number}</h1><p>{text}</p></article>"
    return f"<html lang='en'><head>{head}{dated}</head><body>{body}</body></html>".encode()


class Site:
    """A feed and its pages on a real server, polled as its cursor says."""

    def __init__(self, tools: Tools, **options: Any) -> None:
        self.teasers: dict[int, str] = {}
        self.replies: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self.cursor: Any = {}
        self.now = NOW
        self._tools = tools
        self._options = options

    def poll(self) -> Fetched:
        """One poll; its cursor counts for the next."""
        with serving(self._script) as server:
            fetched = self._source(server.port).fetch(self.cursor, self.now)
        self.cursor = fetched.cursor
        self.now += timedelta(minutes=5)
        return fetched

    def _source(self, port: int) -> Source:
        def resolve(host: str, wanted: Any, *more: Any, **named: Any) -> Any:
            own = host == "site.example"
            return socket.getaddrinfo("127.0.0.1" if own else host, port if own else wanted, type=socket.SOCK_STREAM)

        networks = self._tools.session.private_networks
        session = Session(user_agent="rasid-test", private_networks=networks, resolver=resolve)
        options = {"url": "http://site.example/feed", "full_text": "yes", **self._options}
        tools = Tools(session=session, parser=self._tools.parser)
        return build(SourceSpec(id="x", kind="feed", options=options), tools)

    def _script(self, server: RawServer, sock: socket.socket, head: bytes) -> None:
        path = head.split(b" ")[1].decode()
        self.heads.append(head)
        if path == "/feed":
            items = "".join(
                f"<item><guid isPermaLink='false'>{n}</guid><title>T{n}</title><link>http://site.example/{n}</link>"
                f"<description>{teaser}</description></item>"
                for n, teaser in self.teasers.items()
            )
            sock.sendall(answer(f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()))
            return
        self.asked.append(path)
        number = int(path[1:])
        sock.sendall(self.replies.get(path, answer(page(number), "Content-Type: text/html; charset=utf-8")))


@pytest.fixture
def site(tools: Tools) -> Site:
    return Site(tools)


def texts(fetched: Fetched) -> list[str]:
    return [article.text for article in fetched.articles]


def test_text_of_the_page_follows_the_teaser(site: Site) -> None:
    site.teasers = {1: "Five soldiers are hurt."}

    (article,) = site.poll().articles

    assert article.text == f"Five soldiers are hurt.\n\n{SENTENCES.strip()}"
    assert (article.title, article.author) == ("T1", "A. Writer")
    assert article.published == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert article.language == "en"


def test_teaser_that_begins_the_page_is_not_said_twice(site: Site) -> None:
    site.teasers = {1: "Two rockets hit the base on Monday ..."}

    assert texts(site.poll()) == [SENTENCES.strip()]


def test_page_is_fetched_once_and_its_article_named_as_present(site: Site) -> None:
    site.teasers = {1: "One."}
    first = site.poll()
    site.teasers = {2: "Two.", 1: "One."}
    second = site.poll()

    assert site.asked == ["/1", "/2"]
    assert [article.title for article in second.articles] == ["T2"]
    assert second.present == (first.articles[0].id,)
    assert second.complete


def test_unchanged_document_keeps_what_was_fetched(site: Site) -> None:
    site.teasers = {1: "One."}
    site.poll()
    assert site.poll().unchanged
    site.teasers = {2: "Two.", 1: "One."}
    site.poll()

    assert site.asked == ["/1", "/2"]


def test_changed_teaser_fetches_the_page_again(site: Site) -> None:
    site.teasers = {1: "One."}
    site.poll()
    site.teasers = {1: "One, corrected."}

    assert texts(site.poll()) == [f"One, corrected.\n\n{SENTENCES.strip()}"]


def test_changed_teaser_waits_for_its_page_when_that_cannot_be_had(site: Site) -> None:
    site.teasers = {1: "One."}
    first = site.poll()
    site.teasers = {1: "One, corrected."}
    site.replies["/1"] = answer(b"", status="503 Busy")
    second = site.poll()
    site.teasers[2] = "Two."
    del site.replies["/1"]
    third = site.poll()

    assert (second.articles, second.present) == ((), (first.articles[0].id,))
    assert [article.title for article in third.articles] == ["T1", "T2"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer(b"", status="404 Not Found"), "the server answered 404"),
        (answer(b"%PDF", "Content-Type: application/pdf"), "not a page but 'application/pdf'"),
        (answer(b"<title>Just a moment...</title>"), "a challenge page of Cloudflare instead of the article"),
        (answer(b"<p>", length=999), "http://site.example/1: the response ended before its announced length"),
        (answer(b"", "Location: http://10.0.0.1/", status="302 Found"), "10.0.0.1 is not a public address"),
    ],
)
def test_article_whose_page_cannot_be_had_keeps_the_feeds_text(site: Site, reply: bytes, reason: str) -> None:
    site.teasers = {1: "One."}
    site.replies["/1"] = reply

    fetched = site.poll()

    assert texts(fetched) == ["One."]
    (warning,) = fetched.warnings
    assert warning.startswith("the full text of 1 articles could not be had; the first: ")
    assert reason in warning


def test_missing_page_is_tried_again_a_few_times_and_then_let_be(site: Site) -> None:
    site.poll()
    site.teasers = {1: "One."}
    site.replies["/1"] = answer(b"", status="503 Busy")
    polls = []
    for extra in range(TRIES + 2):
        site.teasers[10 + extra] = "x" * ENOUGH
        polls.append(site.poll())

    assert site.asked == ["/1"] * TRIES
    assert "One." in texts(polls[0])
    assert all("One." not in texts(later) for later in polls[1:])


def test_page_that_comes_at_the_second_try_is_an_edit(site: Site) -> None:
    site.poll()
    site.teasers = {1: "One."}
    site.replies["/1"] = answer(b"", status="503 Busy")
    first = site.poll()
    del site.replies["/1"]
    site.teasers[2] = "x" * ENOUGH
    second = site.poll()

    assert second.articles[0].id == first.articles[0].id
    assert second.articles[0].text == f"One.\n\n{SENTENCES.strip()}"


def test_missing_pages_of_a_first_document_do_not_come_back_as_edits(site: Site) -> None:
    site.teasers = {1: "One."}
    site.replies["/1"] = answer(b"", status="503 Busy")
    site.poll()
    site.teasers[2] = "x" * ENOUGH
    site.poll()

    assert site.asked == ["/1"]


def test_pages_of_one_document_are_bounded(site: Site) -> None:
    site.teasers = dict.fromkeys(range(MOST_PAGES + 5), "One.")

    fetched = site.poll()

    assert len(fetched.articles) == MOST_PAGES + 5
    assert len(site.asked) == MOST_PAGES
    assert fetched.warnings == ("the full text of 5 articles was not fetched: more than one poll may fetch",)


def test_feed_that_holds_the_full_text_fetches_no_page(site: Site) -> None:
    site.teasers = {1: "x" * ENOUGH}

    assert texts(site.poll()) == ["x" * ENOUGH]
    assert site.asked == []


def test_page_that_says_less_than_the_feed_changes_nothing(site: Site) -> None:
    site.teasers = {1: SENTENCES * 2}
    site.replies["/1"] = answer(page(1, "Short."))

    assert texts(site.poll()) == [(SENTENCES * 2).strip()]


def test_credentials_of_the_feed_are_not_sent_to_pages(tools: Tools) -> None:
    site = Site(tools, headers={"X-Key": "canary"}, user_agent="reader/1")
    site.teasers = {1: "One."}
    site.poll()

    feed, asked = site.heads
    assert b"canary" in feed and b"canary" not in asked
    assert b"User-Agent: reader/1" in feed and b"User-Agent: reader/1" in asked


def test_turning_full_text_on_does_not_edit_what_the_source_brought_before(tools: Tools) -> None:
    site = Site(tools)
    site.cursor = {"about": "without full text", "sha256": "x"}
    site.teasers = {1: "One."}

    assert texts(site.poll()) == ["One."]
    assert site.asked == []
