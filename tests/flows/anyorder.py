"""A desk to which things happen in any order: what its machines share, and what must hold after every step."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.store import Store
from monitor.tell import flush_due
from tests.alerting.samples import MINUTE

Name = tuple[str, str, int, str]
"""Rule, article, version and channel."""


class Desk(RuleBasedStateMachine):
    """A store that is opened again now and then, rules, and a desk that tells. A machine begins with `open`."""

    ruleset: Ruleset

    def open(self, now: datetime) -> None:
        """An empty store, without rules."""
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.now = now
        self.store = self._opened()
        self.told: Counter[Name] = Counter()

    def _opened(self) -> Store:
        return Store.open(self.path / "rasid.db", write=True, now=self.now)

    def activate(self, rules: str) -> None:
        """Go on with these rules."""
        (self.path / "rules.yaml").write_text(rules, encoding="utf-8")
        self.ruleset = load_rules(self.path / "rules.yaml")
        self.store.activate(self.ruleset.cards.values(), self.now)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(minutes=st.sampled_from([0, 1, 10, 200, 30 * 60]), once=st.booleans())
    def the_desk_tells(self, minutes: int, once: bool) -> None:
        self.now += minutes * MINUTE
        report = flush_due(self.store, self.ruleset.cards, {}, self.now, once=once)
        assert not report.failed
        self.told.update(
            (match.rule, match.article_id, match.version, alert.channel)
            for alert in report.alerts
            if alert.reason != "correction"
            for match in alert.matches
        )

    @rule()
    def rasid_starts_again(self) -> None:
        self.store.close()
        self.store = self._opened()

    @rule()
    def days_go_by_without_news(self) -> None:
        for hours in (3, 9, 30, 200):
            self.the_desk_tells(hours * 60, once=False)
        assert self.store.pending_groups() == ()

    def fates(self) -> dict[Name, tuple[str, int]]:
        """What became of each match on each channel, and the version that lost it."""
        return {
            (row["rule"], row["article"], row["version"], state["channel"]): (state["disposition"], row["lost"])
            for row in self.store.matches()
            for state in row["channels"]
        }

    def waiting(self) -> set[Name]:
        """What is still to be told."""
        return {name for name, (what, _) in self.fates().items() if what in ("waiting", "folded")}

    @invariant()
    def dispositions_add_up(self) -> None:
        accounts = self.store.accounts()
        assert sum(accounts.dispositions.values()) == accounts.expected

    @invariant()
    def what_waits_is_pending_and_nothing_else(self) -> None:
        groups = self.store.pending_groups()
        assert all(group.due is not None for group in groups)
        assert self.waiting() == {
            (match.rule, match.article_id, match.version, group.channel)
            for group in groups
            for match in group.pending
        }

    @invariant()
    def what_was_told_was_told_once(self) -> None:
        assert all(times == 1 for times in self.told.values())
        assert self.told.keys() == {name for name, (what, _) in self.fates().items() if what == "alerted"}
