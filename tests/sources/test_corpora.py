"""Thousands of other people's feeds, and attacks."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from monitor.errors import SourceError
from monitor.model import SourceSpec
from monitor.sources import Source, Tools, build
from monitor.sources.parser import Parser
from tests.http.servers import RawServer, answer, serving
from tests.processes import children, cpu_s
from tests.sources.conftest import NOW

FEEDS = (".xml", ".atom", ".rss", ".json")
# Named like feeds, and none.
NOT_FEEDS = {"empty.xml"}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def serve(folder: Path, sock: socket.socket, head: bytes) -> None:
    """Answer with a file of the folder; every second one with an ETag that is honoured."""
    name = head.split(b" ")[1].decode().lstrip("/")
    body = (folder / name).read_bytes()
    etag = f'"{len(body)}"' if len(body) % 2 else ""
    if etag and etag.encode() in head:
        sock.sendall(answer(b"", status="304 Not Modified"))
    else:
        sock.sendall(answer(body, *([f"ETag: {etag}"] if etag else [])))


@pytest.mark.parametrize("name", ["feeds-miniflux", "feeds-reader", "feeds-newsboat"])
def test_every_feed_is_unchanged_the_second_time_and_the_same_when_read_anew(
    name: str, corpora: Path, tools: Tools
) -> None:
    folder = corpora / name

    def script(server: RawServer, sock: socket.socket, head: bytes) -> None:
        serve(folder, sock, head)

    read = failed = 0
    with serving(script) as server:
        for path in files(folder):
            url = f"{server.url}/{path.relative_to(folder)}"
            source = build(SourceSpec(id="x", kind="feed", options={"url": url}), tools)
            try:
                first = source.fetch({}, NOW)
            except SourceError as error:
                assert error.reason
                assert path.suffix not in FEEDS or path.name in NOT_FEEDS, (path, error)
                failed += 1
                continue
            second, anew = source.fetch(first.cursor, NOW), source.fetch({}, NOW)
            assert second.unchanged and second.articles == (), path
            assert anew.articles == first.articles, path
            read += 1
            if path.name == "atom10_1.xml":
                assert len(first.articles) == 3

    assert (read, failed) == {"feeds-miniflux": (6, 2), "feeds-reader": (11, 4), "feeds-newsboat": (17, 35)}[name]


@pytest.mark.parametrize("name", ["feeds-feedparser", "feeds-gofeed", "feeds-feedjira", "feeds-simplepie"])
def test_no_feed_of_other_projects_breaks_the_parser(name: str, corpora: Path, parser: Parser) -> None:
    refused: list[str] = []
    items = 0
    for path in files(corpora / name):
        try:
            items += len(parser.feed(path.read_bytes(), "", "http://news.example/feed").items)
        except SourceError as error:
            refused.append(error.reason)

    least, most = {
        "feeds-feedparser": (1200, 10),
        "feeds-gofeed": (250, 600),  # half of them are JSON of expected results
        "feeds-feedjira": (300, 10),
        "feeds-simplepie": (3, 3),
    }[name]
    assert items >= least and len(refused) <= most
    assert not [reason for reason in refused if "gave up" in reason or "died" in reason or "longer" in reason]


# --- attacks -----------------------------------------------------------------------------------------------

REFUSED = {
    "xml_laughs_1e5_oneline.xml": "an internal DTD subset",
    "xml_laughs_1e9_oneline.xml": "an internal DTD subset",
    "xml_laughs_1e9_utf16.xml": "an internal DTD subset",
    "xml_quadratic_loose_150MB.xml": "an internal DTD subset",
    "xml_entity_chain_40000_segv.xml": "an internal DTD subset",
    "xml_xxe_file.xml": "an internal DTD subset",
    "xml_xxe_param.xml": "an internal DTD subset",
    "raise_surrogate_charref.xml": "refers to a character that does not exist",
    "raise_huge_charref.xml": "refers to a character that does not exist",
    "html_login_page.xml": "not a feed: an HTML page",
}
TITLES = {
    "xml_netscape_doctype_ok.xml": ["Still parsed"],
    "xml_attrs_16000_slow.xml": ["x"],
    "nul_in_title.xml": ["Quake in Testland"],
    "bare_lt_truncated.xml": ["Quake in Testland"],
    "raise_punycode_encoding.xml": [],
}


def work_s() -> float:
    """Seconds of the processor that this process and the parser's have used."""
    return time.process_time() + sum(map(cpu_s, children(os.getpid())))


def attacked(tools: Tools, server: RawServer, name: str) -> Source:
    return build(SourceSpec(id="x", kind="feed", options={"url": f"{server.url}/{name}"}), tools)


def test_every_attack_on_the_parser_is_listed_here(corpora: Path) -> None:
    expected = json.loads((corpora / "attacks" / "EXPECT.json").read_text())

    assert {name for name in expected if name.endswith(".xml")} == set(REFUSED) | set(TITLES)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_attack_is_refused_at_once_and_the_next_feed_read(name: str, corpora: Path, tools: Tools) -> None:
    folder = corpora / "attacks"

    def script(server: RawServer, sock: socket.socket, head: bytes) -> None:
        serve(folder, sock, head)

    with serving(script) as server:
        attacked(tools, server, "nul_in_title.xml").fetch({}, NOW)  # the worker's start is not the document's time
        before = work_s()
        with pytest.raises(SourceError, match=REFUSED[name]):
            attacked(tools, server, name).fetch({}, NOW)
        assert work_s() - before < 2
        assert len(attacked(tools, server, "nul_in_title.xml").fetch({}, NOW).articles) == 1


@pytest.mark.parametrize("name", sorted(TITLES))
def test_odd_document_gives_what_is_in_it(name: str, corpora: Path, tools: Tools) -> None:
    folder = corpora / "attacks"

    def script(server: RawServer, sock: socket.socket, head: bytes) -> None:
        serve(folder, sock, head)

    with serving(script) as server:
        attacked(tools, server, "nul_in_title.xml").fetch({}, NOW)
        before = work_s()
        fetched = attacked(tools, server, name).fetch({}, NOW)
        assert work_s() - before < 2

    assert [article.title for article in fetched.articles] == TITLES[name]
    assert "\0" not in repr(fetched)
    assert ("etag" in fetched.cursor or "sha256" in fetched.cursor) is (name != "bare_lt_truncated.xml")


def as_json(titles: list[str]) -> bytes:
    items = [{"id": str(number), "title": title, "content_text": title} for number, title in enumerate(titles)]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def as_atom(titles: list[str]) -> bytes:
    entries = (
        f"<entry><id>urn:x:{number}</id><title type='text'>{escape(title)}</title>"
        f"<content type='text'>{escape(title)}</content></entry>"
        for number, title in enumerate(titles)
    )
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{''.join(entries)}</feed>"
    return feed.encode("utf-8", "replace")


@pytest.mark.parametrize("form", [as_json, as_atom])
def test_titles_that_hurt_elsewhere_come_in_clean(
    form: Callable[[list[str]], bytes], corpora: Path, tools: Tools
) -> None:
    lines = [json.loads(line) for line in (corpora / "attacks" / "titles.jsonl").read_text("utf-8").splitlines()]
    with serving(answer(form([line["text"] for line in lines]))) as server:
        articles = attacked(tools, server, "titles").fetch({}, NOW).articles

    assert len(articles) == len(lines)
    for line, article in zip(lines, articles, strict=True):
        (article.title + article.text).encode()
        assert not {"\n", "\0", "\u202e", "\u2066"} & set(article.title)
        if line["id"].endswith("_ok"):
            assert article.title == line["text"], line["id"]


def test_naughty_strings_come_in_without_a_crash(corpora: Path, tools: Tools) -> None:
    strings = json.loads((corpora / "naughty-strings" / "blns.json").read_text("utf-8"))
    items = [{"id": str(n), "title": text, "content_html": text} for n, text in enumerate(strings)]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()
    with serving(answer(body)) as server:
        articles = attacked(tools, server, "x").fetch({}, NOW).articles

    assert len(articles) == len(strings)
    assert os.linesep.join(article.title for article in articles).encode()
