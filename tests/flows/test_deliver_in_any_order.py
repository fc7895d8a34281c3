"""Whatever channels answer, wish and suffer: every delivery ends, in order within its group, and none is sent that
its channel did not want."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from monitor.alerting.calm import Calm, Digest, Quiet
from monitor.alerting.retries import RetryPolicy
from monitor.channels import Channel
from monitor.deliver import deliver_lane
from monitor.model import Message, Outcome, Rejected, Retry, Sent, Severity
from monitor.store import Store
from monitor.tell import flush_due
from monitor.timing import to_epoch
from tests.alerting.samples import HOUR, MINUTE, NOON, a_candidate, a_card, an_article
from tests.flows.newsroom import Newsroom
from tests.receiver import Receiver

SEVERITIES = (Severity.LOW, Severity.HIGH, Severity.CRITICAL)
CARDS = {s.word: a_card(s.word, s, notify=("desk", "duty"), throttle=10 * MINUTE) for s in SEVERITIES}
AFTERNOON = Quiet(start=time(13), end=time(20))
CALMS = st.sampled_from(
    [
        Calm(),
        Calm(at_most=2, per=HOUR),
        Calm(quiet=(AFTERNOON,)),
        Calm(digest=Digest(times=(time(7, 30),))),
        Calm(catches_up=True),
        Calm(at_most=2, per=HOUR, quiet=(AFTERNOON,), lets_through=Severity.CRITICAL, catches_up=True),
        Calm(digest=Digest(), quiet=(AFTERNOON,), lets_through=Severity.CRITICAL),
    ]
)
KINDS = ("ok", "reply lost", "out", "asks to wait", "not this one now", "never this one", "parks", "crashes")
ANSWERS = st.lists(st.sampled_from(("ok", *KINDS)), min_size=1, max_size=4)
NAMES = st.sampled_from(["desk", "duty"])
STATES = ("sent", "dead", "parked")
"""In which a delivery has ended."""


class Killed(BaseException):
    """Rasid is killed in the middle of a try."""


@dataclass(slots=True)
class Receipt:
    """What a receiver got."""

    delivery: str
    channel: str
    recipient: str
    at: datetime


@dataclass
class Answering:
    """A channel that answers as the machine wants it to, and lets it look at each message before."""

    name: str
    machine: AnyOrder
    kind: str = "test"
    recipients: tuple[str, ...] = ("",)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    answers: list[str] = field(default_factory=lambda: ["ok"])
    dies: str = ""  # before or after the next message has come

    def send(self, message: Message, now: datetime) -> Outcome:
        self.machine.a_message_is_about_to_go(self.name, message)
        dies, self.dies = self.dies, ""
        if dies == "before":
            raise Killed
        answer = self.answers.pop(0)
        self.answers.append(answer)
        if answer in ("ok", "reply lost") or dies:
            self.machine.got.append(Receipt(message.delivery_id, self.name, message.recipient, now))
        if dies:
            raise Killed
        if answer == "crashes":
            raise ValueError("crashes")
        outcomes: dict[str, Outcome] = {
            "ok": Sent(receipt="taken"),
            "reply lost": Retry(reason=answer, is_outage=True),
            "out": Retry(reason=answer, is_outage=True),
            "asks to wait": Retry(reason=answer, is_outage=True, not_before=now + 3 * HOUR),
            "not this one now": Retry(reason=answer),
            "never this one": Rejected(reason=answer),
            "parks": Rejected(reason=answer, parks=True),
        }
        return outcomes[answer]


class AnyOrder(RuleBasedStateMachine):
    """Two channels, one of them with two recipients, and news of five stories."""

    @initialize(desk=CALMS, duty=CALMS)
    def begin(self, desk: Calm, duty: Calm) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.now = NOON
        self.calm = {"desk": desk, "duty": duty}
        self.channels = {"desk": Answering("desk", self), "duty": Answering("duty", self, recipients=("a@x", "b@x"))}
        self.got: list[Receipt] = []
        self.articles = 0
        self.open()

    def open(self) -> None:
        path = Path(self.folder.name) / "rasid.db"
        self.store = Store.open(path, write=True, now=self.now)
        self.store.activate(CARDS.values(), self.now)
        self.room = Newsroom(self.store, path, Receiver(), cards=CARDS, fetches=self.articles)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    # --- what happens -----------------------------------------------------------------------------------------------

    @rule(word=st.sampled_from(sorted(CARDS)), stories=st.lists(st.sampled_from("abcde"), min_size=1, max_size=4))
    def news_comes(self, word: str, stories: list[str]) -> None:
        first, self.articles = self.articles, self.articles + len(stories)
        self.room.take(
            *(
                a_candidate(CARDS[word], an_article(f"a{number}"), story=story)
                for number, story in enumerate(stories, first)
            ),
            at=self.now,
        )

    @rule(minutes=st.sampled_from([0, 1, 5, 20, 61, 200, 700]))
    def rasid_works(self, minutes: int) -> None:
        self.now += minutes * MINUTE
        known: Mapping[str, Channel] = {**self.channels}
        flush_due(self.store, CARDS, known, self.now)
        for name, channel in known.items():
            try:
                deliver_lane(self.store, channel, lambda: self.now, calm=self.calm[name])
            except Killed:
                self.rasid_starts_again()

    @rule()
    def rasid_starts_again(self) -> None:
        self.store.close()
        self.open()

    @rule(name=NAMES, answers=ANSWERS)
    def a_receiver_changes(self, name: str, answers: list[str]) -> None:
        self.channels[name].answers = answers

    @rule(name=NAMES, when=st.sampled_from(["before", "after"]))
    def the_next_message_is_the_last(self, name: str, when: str) -> None:
        self.channels[name].dies = when

    @rule(name=NAMES, calm=CALMS)
    def a_channel_is_configured_anew(self, name: str, calm: Calm) -> None:
        self.calm[name] = calm

    @rule(pick=st.integers(min_value=0))
    def somebody_wants_one_again(self, pick: int) -> None:
        if over := sorted(id for id, row in self.rows().items() if row["state"] in ("dead", "parked")):
            once_more = [over[pick % len(over)]]
            self.store.perform({"do": "replay", "at": to_epoch(self.now), "deliveries": once_more})

    @rule()
    def all_is_well_for_some_days(self) -> None:
        for channel in self.channels.values():
            channel.answers, channel.dies = ["ok"], ""
        for minutes in [61] * 100 + [700] * 10:
            self.rasid_works(minutes)
        rows = self.rows()
        assert {row["state"] for row in rows.values()} <= {*STATES}
        assert self.store.pending_groups() == ()

    # --- what must hold ---------------------------------------------------------------------------------------------

    def rows(self) -> dict[str, dict[str, Any]]:
        """Every delivery by its id, with its alert's group and sequence."""
        with closing(sqlite3.connect(f"file:{self.room.path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            query = "SELECT t.group_key, t.sequence, d.* FROM delivery d JOIN alert t ON t.id = d.alert"
            return {row["id"]: dict(row) for row in connection.execute(query)}

    def a_message_is_about_to_go(self, name: str, message: Message) -> None:
        rows, calm, is_digest = self.rows(), self.calm[name], "digest" in message.content
        this = rows[message.delivery_id]
        mine = [row for row in rows.values() if (row["channel"], row["recipient"]) == (name, message.recipient)]
        for row in mine:
            if row["group_key"] == this["group_key"] and row["sequence"] < this["sequence"]:
                assert row["state"] not in ("pending", "leased"), "it overtakes an earlier one of its group"
        assert is_digest or calm.digest is None
        if calm.at_most and not is_digest:
            sent = {row["id"] for row in mine if row["state"] == "sent"}
            recent = {one.delivery for one in self.got if one.at > self.now - calm.per}
            assert len(sent & recent) < calm.at_most

    @invariant()
    def what_is_sent_was_received_and_a_digest_ends_for_all_it_tells(self) -> None:
        rows = self.rows()
        got = {one.delivery for one in self.got}
        assert got <= rows.keys()
        for id, row in rows.items():
            if row["digest"] is None:
                assert row["state"] != "sent" or id in got
            elif row["state"] == "held":
                assert rows[row["digest"]]["state"] not in STATES
            else:
                assert row["state"] == rows[row["digest"]]["state"]


AnyOrder.TestCase.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
TestAnyOrder = AnyOrder.TestCase
