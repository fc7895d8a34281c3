"""`rasid export`: what other programs read is what was matched, and harmless to them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from monitor.cli import _formats, export
from monitor.cli._formats import About
from monitor.sources import dates
from monitor.sources.parsing.syndication import parse_feed
from tests.flows.site import ATTACK, STORM, Site

ABOUT = About("Attacks & <more>", "https://news.example/", datetime(2026, 11, 24, 8, tzinfo=UTC))
BAD: dict[str, Any] = {
    "match": 7,
    "article": "a-1",
    "version": 1,
    "title": '=HYPERLINK("http://evil.example","attack") & <b>',
    "url": "https://news.example/?a=1&b=<2>",
    "source": "wire",
    "publisher": "@agency",
    "language": "ar",
    "published": "2026-11-24T07:00:00.000Z",
    "seen": "2026-11-24T07:30:00.000Z",
    "story": "s-1",
    "rule": "attack",
    "severity": "high",
    "entities": ["ain-al-asad"],
    "spans": [{"field": "text", "start": 0, "end": 4, "term": "هجوم", "text": "هجوم"}],
    "excerpt": "وقع هجوم <script>alert(1)</script> & \x0b\ufffe ثم انتهى",
    "matched": "2026-11-24T08:00:00.000Z",
    "lost": 0,
    "channels": [{"channel": "desk", "disposition": "alerted"}, {"channel": "", "disposition": "stale"}],
}


def parsed(form: str, *rows: dict[str, Any]) -> Any:
    text = "".join(_formats.FORMATS[form](rows, ABOUT))
    return feedparser.parse(io.BytesIO(text.encode()))


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_feed_of_matches_is_read_back_as_it_was(form: str) -> None:
    feed = parsed(form, BAD)
    (entry,) = feed.entries

    assert feed.bozo is False
    assert (feed.version, feed.feed.title, feed.feed.link) == (
        {"rss": "rss20", "atom": "atom10"}[form],
        "Attacks & <more>" if form == "atom" else feed.feed.title,
        "https://news.example/",
    )
    assert entry.link == BAD["url"]
    assert entry.id.startswith("urn:uuid:")
    assert entry.updated_parsed[:4] if form == "atom" else entry.published_parsed[:4] == (2026, 11, 24, 8)
    assert [tag.term for tag in entry.tags] == ["attack", "high", "ain-al-asad"]
    assert "HYPERLINK" in entry.title
    assert ("<script" in entry.summary) == (
        entry.summary_detail.type == "text/plain"
    )  # what is no HTML needs no escape
    assert "وقع هجوم" in entry.summary


PLAIN = {
    **BAD,
    "article": "a-2",
    "title": "أرامكو & SABIC: 3 < 4, a “deal” of 5 > 2",
    "url": "https://news.example/ar/%D8%A3?a=1&b=2",
    "publisher": "الوكالة & Sons",
    "excerpt": "وقّعت أرامكو & SABIC <b>عقدا</b> &amp; 3 < 4",
}


@pytest.mark.parametrize("form", ["rss", "atom", "jsonfeed"])
def test_a_feed_of_matches_is_a_source_of_the_same_titles_texts_and_links(form: str) -> None:
    rows = [PLAIN, {**PLAIN, "rule": "other"}, {**PLAIN, "article": "a-3", "url": "", "published": None}]
    text = "".join(_formats.FORMATS[form](rows, ABOUT))

    parsed = parse_feed(text.encode(), url="https://elsewhere.example/feed")

    shown = [(item.title, item.text, item.author) for item in parsed.items]
    assert shown == [(PLAIN["title"], PLAIN["excerpt"], PLAIN["publisher"])] * 3
    assert [item.url for item in parsed.items] == [PLAIN["url"], PLAIN["url"], ""]
    assert len({item.guid for item in parsed.items}) == 3
    moments = [dates.read(item.date, item.moment) for item in parsed.items]
    published, matched = (datetime.fromisoformat(PLAIN[name]) for name in ("published", "matched"))
    assert moments == [matched if form == "rss" else published, matched if form == "rss" else published, matched]


def test_a_json_feed_has_what_version_1_1_asks_for() -> None:
    feed = json.loads("".join(_formats.to_jsonfeed([BAD], ABOUT)))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = feed["items"]
    assert (item["title"], item["url"], item["content_text"]) == (BAD["title"], BAD["url"], BAD["excerpt"])
    assert item["tags"] == ["attack", "high", "ain-al-asad"]


def test_only_addresses_of_the_web_are_links() -> None:
    row = {**BAD, "url": "javascript:alert(1)", "title": "", "publisher": "", "published": None, "language": ""}

    for form in ("rss", "atom", "jsonfeed"):
        text = "".join(_formats.FORMATS[form]([row], ABOUT))
        assert "javascript" not in text
        assert "a-1" in text


def test_the_same_match_has_the_same_id_in_every_export() -> None:
    ids = {parsed(form, BAD).entries[0].id for form in ("rss", "atom")}

    assert ids == {json.loads("".join(_formats.to_jsonfeed([BAD], ABOUT)))["items"][0]["id"]}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(sign: str) -> None:
    assert _formats.cell(f"{sign}1+1") == f"'{sign}1+1"
    assert _formats.cell(f"  {sign}1+1").startswith("'" if sign.strip() else " ")
    assert _formats.cell(f"a{sign}1") == f"a{sign}1"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "attack", ["=1+1", ";=1+1", '";=1+1', "a; =1+1;", '","=1+1', "\t=1+1", "\n=1+1", "a\r\n=1+1"]
)
def test_no_reader_of_csv_finds_a_formula_whatever_it_takes_for_a_separator(attack: str, separator: str) -> None:
    row = {**BAD, "title": attack, "excerpt": f"b{attack}", "publisher": f"c {attack}"}
    lines = io.StringIO("".join(_formats.to_csv([row], ABOUT)), newline="")

    cells = [cell for line in csv.reader(lines, delimiter=separator) for cell in line]

    assert [cell for cell in cells if cell.lstrip().startswith("=")] == []


def test_a_line_of_csv_has_every_column_and_quotes_all() -> None:
    text = "".join(_formats.to_csv([BAD], ABOUT))
    names, values = csv.reader(io.StringIO(text))
    row = dict(zip(names, values, strict=True))

    assert row["title"] == "'" + str(BAD["title"])
    assert (row["publisher"], row["found"], row["told"]) == ("'@agency", "هجوم", "desk: alerted, -: stale")
    assert text.startswith('"matched","rule",')
    assert text.count("\r\n") == 2


@pytest.fixture
def filled(site: Site) -> Site:
    site.put("one.json", ATTACK, STORM)
    site.rasid("run", "--once")
    return site


def test_matches_are_exported_with_filters(filled: Site) -> None:
    def titles(*filters: str) -> list[str]:
        result = filled.rasid("export", "--as", "jsonl", *filters)
        assert result.exit_code == 0, result.output
        return [json.loads(line)["title"] for line in result.stdout.splitlines()]

    assert sorted(titles()) == sorted([ATTACK["title"], STORM["title"]])
    assert titles("--rule", "storm") == [STORM["title"]]
    assert titles("--source", "other") == titles("--until", "1h") == []
    assert len(titles("--since", "1h", "--limit", "1")) == 1


def test_a_line_of_json_is_a_row_of_matches(filled: Site) -> None:
    lines = filled.rasid("export", "--as", "jsonl").stdout.splitlines()

    assert list(map(json.loads, lines)) == filled.json("matches")


def test_many_matches_come_page_by_page(filled: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 1)

    assert len(filled.rasid("export").stdout.splitlines()) == 3


def test_a_file_is_replaced_whole_and_begins_with_a_mark_where_excel_wants_it(filled: Site, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")

    assert filled.rasid("export", "--bom", "-o", str(out)).output == ""

    assert out.read_bytes().startswith(b'\xef\xbb\xbf"matched"')
    assert filled.rasid("export", "-o", str(tmp_path / "no" / "x.csv")).exit_code == 1
    assert filled.rasid("export", "--bom", "--as", "rss").exit_code == 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []
