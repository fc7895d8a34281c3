"""What may be told at once is told soon after it was judged, not at the next turn of a clock."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.daemon import loops
from monitor.daemon.wiring import install
from monitor.model import Article, Fetched
from monitor.sources.codec import encode
from monitor.sources.parser import Parser
from monitor.store import Store
from tests.flows.daemon import until

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONFIG = """\
version: 1
database: rasid.db
rules: [rules.yaml]
channels: {desk: {kind: webhook, url: "https://desk.example/"}}
sources: {wire: {url: "https://wire.example/", since: all}}
"""
RULES = """\
version: 1
rules:
  attack: {title: An attack, notify: [desk], match: {any: [attack]}, alert: {group_by: none, group_wait: 0s}}
"""


def told(database: Path, alerts: int) -> bool:
    """Whether so many alerts have been drawn."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return bool(connection.execute("SELECT count(*) FROM alert").fetchone() == (alerts,))


def test_a_match_that_need_not_wait_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "FLUSH_S", 3600.0)
    (tmp_path / "monitor.yaml").write_text(CONFIG)
    (tmp_path / "rules.yaml").write_text(RULES)
    config = load_config(tmp_path / "monitor.yaml")
    with Parser() as parser, Store.open(config.database, write=True, now=NOW) as store:
        running = loops.Loops(install(config, parser), store, lambda: NOW)
        running._judge.start()

        for number in (1, 2):  # the first is told by the round with which the loop begins
            article = Article(id=f"a{number}", source="wire", title=f"Attack {number}", text=f"It was no. {number}.")
            fetched = Fetched(source="wire", key=f"k{number}", at=NOW, articles=(article,))
            running._queue.put(f"k{number}", encode(fetched))
            until(partial(told, config.database, number), what="for the alert")

        running.ending.set()
        running._judge.join(30)
