"""What is a feed, what is none although it was served as one, and how much of it is taken."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from html import escape

import pytest

from monitor.errors import SourceError
from monitor.sources.articles import warnings
from monitor.sources.parsing.syndication import MOST_ITEMS, parse_feed

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
  <url><loc>https://gulf.example/about</loc></url>
  <url>
    <loc>https://gulf.example/1</loc>
    <news:news>
      <news:publication><news:name>Gulf Daily</news:name><news:language>ar</news:language></news:publication>
      <news:publication_date>2026-11-23T12:00:00+03:00</news:publication_date>
      <news:title>هجوم &amp; رد</news:title>
    </news:news>
  </url>
</urlset>"""


def rss(*items: str) -> bytes:
    joined = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0'><channel><title>t</title>{joined}</channel></rss>".encode()


def test_news_sitemap_is_a_feed() -> None:
    (item,) = parse_feed(NEWS.encode()).items

    assert (item.guid, item.url, item.title) == ("https://gulf.example/1", "https://gulf.example/1", "هجوم & رد")
    assert (item.publisher, item.language, item.date) == ("Gulf Daily", "ar", "2026-11-23T12:00:00+03:00")


def test_news_sitemap_that_breaks_off_gives_what_is_whole() -> None:
    parsed = parse_feed(NEWS.encode()[:-20])

    assert ([item.title for item in parsed.items], parsed.complete) == (["هجوم & رد"], False)


def test_feed_that_a_server_wraps_into_a_page_is_a_feed() -> None:
    feed = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>One</title></entry></feed>"

    (item,) = parse_feed(f"<html><body>{feed}</body></html>".encode()).items
    assert item.title == "One"
    with pytest.raises(SourceError, match="an HTML page"):
        parse_feed(f"<html><body>{feed.replace('</feed>', '')}</body></html>".encode())
    with pytest.raises(SourceError, match="an HTML page"):
        parse_feed(f"<html><body>{escape(feed)}</body></html>".encode())


CHALLENGES = {
    "Cloudflare": "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script>",
    "DDoS-Guard": "<!doctype html><html><head><title>DDoS-Guard</title>",
    "DataDome": "<html><body><script src='https://ct.captcha-delivery.com/c.js'></script>",
    "Imperva": "<html><body><iframe src='/_Incapsula_Resource?CWUDNSAI=1'></iframe>",
    "HUMAN": "<html><body><div id='px-captcha'></div>",
    "AWS WAF": "<!DOCTYPE html><html><script>AwsWafIntegration.forceRefreshToken()</script>",
    "Sucuri": "<html><title>Sucuri WebSite Firewall - Access Denied</title>",
    "Anubis": "<!doctype html><html><script src='/.within.website/x/cmd/anubis/static/js/main.mjs'></script>",
    "SiteGround": "<html><head><meta http-equiv='refresh' content='0;/.well-known/sgcaptcha/?r=1'></head>",
    "a bot check": "<html><head><title>Are you a robot?</title>",
}


@pytest.mark.parametrize("asker", CHALLENGES)
def test_challenge_page_is_told_by_who_put_it_there(asker: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_feed(CHALLENGES[asker].encode())

    assert caught.value.reason == f"a challenge page of {asker} instead of a feed"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>", "an HTML page"),
        ("<sitemapindex/>", "an index of sitemaps; take the address of the news sitemap in it"),
        ("<urlset><url><loc>https://a.example/</loc></url></urlset>", "a sitemap without news in it (<news:news>)"),
        ("<urlset>", "a sitemap without news in it (<news:news>)"),
        ("<opml version='2.0'/>", "an XML document of another kind (<opml>)"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_feed(body.encode())

    assert caught.value.reason == f"not a feed: {reason}"


@pytest.mark.parametrize("title", ["Bridge returned error 0! (20780)", "Bridge returned error 404!"])
def test_failure_of_a_bridge_is_a_failure_of_the_source(title: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_feed(rss(f"<title>{title}</title><description>trace</description>"))

    assert caught.value.reason == f"a failure of the bridge instead of a feed: {title}"


def test_failure_of_a_bridge_among_articles_is_told_and_left_out() -> None:
    failure, article = "Bridge returned error 0! (1)", "Bridge returned to traffic"
    parsed = parse_feed(rss(f"<title>{failure}</title>", f"<title>{article}</title>"))

    assert [item.title for item in parsed.items] == [article]
    assert warnings(parsed) == (f"the bridge failed for some of it: {failure}",)


def dated(numbers: range) -> list[str]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        f"<title>{n}</title><pubDate>{start + timedelta(hours=n):%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        for n in numbers
    ]


def test_of_too_many_items_the_newest_are_taken_in_their_order() -> None:
    oldest_first = parse_feed(rss(*dated(range(MOST_ITEMS + 50))))
    newest_first = parse_feed(rss(*dated(range(MOST_ITEMS + 50 - 1, -1, -1))))

    newest = [str(number) for number in range(50, MOST_ITEMS + 50)]
    assert [item.title for item in oldest_first.items] == newest
    assert [item.title for item in newest_first.items] == newest[::-1]
    assert oldest_first.dropped == newest_first.dropped == 50
    assert warnings(oldest_first) == (
        f"50 of {MOST_ITEMS + 50} items were dropped: more than one document may bring",
    )


def test_of_too_many_items_without_dates_the_first_are_taken() -> None:
    items = [{"id": str(number), "title": str(number)} for number in range(MOST_ITEMS + 1)]
    parsed = parse_feed(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode())

    assert [item.title for item in parsed.items] == [str(number) for number in range(MOST_ITEMS)]
    assert parsed.dropped == 1


def test_fifty_thousand_items_take_no_more_time_than_a_poll_may() -> None:
    body = rss(*(f"<title>{n}</title><guid>{n}</guid>" for n in range(50_000)))
    started = time.process_time()

    assert parse_feed(body).dropped == 50_000 - MOST_ITEMS
    assert time.process_time() - started < 4
