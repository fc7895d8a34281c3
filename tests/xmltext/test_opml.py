"""Lists of feeds: as they should be, as they are, and as an attacker would have them."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.xmltext.opml import MOST_BYTES, MOST_FOLDERS, Listed, read, write


def listed(*outlines: str, head: str = "") -> bytes:
    return f"{head}<opml version='2.0'><head><title>t</title></head><body>{''.join(outlines)}</body></opml>".encode()


def feed(url: str = "https://a.example/rss", **attributes: str) -> str:
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<outline type="rss"{written} xmlUrl="{url}"/>'


def test_feed_has_address_title_folders_and_line() -> None:
    body = listed(
        '\n<outline text="Iraq"><outline title="TV">\n', feed(text="One", title="First"), "</outline></outline>"
    )

    assert read(body).feeds == (Listed("https://a.example/rss", "First", ("Iraq", "TV"), 3),)


def test_lines_are_those_of_the_file() -> None:
    body = b"\xef\xbb\xbf\n\n<?xml version='1.0'?>\n<!-- made by a reader -->\n" + listed("\n", feed())

    assert [one.line for one in read(body).feeds] == [6]


def test_address_that_stands_twice_is_one_feed_in_all_its_folders() -> None:
    body = listed(
        f'<outline text="A">{feed(text="One")}</outline>', f'<outline text="B">{feed(text="Two")}</outline>'
    )

    assert read(body).feeds == (Listed("https://a.example/rss", "One", ("A", "B"), 1),)


def test_names_of_attributes_may_be_written_in_any_case() -> None:
    assert [one.url for one in read(listed('<outline XMLURL="https://a.example/"/>')).feeds] == ["https://a.example/"]


@pytest.mark.parametrize(
    ("outline", "reason"),
    [
        (feed("ftp://a.example/"), "an address that is neither http nor https"),
        (feed("javascript:alert(1)"), "an address that is neither http nor https"),
        (feed("|~/fetch.py"), "a program instead of an address"),
        (feed(""), "an outline whose xmlUrl is empty"),
        ('<outline type="include" url="https://a.example/o.opml"/>', "an include; what it leads to is not read"),
    ],
)
def test_what_is_no_feed_for_us_is_refused_by_line(outline: str, reason: str) -> None:
    assert read(listed(outline)).refused == ((1, reason),)


@pytest.mark.parametrize(
    ("outline", "url", "title"),
    [
        (feed("https://a.example/?a=1&b=2", text="R&D"), "https://a.example/?a=1&b=2", "R&D"),
        (feed(text="caf&eacute;&nbsp;&"), "https://a.example/rss", "café &"),
        (feed(text='The "Daily" Post'), "https://a.example/rss", 'The "Daily" Post'),
        (feed(text="x", description="<p>a > b</p>"), "https://a.example/rss", "x"),
        ("<outline text='one' xmlUrl='https://a.example/rss' >", "https://a.example/rss", "one"),
    ],
)
def test_list_that_is_not_well_formed_is_read_all_the_same(outline: str, url: str, title: str) -> None:
    (one,) = read(listed(outline)).feeds

    assert (one.url, one.title) == (url, title)


def test_folders_of_a_list_that_is_not_well_formed_are_told() -> None:
    body = listed('\n<outline text="A &">', feed("https://a.example/"), "</outline>\n", feed("https://b.example/"))

    assert read(body).feeds == (
        Listed("https://a.example/", "", ("A &",), 2),
        Listed("https://b.example/", "", (), 3),
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the file is empty"),
        (b"\0" * (MOST_BYTES + 1), f"larger than {MOST_BYTES} bytes"),
        (b"hello", "not a feed: no markup in it"),
        (b"<rss/>", "not OPML: its root is <rss>"),
        (listed(head='<!DOCTYPE opml [<!ENTITY a "b">]>'), "refused: the document has an internal DTD subset"),
        (listed(head='<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "refused: the document has an"),
        (listed(*(feed(f"https://a.example/{n}") for n in range(50_001))), "more than 50000 feeds"),
    ],
)
def test_hostile_list_is_refused_in_words(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(body)

    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize("piece", ['<outline text="a">', "<outline ", ' a="', "<outline a=''", "</outline>", "&a;"])
def test_list_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    read(listed(piece * (2_000_000 // len(piece))))

    assert time.process_time() - started < 5


def test_folders_are_told_as_deep_as_people_make_them() -> None:
    body = listed(*(f'<outline text="{n}">' for n in range(20)), feed())

    assert read(body).feeds[0].folders == tuple(str(number) for number in range(MOST_FOLDERS))


def test_what_is_written_is_read_again() -> None:
    feeds = (
        Listed("https://a.example/?a=1&b='2'", 'The "Daily" <Post>', ("Iraq", "TV & Radio")),
        Listed("https://b.example/", "قناة", ("Iraq",)),
        Listed("https://c.example/"),
    )

    found = read(write(feeds, "a & b")).feeds

    assert {(one.url, one.title, one.folders) for one in found} == {
        (one.url, one.title or one.url, one.folders) for one in feeds
    }


def test_every_list_of_the_corpora_is_read_whole(corpora: Path) -> None:
    total = 0
    for path in sorted((corpora / "opml-awesome").rglob("*.opml")):
        body = path.read_bytes()
        found = read(body)
        assert len(found.feeds) == len(set(re.findall(rb'xmlUrl="(https?:[^"]*)"', body))), path
        assert {(one.url, one.folders) for one in read(write(found.feeds, path.stem)).feeds} == {
            (one.url, one.folders) for one in found.feeds
        }
        total += len(found.feeds)

    assert total > 700
