"""Drop-folder files in every format."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from monitor.errors import SourceError
from monitor.model import Article
from monitor.sources import read_file
from monitor.sources.parser import Parser
from tests.sources.conftest import NOW

PAGE = """<!doctype html><html lang="en"><head><title>Base attacked | Gulf Daily</title>
<meta property="og:title" content="Base attacked"><meta property="og:site_name" content="Gulf Daily">
<meta property="article:published_time" content="2026-11-23T10:00:00+03:00">
<link rel="canonical" href="https://gulf.example/1"></head><body>
<nav><a href="/">Home</a> <a href="/x">World</a></nav>
<article><h1>Base attacked</h1>
<p>Two rockets hit the base on Monday, wounding five soldiers, the army said in a statement.</p>
<p>The attack came hours after talks in the capital about the withdrawal of the troops from the country.</p></article>
<footer>All rights reserved</footer><script>evil()</script></body></html>"""

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><link>https://gulf.example/</link>
<item><title>One</title><guid isPermaLink="false">1</guid><description>First.</description></item>
<item><title>Two</title><guid isPermaLink="false">2</guid><description>Second.</description></item></channel></rss>"""


def read(parser: Parser, name: str, body: str | bytes) -> tuple[Article, ...]:
    raw = body.encode() if isinstance(body, str) else body
    return read_file(name, raw, source="wire", parser=parser, now=NOW)


def test_text_page_is_one_article(parser: Parser) -> None:
    (article,) = read(
        parser, "a.txt", "Gulf Daily\nBase attacked\n\nTwo rockets hit.\n\nNo one was hurt.\n\nBack to top"
    )

    assert (article.source, article.publisher, article.title) == ("wire", "Gulf Daily", "Base attacked")
    assert (article.text, article.boilerplate) == ("Two rockets hit.\n\nNo one was hurt.", "Back to top")
    assert (article.seen, article.published, article.version) == (NOW, None, 1)


def test_html_page_is_one_article_without_its_furniture(parser: Parser) -> None:
    (article,) = read(parser, "a.html", PAGE)

    assert (article.title, article.publisher, article.url) == (
        "Base attacked",
        "Gulf Daily",
        "https://gulf.example/1",
    )
    assert article.published == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert article.language == "en"
    assert "Two rockets hit the base" in article.text and "talks in the capital" in article.text
    assert article.lead.startswith("Two rockets")  # the heading is the title, not a paragraph
    assert not any(word in article.text for word in ("evil", "Home", "rights"))


def test_short_html_page_keeps_its_text(parser: Parser) -> None:
    (article,) = read(parser, "a.htm", "<html><title>News</title><p>Base hit.</p></html>")

    assert (article.title, article.text) == ("News", "Base hit.")


def test_json_article_has_all_its_fields(parser: Parser) -> None:
    value = {
        "title": "Base\n attacked",
        "text": "One.\r\n\r\nTwo.",
        "url": "https://www.gulf.example/1",
        "id": 7,
        "published": "2026-11-23T10:00:00Z",
        "author": "A. Writer",
        "language": "en",
        "publisher": "",
        "unknown": {"field": []},
    }

    (article,) = read(parser, "a.json", json.dumps(value))

    assert (article.title, article.text, article.author) == ("Base attacked", "One.\n\nTwo.", "A. Writer")
    assert (article.url, article.publisher) == ("https://www.gulf.example/1", "gulf.example")
    assert article.published == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_id_of_a_json_article_is_its_identity(parser: Parser) -> None:
    (first,) = read(parser, "a.json", '{"id": "x", "title": "a", "text": "b"}')
    (edited,) = read(parser, "b.json", '{"id": "x", "title": "a", "text": "c"}')

    assert first.id == edited.id


@pytest.mark.parametrize("name", ["a.json", "a.ndjson", "-", "a.jsonl"])
def test_json_list_and_lines_are_many_articles(parser: Parser, name: str) -> None:
    values = [{"title": "a", "text": "x"}, {"title": "b", "text": "y"}]
    lines = name not in ("a.json",)
    body = "\ufeff" + ("\n\n".join(map(json.dumps, values)) if lines else json.dumps(values))

    assert [article.title for article in read(parser, name, body)] == ["a", "b"]


@pytest.mark.parametrize("name", ["a.xml", "a.rss", "a.ATOM", "-", "folder.d/stdin"])
def test_feed_file_is_many_articles(parser: Parser, name: str) -> None:
    assert [article.text for article in read(parser, name, FEED)] == ["First.", "Second."]


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (PAGE, "Base attacked"),
        ("Name\nTitle\nBody", "Title"),
        ('[{"title": "t", "text": "x"}]', "t"),
        ('{"title": "t"\n}', "t"),
        ('{"title": "t"}\n{"title": "t"}\n', "t"),
        ("<?xml version='1.0'?><rss><channel><item><title>t</title></item></channel></rss>", "t"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>t</title></entry></feed>", "t"),
        ("<?xml version='1.0'?><!DOCTYPE html><html><h1>t</h1><p>x</p></html>", "t"),
        ("<h1>t</h1><p>hello</p>", "t"),
    ],
)
def test_name_without_ending_is_judged_by_its_content(parser: Parser, body: str, title: str) -> None:
    assert [article.title for article in read(parser, "-", body)] == [title]


def test_feed_in_a_declared_encoding_is_read(parser: Parser) -> None:
    body = FEED.replace('"1.0"', '"1.0" encoding="windows-1256"').replace("First", "هجوم").encode("cp1256")

    assert read(parser, "a.xml", body)[0].text == "هجوم."


def test_utf16_text_with_mark_is_read(parser: Parser) -> None:
    assert read(parser, "a.txt", "موقع\nعنوان\nنص".encode("utf-16"))[0].title == "عنوان"


MARKDOWN = """# Base *attacked*

Two **rockets** hit [the base](https://x.example/).

- one
- two

<script>evil()</script>
"""
FRONT = """---
title: "Base attacked"
date: 2026-11-23T10:00:00Z
author: A. Writer
url: https://www.gulf.example/1
tags: [a, b]
---
"""


def test_markdown_page_is_one_article(parser: Parser) -> None:
    (article,) = read(parser, "a.md", MARKDOWN)

    assert article.title == "Base attacked"
    assert article.text == "Two rockets hit the base.\n\none\n\ntwo"


@pytest.mark.parametrize("heading", ["", "# Base attacked\n\n"])
def test_front_matter_of_a_markdown_page_gives_its_fields(parser: Parser, heading: str) -> None:
    (article,) = read(parser, "a.md", f"{FRONT}{heading}Two rockets.\n")

    assert (article.title, article.text, article.author) == ("Base attacked", "Two rockets.", "A. Writer")
    assert (article.url, article.published) == ("https://www.gulf.example/1", datetime(2026, 11, 23, 10, tzinfo=UTC))


def test_markdown_page_without_heading_keeps_all_its_text(parser: Parser) -> None:
    (article,) = read(parser, "a.md", "Only *this*.\n\n## Later\n")

    assert (article.title, article.text) == ("", "Only this.\n\nLater")


LETTER = """\
From: "A. Writer" <writer@gulf.example>
To: desk@rasid.example
Subject: =?utf-8?b?2YfYrNmI2YU=?= on the base
Date: Mon, 23 Nov 2026 10:00:00 +0000
Message-ID: <1@gulf.example>
Archived-At: <https://lists.gulf.example/1>
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: multipart/alternative; boundary="y"

--y
Content-Type: text/html; charset=windows-1256
Content-Transfer-Encoding: 8bit

<p>هجوم</p><p>Two rockets.</p>
--y--
--x
Content-Type: text/plain; name="a.txt"
Content-Disposition: attachment

not this
--x--
"""


def test_email_is_one_article(parser: Parser) -> None:
    (article,) = read(parser, "a.eml", LETTER.encode("cp1256"))

    assert (article.title, article.text) == ("هجوم on the base", "هجوم\n\nTwo rockets.")
    assert (article.author, article.url, article.language) == ("A. Writer", "https://lists.gulf.example/1", "en")
    assert article.published == datetime(2026, 11, 23, 10, tzinfo=UTC)
    (again,) = read(parser, "b.eml", LETTER.replace("Two", "Three").encode("cp1256"))
    assert again.id == article.id  # by its Message-ID


def test_plain_text_of_an_email_is_preferred(parser: Parser) -> None:
    body = (
        "Subject: s\nContent-Type: multipart/alternative; boundary=y\n\n--y\nContent-Type: text/plain\n\nPlain.\n"
        "--y\nContent-Type: text/html\n\n<p>Markup.</p>\n--y--\n"
    )

    assert [article.text for article in read(parser, "a.eml", body)] == ["Plain."]


@pytest.mark.parametrize("charset", ["punycode", "rot13", "no-such-thing"])
def test_email_in_a_strange_charset_is_read_as_what_it_looks_like(parser: Parser, charset: str) -> None:
    body = f"From: a@b.example\nContent-Type: text/plain; charset={charset}\n\nهجوم\n"

    assert [(article.text, article.author) for article in read(parser, "a.eml", body)] == [("هجوم", "a@b.example")]


@pytest.mark.parametrize("name", ["a.txt.gz", "a.TXT.GZ", "-", "a.gz"])
def test_packed_file_is_read_as_what_is_in_it(parser: Parser, name: str) -> None:
    assert [article.title for article in read(parser, name, gzip.compress(b"Name\nTitle\nBody", mtime=0))] == [
        "Title"
    ]


def test_packed_file_may_have_several_members(parser: Parser) -> None:
    body = gzip.compress(b"Name\nTitle\n", mtime=0) + gzip.compress(b"Body", mtime=0) + b"\0\0"

    assert [article.text for article in read(parser, "a.txt.gz", body)] == ["Body"]


@pytest.mark.parametrize("name", ["a.html.gz", "a.json.gz", "a.eml.gz", "a.md.gz", "a.atom.gz", "a.ndjson.gz"])
def test_every_format_may_be_packed(parser: Parser, name: str) -> None:
    bodies = {
        "html": PAGE,
        "json": '[{"title": "t"}]',
        "eml": LETTER,
        "md": MARKDOWN,
        "atom": FEED,
        "ndjson": '{"title": "t"}',
    }

    assert read(parser, name, gzip.compress(bodies[name.split(".")[1]].encode(), mtime=0))


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.txt.gz", b"no gzip", "not a whole gzip file"),
        ("a.txt.gz", gzip.compress(b"text" * 100, mtime=0)[:-9], "not a whole gzip file"),
        ("a.txt.gz", gzip.compress(b"0" * 20_000_000, mtime=0), "unpacks to more than 10000000 bytes (max_size)"),
        ("a.txt.gz", gzip.compress(b"", mtime=0), "the file is empty"),
        ("a.gz.gz", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), "unknown kind of file '.gz'"),
        ("a.zip", b"PK", "unknown kind of file '.zip'"),
        ("a.eml", b"X: y\n\n", "neither a subject nor text in the e-mail"),
        ("a.md", b"\xff", "not UTF-8 at byte 0"),
        ("a.html", b"<html><title>Just a moment...</title>", "a challenge page of Cloudflare instead of the article"),
        ("a.txt", b"", "the file is empty"),
        ("a.txt", b" \n ", "the file is empty"),
        ("a.txt", b"abc\xff", "not UTF-8 at byte 3"),
        ("a.html", b"<p>\xff", "not UTF-8 at byte 3, and no other encoding declared that fits"),
        ("a.html", b"<html></html>", "no article in the page: neither a title nor text"),
        ("a.json", b'{"title": "\xff"}', "not UTF-8 at byte 11"),
        (
            "a.json",
            b"{",
            "the file is not JSON: Expecting property name enclosed in double quotes at line 1, column 2",
        ),
        ("a.json", b"[]", "no article in it"),
        ("a.json", b"7", "the article is not a JSON object with 'title' and 'text'"),
        ("a.json", b'[{"title": "a"}, 7]', "article 2 is not a JSON object with 'title' and 'text'"),
        ("a.json", b'{"title": 7, "text": "x"}', "the article: 'title' must be text, not int"),
        ("a.json", b'{"url": "http://x.example/"}', "the article has neither 'title' nor 'text'"),
        (
            "a.ndjson",
            b'{"title": "a"}\n{',
            "line 2 is not JSON: Expecting property name enclosed in double quotes at line 1, column 2",
        ),
        ("a.json", b"[" * 200_000, "the file is refused: nested too deeply"),
        ("a.json", b'{"title": ' + b"9" * 5000 + b"}", "the file is refused: a number with too many digits"),
        ("a.xml", b"<rss><channel><item><title>x</title></item>", "the document breaks off before its end"),
        ("a.xml", b"<html><p>x</p></html>", "not a feed: an HTML page"),
        ("a.xml", b"<rss><channel><title>x</title></channel></rss>", "no article in it"),
        ("a.docx", b"PK", "unknown kind of file '.docx'; expected one of"),
    ],
)
def test_unreadable_file_says_why(parser: Parser, name: str, body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(parser, name, body)

    assert caught.value.reason.startswith(reason)


def test_lone_surrogate_and_control_characters_do_not_come_through(parser: Parser) -> None:
    (article,) = read(parser, "a.json", r'{"id": "\ud800", "title": "a\u0000\ud800", "text": "b\u202e\u0007"}')

    assert article.title.encode() and article.text.encode()
    assert "\0" not in article.title and "\u202e" not in article.text
