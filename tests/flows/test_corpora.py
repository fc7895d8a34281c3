"""Real feeds of other projects, served on loopback and polled twice by the real command's run."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import feedparser
import pytest

from monitor.config import load_config
from monitor.daemon import run_once, turns
from monitor.sources.parsing.markup import to_text
from tests.flows.feeds import FeedServer

REAL = ("feeds-miniflux", "feeds-reader", "feeds-newsboat")
ALL = (*REAL, "feeds-feedjira", "feeds-gofeed", "feeds-simplepie")
NO_FEED = {  # by folder and name: what is in the corpora without being a feed
    ("feeds-newsboat", "empty.xml"),
    ("feeds-gofeed", "version_rdf_090.xml"),
    ("feeds-gofeed", "empty_feed.xml"),
    ("feeds-gofeed", "unknown_feed.xml"),
    *(("feeds-feedjira", f"{name}.xml") for name in (
        "AmazonWebServicesBlogFirstEntryContent", "HREFConsideredHarmfulFirstEntry",
        "PaulDixExplainsNothingFirstEntryContent", "TechCrunchFirstEntry", "TechCrunchFirstEntryDescription",
        "TenderLovemakingFirstEntry",
    )),
}  # fmt: skip


def feeds(corpora: Path, folders: Sequence[str]) -> dict[str, bytes]:
    """Path on the server to body, of every feed file; JSON beside the feeds of gofeed says what to expect of them."""
    found = {}
    for folder in folders:
        endings = (
            {".xml", ".atom", ".rss"}
            if folder in ("feeds-gofeed", "feeds-feedjira")
            else {".xml", ".atom", ".rss", ".json"}
        )
        for path in sorted((corpora / folder).rglob("*")):
            if path.suffix in endings and (folder, path.name) not in NO_FEED:
                found[f"/{folder}/{quote(path.relative_to(corpora / folder).as_posix())}"] = path.read_bytes()
    return found


def entries(body: bytes) -> int:
    """How many entries feedparser finds that have an address, an id or words; a picture alone is no article."""
    found = feedparser.parse(BytesIO(body)).entries
    texts = [[entry.get("summary", ""), *(part.value for part in entry.get("content", ()))] for entry in found]
    return sum(
        any(entry.get(name) for name in ("title", "link", "id")) or any(map(to_text, said))
        for entry, said in zip(found, texts, strict=True)
    )


@pytest.mark.parametrize(("folders", "validators"), [(ALL, True), (REAL, False)])
def test_every_feed_polled_twice_stores_what_feedparser_finds_and_nothing_the_second_time(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: Sequence[str], validators: bool
) -> None:
    monkeypatch.setattr(turns, "BETWEEN_STARTS_S", 0.0)  # all lie on one host, which is ours
    bodies = feeds(corpora, folders)
    assert len(bodies) > 25
    with FeedServer(bodies, validators=validators) as server:
        ids = {f"f{number}": path for number, path in enumerate(bodies)}
        lines = [f'  {source}: {{url: "{server.url(path)}"}}' for source, path in ids.items()]
        config = tmp_path / "monitor.yaml"
        config.write_text(
            "version: 1\ndatabase: rasid.db\nrules: [rules]\n"
            "fetch: {private_networks: [127.0.0.0/8], per_host: 8}\nsources:\n" + "\n".join(lines)
        )
        (tmp_path / "rules").mkdir()
        rule = "version: 1\nrules:\n  any: {title: t, severity: low, match: {any: [the]}, notify: []}\n"
        (tmp_path / "rules" / "r.yaml").write_text(rule)

        first = run_once(load_config(config))
        stored = articles(tmp_path)
        second = run_once(load_config(config))

    told = {line.partition(":")[0]: line for line in (*first.failures, *second.failures)}
    assert {ids[source]: line for source, line in told.items()} == {}
    assert sum(report.new for report in first.ingests) == len(stored) > 200
    assert sum(report.new + report.edited for report in second.ingests) == 0
    assert articles(tmp_path) == stored
    if validators:
        broken = {ids[note.partition(":")[0]] for note in first.notes if "breaks off" in note}
        assert {path for path in bodies if server.statuses[path, 304] != 1} == broken
        assert len(broken) < 5
    counts = Counter(source for _, source, _ in stored)
    markup = {source: path for source, path in ids.items() if not path.endswith(".json")}
    wanted = {path: entries(bodies[path]) for path in markup.values()}
    assert {path: counts[source] for source, path in markup.items() if counts[source] < wanted[path]} == {}


def articles(folder: Path) -> list[tuple[str, str, int]]:
    with sqlite3.connect(f"file:{folder / 'rasid.db'}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT id, source, version FROM article ORDER BY id").fetchall()
