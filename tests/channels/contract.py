"""What every channel kind must hold. A kind's test module subclasses one of these and says how to build a channel.

`Contract` is for all kinds; `HttpContract` adds what holds for all kinds that POST.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor import channels
from monitor.alerting.facts import facts
from monitor.channels import Channel, RetryPolicy, Tools
from monitor.channels.posting import Poster, Telling
from monitor.http.session import Session
from monitor.model import ChannelSpec, Message, Outcome, Rejected, Retry, Sent
from tests import receiver as answers
from tests.alerting.samples import NOON
from tests.receiver import Receiver, status

SECRETS = ("s3cret-path", "s3cret-query", "s3cret-user", "s3cret-header", "s3cret-word")
REFUSALS = (301, 308, 400, 401, 403, 404, 410, 413, 418, 422)
DELIVERY = "d0123456789abcdef0123"
CONTENT = {
    "alert": "n0123456789abcdef",
    "severity": "high",
    "created": "2026-11-24T12:00:00.000Z",
    "articles": [{"id": "a1", "title": "هجوم على قاعدة"}],
}


@functools.cache
def tools(*, private: bool = True) -> Tools:
    """What channels of tests share, Arabic in Baghdad; `private` lets them reach loopback."""
    networks = [ip_network("127.0.0.0/8")] if private else []
    session = Session(user_agent="rasid", private_networks=networks, timeout=timedelta(seconds=20))
    return Tools(session=session, language="ar", timezone=ZoneInfo("Asia/Baghdad"))


def build(kind: str, **options: Any) -> Channel:
    """A channel named desk that may reach loopback."""
    return channels.build(ChannelSpec(name="desk", kind=kind, options=options), tools())


def secret_url(base: str) -> str:
    """A URL of which every part but the host is a secret."""
    return base.replace("//", "//s3cret-user:s3cret-word@") + "/s3cret-path?key=s3cret-query"


def a_message() -> Message:
    """A message nobody can change at the top; deeper changes are found by comparing."""
    return Message(delivery_id=DELIVERY, recipient="", content=MappingProxyType(copy.deepcopy(CONTENT)))


@dataclass(frozen=True)
class Destination:
    """A channel and where it leads: `arrived` gives each message as (all that came, the part that never varies)."""

    channel: Channel
    arrived: Callable[[], list[tuple[str, bytes]]]


class Contract:
    """The part for all kinds."""

    kind: str

    def working(self) -> AbstractContextManager[Destination]:
        """A channel named desk whose destination takes everything."""
        raise NotImplementedError

    def broken(self) -> Iterator[AbstractContextManager[Channel]]:
        """Channels whose destination is away, refuses, or repeats secrets."""
        raise NotImplementedError

    def test_it_says_what_it_is(self) -> None:
        with self.working() as made:
            assert (made.channel.name, made.channel.kind) == ("desk", self.kind)
            assert isinstance(made.channel.retry, RetryPolicy)
            assert made.channel.recipients

    def test_a_message_is_sent_and_not_changed(self) -> None:
        message = a_message()
        with self.working() as made:
            outcome = made.channel.send(message, NOON)

        assert isinstance(outcome, Sent)
        assert outcome.receipt
        assert dict(message.content) == CONTENT

    def test_every_try_carries_the_id_of_the_delivery_and_the_same_message(self) -> None:
        with self.working() as made:
            made.channel.send(a_message(), NOON)
            made.channel.send(a_message(), NOON + timedelta(hours=30))
            first, second = made.arrived()

        assert DELIVERY in first[0]
        assert DELIVERY in second[0]
        assert first[1] == second[1]

    def test_a_broken_destination_is_an_outcome_and_no_error(self) -> None:
        for broken in self.broken():
            with broken as channel:
                assert isinstance(channel.send(a_message(), NOON), Retry | Rejected)

    def test_neither_repr_nor_reasons_hold_a_secret(self) -> None:
        shown = []
        for broken in self.broken():
            with broken as channel:
                shown += [repr(channel), repr(channel.send(a_message(), NOON))]

        assert [text for text in shown if any(secret in text for secret in SECRETS)] == []


class HttpContract(Contract):
    """The part for kinds that POST. `channel` builds one whose destination is at `base`.

    `dead` and `parked` are the statuses that end a delivery at once, `parked_in_the_end` those after all tries.
    """

    dead: tuple[int, ...] = ()
    parked: tuple[int, ...] = (410,)
    parked_in_the_end: tuple[int, ...] = ()

    def channel(self, base: str, **options: Any) -> Channel:
        """A built channel named desk that sends to the server at `base`, a secret in every option that is one."""
        raise NotImplementedError

    @contextlib.contextmanager
    def working(self) -> Iterator[Destination]:
        """A receiver that answers 200."""
        with Receiver() as receiver:
            yield Destination(
                self.channel(receiver.url),
                lambda: [(str(r.headers) + r.body.decode(), r.body) for r in receiver.received],
            )

    def broken(self) -> Iterator[AbstractContextManager[Channel]]:
        """Refusals, broken answers, nobody there."""
        echo = " ".join(SECRETS).encode()
        for answer in (
            *(status(code, body=echo, Location="/s3cret-path") for code in (301, 400, 401, 404, 410, 429, 500)),
            answers.reset,
            answers.cut,
            answers.garbage,
        ):
            yield self._answering(answer)
        yield self._closed()
        yield contextlib.nullcontext(self.channel("http://no-such-host.invalid"))

    def send(self, *script: answers.Answer) -> tuple[Outcome, Receiver]:
        """Send one message to a receiver with this script."""
        with Receiver(script=list(script)) as receiver:
            return self.channel(receiver.url).send(a_message(), NOON), receiver

    @contextlib.contextmanager
    def _answering(self, answer: answers.Answer) -> Iterator[Channel]:
        with Receiver(script=[answer]) as receiver:
            yield self.channel(receiver.url)

    @contextlib.contextmanager
    def _closed(self) -> Iterator[Channel]:
        with answers.closed_port() as base:
            yield self.channel(base)

    def test_a_destination_that_does_not_listen_is_tried_again(self) -> None:
        with self._closed() as channel:
            assert isinstance(channel.send(a_message(), NOON), Retry)

    @pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
    def test_success_is_sent(self, code: int) -> None:
        outcome, _ = self.send(status(code))

        assert isinstance(outcome, Sent)
        assert str(code) in outcome.receipt

    @pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504, 599, 600])
    def test_a_fault_that_may_pass_is_tried_again_and_buried_in_the_end(self, code: int) -> None:
        outcome, _ = self.send(status(code))

        assert isinstance(outcome, Retry)
        assert f"HTTP {code}" in outcome.reason
        assert (outcome.parks, outcome.not_before) == (False, None)

    def test_every_refusal_has_the_outcome_of_the_table(self) -> None:
        found: dict[str, list[int]] = {"dead": [], "parked": [], "in the end": [], "buried": []}
        for code in REFUSALS:
            outcome, _ = self.send(status(code))
            if isinstance(outcome, Rejected):
                found["parked" if outcome.parks else "dead"].append(code)
            else:
                assert isinstance(outcome, Retry)
                found["in the end" if outcome.parks else "buried"].append(code)

        ended = {*self.dead, *self.parked, *self.parked_in_the_end}
        assert found == {
            "dead": [code for code in REFUSALS if code in self.dead],
            "parked": [code for code in REFUSALS if code in self.parked],
            "in the end": [code for code in REFUSALS if code in self.parked_in_the_end],
            "buried": [code for code in REFUSALS if code not in ended],
        }

    @pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
    def test_a_redirect_is_not_followed_and_says_that_the_url_moved(self, code: int) -> None:
        outcome, receiver = self.send(status(code, Location="/elsewhere"))

        assert isinstance(outcome, Retry | Rejected)
        assert "the URL moved" in outcome.reason
        assert len(receiver.received) == 1

    @pytest.mark.parametrize("answer", [answers.reset, answers.cut, answers.garbage])
    def test_an_answer_that_is_lost_after_the_body_was_taken_is_tried_again(self, answer: answers.Answer) -> None:
        outcome, receiver = self.send(answer)

        assert isinstance(outcome, Retry)
        assert not outcome.parks
        assert len(receiver.received) == 1

    @pytest.mark.parametrize(
        ("header", "wait"),
        [
            ("120", timedelta(minutes=2)),
            (" 7 ", timedelta(seconds=7)),
            ("1.5", timedelta(seconds=1.5)),
            (format_datetime(NOON + timedelta(minutes=3), usegmt=True), timedelta(minutes=3)),
            ("99999999", timedelta(hours=24)),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("nan", None),
            ("inf", None),
            ("9" * 400, None),
            (format_datetime(NOON - timedelta(minutes=3), usegmt=True), None),
            ("Tue, 24 Nov 99999 12:00:00 GMT", None),
        ],
    )
    @pytest.mark.parametrize("code", [429, 503])
    def test_the_receiver_may_say_when_to_come_again(self, code: int, header: str, wait: timedelta | None) -> None:
        outcome, _ = self.send(status(code, Retry_After=header))

        assert isinstance(outcome, Retry)
        assert outcome.not_before == (None if wait is None else NOON + wait)

    @pytest.mark.parametrize(
        ("body", "wait"),
        [
            (b'{"retry_after": 7}', timedelta(seconds=7)),
            (b'{"message": "You are being rate limited.", "retry_after": 0.65}', timedelta(seconds=0.65)),
            (b'{"ok": false, "parameters": {"retry_after": 35}}', timedelta(seconds=35)),
            (b'{"retry_after": 1e6}', timedelta(hours=24)),
            (b'{"retry_after": 1e300}', None),
            (b'{"retry_after": true}', None),
            (b'{"retry_after": "soon", "parameters": 7}', None),
            (b'{"retry_after": NaN}', None),
            (b'{"retry_after": ' + b"9" * 5000 + b"}", None),
            (b"[" * 60_000, None),
            (b'{"retry_after": 7}' + b" " * 66_000, None),
            (b"[7]", None),
        ],
    )
    def test_the_receiver_may_say_in_json_when_to_come_again(self, body: bytes, wait: timedelta | None) -> None:
        outcome, _ = self.send(status(429, body=body))

        assert isinstance(outcome, Retry)
        assert outcome.not_before == (None if wait is None else NOON + wait)

    def test_a_header_that_says_when_to_come_again_goes_before_the_body(self) -> None:
        outcome, _ = self.send(status(429, body=b'{"retry_after": 1}', Retry_After="60"))

        assert isinstance(outcome, Retry)
        assert outcome.not_before == NOON + timedelta(minutes=1)

    def test_a_private_address_is_refused_and_the_reason_says_what_to_do(self) -> None:
        with Receiver() as receiver:
            outcome = self.channel(receiver.url, private_networks=[]).send(a_message(), NOON)

        assert isinstance(outcome, Retry)
        assert "private_networks" in outcome.reason
        assert receiver.received == []

    def test_retry_and_give_up_make_the_policy(self) -> None:
        built = self.channel("https://hooks.example", retry="10s", give_up="2d")

        assert (built.retry.waits, built.retry.give_up) == ((timedelta(seconds=10),), timedelta(days=2))

    @pytest.mark.parametrize("offset", [timedelta(hours=-5), timedelta(hours=5)])
    def test_a_date_to_come_again_counts_by_the_receivers_own_clock(self, offset: timedelta) -> None:
        def written(moment: datetime) -> str:
            return format_datetime(moment + offset, usegmt=True)

        outcome, _ = self.send(status(503, Date=written(NOON), Retry_After=written(NOON + timedelta(minutes=3))))

        assert isinstance(outcome, Retry)
        assert outcome.not_before == NOON + timedelta(minutes=3)


def told(
    kind: str, content: Mapping[str, Any], language: str = "en", *, thread: str = "", **options: Any
) -> list[Any]:
    """The bodies that a kind would POST, the one after the other, while the receiver cannot read them."""
    built = build(kind, **options)
    assert isinstance(built, Poster)
    message = Message(delivery_id=DELIVERY, recipient="", content=content, thread=thread)
    this = facts(content, language, tools().timezone, NOON)
    return [json.loads(made.body) for made in built.requests(Telling(message=message, this=this, folder=None))]
