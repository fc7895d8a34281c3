"""Whatever documents come, in whatever order and however often: nothing vanishes and nothing is told twice."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from monitor.alerting.groups import flush
from monitor.ingest import SourceTraits, ingest
from monitor.model import Article, Fetched
from monitor.rulefiles import load_rules
from monitor.store import Store

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
RULES = """\
version: 1
defaults: {notify: [desk, duty], severity: high}
rules:
  rockets:
    title: Rockets
    alert: {group_by: [rule]}
    match:
      all: [rockets]
  wounded:
    title: Wounded
    notify: [desk]
    alert: {group_by: [source]}
    match:
      all: [wounded]
  bread:
    title: Bread, twice
    alert:
      group_by: [rule]
      when: {count: 2, over: 5m}
    match:
      all: [bread]
"""
TEXTS = ["Rockets fell.", "Five were wounded.", "Rockets fell and five were wounded.", "Bread is dear."]
CHANNELS = {"rockets": {"desk", "duty"}, "wounded": {"desk"}, "bread": {"desk", "duty"}}

ITEMS = st.lists(st.tuples(st.sampled_from(["a-1", "a-2", "a-3"]), st.sampled_from(TEXTS)), max_size=4)


class AnyOrder(RuleBasedStateMachine):
    """A folder source and a desk that tells now and then."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        (path / "rules.yaml").write_text(RULES, encoding="utf-8")
        self.ruleset = load_rules(path / "rules.yaml")
        self.store = Store.open(path / "rasid.db", write=True, now=NOW)
        self.store.activate(self.ruleset.cards.values(), NOW)
        self.now = NOW
        self.current: dict[str, str] = {}
        self.sent: list[Fetched] = []
        self.told: Counter[tuple[Any, ...]] = Counter()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def take(self, fetched: Fetched) -> None:
        traits = SourceTraits(has_baseline=False)
        ingest(fetched, store=self.store, rules=self.ruleset, traits=traits, now=self.now)

    @rule(items=ITEMS)
    def a_document_comes(self, items: list[tuple[str, str]]) -> None:
        self.now += timedelta(minutes=1)
        articles = tuple(Article(id=name, source="wire", title="News", text=text) for name, text in items)
        fetched = Fetched(source="wire", key="same", at=self.now, articles=articles, complete=False)
        self.take(fetched)
        self.sent.append(fetched)
        self.current |= dict(items)

    @rule(pick=st.integers(min_value=0))
    def an_old_message_comes_again(self, pick: int) -> None:
        if self.sent:
            self.take(self.sent[pick % len(self.sent)])

    @rule(minutes=st.sampled_from([0, 10, 60 * 30]))
    def the_desk_tells(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for number, group in enumerate(self.store.pending_groups()):
            alert_id = f"n-{self.now.isoformat()}-{number}"
            done = flush(group, self.ruleset.cards, (), self.now, alert_id=alert_id, told={}, once=True)
            if done.alert is not None:
                self.store.commit_alert_soon(done.alert, {}, (), done.group, done.states, self.now)()
                self.told.update(
                    (match.rule, match.article_id, match.version, done.alert.channel) for match in done.alert.matches
                )

    @invariant()
    def dispositions_add_up(self) -> None:
        accounts = self.store.accounts()
        assert sum(accounts.dispositions.values()) == accounts.expected

    @invariant()
    def what_matches_now_stands_on_every_channel_and_what_does_not_is_marked(self) -> None:
        rows = self.store.matches()
        for name, text in self.current.items():
            for rule_id, channels in CHANNELS.items():
                mine = [row for row in rows if row["article"] == name and row["rule"] == rule_id]
                standing = {
                    state["channel"]
                    for row in mine
                    for state in row["channels"]
                    if state["disposition"] != "withdrawn"
                }
                if rule_id in text.lower():
                    assert standing == channels
                    assert any(row["lost"] == 0 for row in mine)
                else:
                    assert all(row["lost"] for row in mine)
                    fates = {state["disposition"] for row in mine for state in row["channels"]}
                    assert not fates & {"waiting", "folded"}

    @invariant()
    def the_current_text_is_the_last_that_came(self) -> None:
        for name, text in self.current.items():
            article = self.store.article(name)
            assert article is not None
            assert article.text == text

    @invariant()
    def what_waits_or_folds_is_pending_and_nothing_else(self) -> None:
        pending = {
            (match.rule, match.article_id, match.version, group.channel)
            for group in self.store.pending_groups()
            for match in group.pending
        }
        waiting = {
            (row["rule"], row["article"], row["version"], state["channel"])
            for row in self.store.matches()
            for state in row["channels"]
            if state["disposition"] in ("waiting", "folded")
        }
        assert pending == waiting

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert all(times == 1 for times in self.told.values())


AnyOrder.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestAnyOrder = AnyOrder.TestCase
