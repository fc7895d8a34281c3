"""Real feeds of other projects, served on loopback and polled twice by the real command's run."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.daemon import run_once
from tests.flows.feeds import FeedServer

FOLDERS = ("feeds-miniflux", "feeds-reader", "feeds-newsboat")
NO_FEED = {  # by folder and name: what is in the corpora without being a feed
    ("feeds-newsboat", "empty.xml"),
}


def feeds(corpora: Path) -> dict[str, bytes]:
    """Path on the server to body, of every feed file."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((corpora / folder).rglob("*")):
            if path.suffix in {".xml", ".atom", ".rss", ".json"} and (folder, path.name) not in NO_FEED:
                found[f"/{folder}/{path.relative_to(corpora / folder)}"] = path.read_bytes()
    return found


@pytest.mark.parametrize("validators", [True, False])
def test_every_real_feed_polled_twice_stores_nothing_the_second_time(
    corpora: Path, tmp_path: Path, validators: bool
) -> None:
    bodies = feeds(corpora)
    assert len(bodies) > 25
    with FeedServer(bodies, validators=validators) as server:
        ids = {f"f{number}": path for number, path in enumerate(bodies)}
        lines = [f'  {source}: {{url: "{server.url(path)}"}}' for source, path in ids.items()]
        config = tmp_path / "monitor.yaml"
        config.write_text(
            "version: 1\ndatabase: rasid.db\nrules: [rules]\nfetch: {private_networks: [127.0.0.0/8]}\nsources:\n"
            + "\n".join(lines)
        )
        (tmp_path / "rules").mkdir()
        rule = "version: 1\nrules:\n  any: {title: t, severity: low, match: {any: [the]}, notify: []}\n"
        (tmp_path / "rules" / "r.yaml").write_text(rule)

        first = run_once(load_config(config))
        stored = articles(tmp_path)
        second = run_once(load_config(config))

    assert first.failures == ()
    assert second.failures == ()
    assert sum(report.new for report in first.ingests) == len(stored) > 200
    assert sum(report.new + report.edited for report in second.ingests) == 0
    assert articles(tmp_path) == stored
    if validators:
        assert all(server.statuses[path, 304] == 1 for path in bodies)
    (atom,) = (source for source, path in ids.items() if path.endswith("/atom10_1.xml"))
    assert sum(1 for _, source, _ in stored if source == atom) == 3


def articles(folder: Path) -> list[tuple[str, str, int]]:
    with sqlite3.connect(f"file:{folder / 'rasid.db'}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT id, source, version FROM article ORDER BY id").fetchall()
