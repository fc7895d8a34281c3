"""Whatever documents come, in whatever order and however often: nothing vanishes and nothing is told twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from monitor.ingest import SourceTraits, ingest
from monitor.model import Article, Fetched, Severity
from monitor.timing import to_epoch
from tests.alerting.samples import HOUR, MINUTE
from tests.flows.anyorder import Desk

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
RULES = """\
version: 1
defaults: {notify: [desk, duty], severity: medium}
entities:
  basra: {names: [Basra]}
  aden: {names: [Aden]}
rules:
  rockets:
    alert: {group_by: [rule], throttle: 2h, unless: {new_publishers: 2}, corrections: true}
    match: {all: [rockets]}
  wounded:
    notify: [desk]
    severity: critical
    match: {all: [wounded]}
  ports:
    alert: {group_by: [entity], throttle: 1h}
    match: {any: [$basra, $aden]}
  bread:
    alert:
      group_by: [rule]
      when: {count: 2, over: 1h}
      escalate: [{to: critical, when: {publishers: 2, over: 2h}, notify: [boss]}]
    match: {all: [bread]}
  calm:
    alert: {group_by: [source], when: {silent: 3h}}
    match: {all: [calm]}
  weather:
    alert: {when: {publishers: 2, over: 3h}, throttle: 30m}
    match: {all: [weather]}
  goats:
    alert: {group_by: [entity, rule], when: {new: entity, over: 1d}}
    match: {all: [goats], any: [$basra, $aden]}
  ships:
    alert: {group_by: none}
    match: {all: [ships]}
"""
WORDS = ["rockets", "wounded", "Basra", "Aden", "bread", "calm", "weather", "goats", "ships"]
PORTS = {"Basra", "Aden"}
CHANNELS = {name: {"desk"} if name == "wounded" else {"desk", "duty"} for name in (*WORDS, "ports") if name.islower()}
"""Channels that a match of each rule goes to. A rule but two asks for the word that is its name."""

FLOORS = {"boss": Severity.HIGH}
SILENCES = st.sampled_from([("rule", "rockets"), ("channel", "duty"), ("entity", "basra")])
TEXTS = st.lists(st.sampled_from(WORDS), max_size=4, unique=True).map(lambda words: f"Seen: {', '.join(words)}.")
PUBLISHERS = st.sampled_from(["", "Gulf Post", "Sea News", "River Daily"])
ITEMS = st.lists(st.tuples(st.sampled_from(["a-1", "a-2", "a-3"]), TEXTS, PUBLISHERS), max_size=5)


def wanted(rule_id: str, text: str) -> bool:
    """Whether a rule matches a text."""
    port = any(name in text for name in PORTS)
    return port if rule_id == "ports" else rule_id in text and (port or rule_id != "goats")


class AnyOrder(Desk):
    """Two sources without a baseline, and a desk that tells now and then."""

    @initialize()
    def begin(self) -> None:
        self.open(NOW)
        self.activate(RULES)
        self.current: dict[str, str] = {}
        self.sent: list[Fetched] = []
        self.silences = 0

    def take(self, fetched: Fetched) -> None:
        traits = SourceTraits(has_baseline=False)
        ingest(fetched, store=self.store, rules=self.ruleset, traits=traits, now=self.now, floors=FLOORS)

    @rule(items=ITEMS, source=st.sampled_from(["wire", "post"]), minutes=st.sampled_from([0, 1, 30]))
    def a_document_comes(self, items: list[tuple[str, str, str]], source: str, minutes: int) -> None:
        self.now += minutes * MINUTE + timedelta(seconds=1)
        articles = tuple(
            Article(id=f"{source}-{name}", source=source, title="News", text=text, publisher=publisher)
            for name, text, publisher in items
        )
        fetched = Fetched(source=source, key="same", at=self.now, articles=articles, complete=False)
        self.take(fetched)
        self.sent.append(fetched)
        self.current |= {article.id: article.text for article in articles}

    @rule(pick=st.integers(min_value=0))
    def an_old_message_comes_again(self, pick: int) -> None:
        if self.sent:
            self.take(self.sent[pick % len(self.sent)])

    @rule(what=SILENCES, hours=st.sampled_from([1, 5]))
    def somebody_wants_silence(self, what: tuple[str, str], hours: int) -> None:
        self.silences += 1
        ends = to_epoch(self.now + hours * HOUR)
        intent = {"do": "silence", "at": to_epoch(self.now), "ends": ends, "id": f"s{self.silences}"}
        self.store.perform(intent | {"matchers": [what], "author": "huda", "reason": "exercise"})

    @invariant()
    def what_matches_now_stands_on_every_channel_and_what_does_not_is_marked(self) -> None:
        fates = self.fates()
        for article, text in self.current.items():
            for rule_id, channels in CHANNELS.items():
                mine = {name: fate for name, fate in fates.items() if name[:2] == (rule_id, article)}
                if wanted(rule_id, text):
                    assert {name[3] for name, (what, _) in mine.items() if what != "withdrawn"} >= channels
                    assert any(lost == 0 for _, lost in mine.values())
                else:
                    assert all(lost and what not in ("waiting", "folded") for what, lost in mine.values())

    @invariant()
    def the_current_text_is_the_last_that_came(self) -> None:
        for name, text in self.current.items():
            article = self.store.article(name)
            assert article is not None
            assert article.text == text


AnyOrder.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestAnyOrder = AnyOrder.TestCase
