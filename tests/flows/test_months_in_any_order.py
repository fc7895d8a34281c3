"""Whatever documents, edits of rules and months come: what waits is told once, and nothing needed is pruned."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from typing import Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from monitor.ingest import SourceTraits, ingest
from monitor.model import Article, Fetched
from monitor.store.retention import Limits
from tests.alerting.samples import DAY, HOUR, MINUTE, NOON
from tests.flows.anyorder import Desk

RULES = """\
version: 1
defaults: {{notify: [desk, duty], severity: medium}}
entities:
  basra: {{names: [Basra]}}
  aden: {{names: [Aden]}}
rules:
  rockets:
    alert: {{group_by: [rule], throttle: 2h, corrections: true}}
    match: {{all: [{word}]}}
  wounded:
    notify: [desk]
    severity: critical
    match: {{all: [wounded]}}
  ports:
    alert: {{group_by: [entity], throttle: 1h}}
    match: {{any: [$basra, $aden]}}
  bread:
    alert: {{group_by: [rule], when: {{count: 2, over: 1h}}}}
    match: {{all: [bread]}}
  {last}:
    alert: {{group_by: [rule], when: {{spike: 2, over: 6h, min: 2, baseline: 14d}}}}
    match: {{all: [strikes]}}
"""
WORDS = ["rockets", "missiles", "wounded", "Basra", "Aden", "bread", "strikes"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(lambda words: f"Seen: {', '.join(words)}.")
NAMES = st.sampled_from(["g-1", "g-2", "g-3"])
URLS = st.sampled_from(["https://news.example/a", "https://news.example/b", "https://news.example/"])
AGES = st.sampled_from([None, timedelta(0), MINUTE, HOUR, -HOUR])
"""How old an item says it is; some come from the future."""

ITEMS = st.lists(st.tuples(NAMES, URLS, TEXTS, AGES), max_size=5, unique_by=lambda item: item[0])
SOURCES = st.sampled_from(["feed", "feed", "folder"])
SINCE: st.SearchStrategy[timedelta | Literal["all"] | None] = st.sampled_from([None, "all", HOUR])


class AnyOrder(Desk):
    """A feed, whose items change their ids too, and a folder."""

    @initialize()
    def begin(self) -> None:
        self.open(NOON)
        self.sent: list[tuple[Fetched, SourceTraits]] = []
        self.rules_are_edited("rockets", "spiking")

    def take(self, fetched: Fetched, traits: SourceTraits) -> None:
        ingest(fetched, store=self.store, rules=self.ruleset, traits=traits, now=self.now)

    @rule(items=ITEMS, source=SOURCES, hours=st.sampled_from([0, 1, 5]), since=SINCE)
    def a_document_comes(
        self,
        items: list[tuple[str, str, str, timedelta | None]],
        source: str,
        hours: int,
        since: timedelta | Literal["all"] | None,
    ) -> None:
        self.now += hours * HOUR + timedelta(seconds=1)
        articles = tuple(
            Article(
                id=f"{source}-{name}",
                source=source,
                title="News",
                text=text,
                url=url,
                published=None if age is None else self.now - age,
            )
            for name, url, text, age in items
        )
        is_feed = source == "feed"
        fetched = Fetched(source=source, key="same", at=self.now, articles=articles, complete=is_feed)
        self.sent.append((fetched, SourceTraits(has_baseline=is_feed, since=since)))
        self.take(*self.sent[-1])

    @rule(pick=st.integers(min_value=0))
    def an_old_message_comes_again(self, pick: int) -> None:
        if self.sent:
            self.take(*self.sent[pick % len(self.sent)])

    @rule(word=st.sampled_from(["rockets", "missiles"]), last=st.sampled_from(["spiking", "rising"]))
    def rules_are_edited(self, word: str, last: str) -> None:
        self.now += timedelta(seconds=1)
        self.activate(RULES.format(word=word, last=last))

    @rule(
        days=st.sampled_from([0, 1, 3, 40]), articles=st.sampled_from([0, 1, 30]), matches=st.sampled_from([0, 5, 60])
    )
    def old_things_are_pruned(self, days: int, articles: int, matches: int) -> None:
        self.now += days * DAY
        limits = Limits(
            articles=self.now - articles * DAY, matches=self.now - max(articles, matches) * DAY, sources={}
        )
        before = self.waiting()
        self.store.prune(limits, self.now, lambda: True)
        assert self.waiting() == before
        with closing(sqlite3.connect(f"file:{self.path}/rasid.db?mode=ro", uri=True)) as connection:
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        self.told = Counter(self.told.keys() & self.fates().keys())


AnyOrder.TestCase.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
TestAnyOrder = AnyOrder.TestCase
