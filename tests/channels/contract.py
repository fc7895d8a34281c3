"""What every channel kind must hold. A kind's test module subclasses one of these and says how to build a channel.

`Contract` is for all kinds; `HttpContract` adds the table of answers for kinds that POST.
"""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType

import pytest

from monitor.channels import Channel, RetryPolicy
from monitor.model import Message, Outcome, Rejected, Retry, Sent
from tests import receiver as answers
from tests.alerting.samples import NOON
from tests.receiver import Receiver, status

SECRETS = ("s3cret-path", "s3cret-query", "s3cret-user", "s3cret-header", "s3cret-word")
DELIVERY = "d0123456789abcdef0123"
CONTENT = {"alert": "n0123456789abcdef", "severity": "high", "articles": [{"id": "a1", "title": "هجوم على قاعدة"}]}


def secret_url(base: str) -> str:
    """A URL of which every part but the host is a secret."""
    return base.replace("//", "//s3cret-user:s3cret-word@") + "/s3cret-path?key=s3cret-query"


def a_message() -> Message:
    """A message nobody can change at the top; deeper changes are found by comparing."""
    return Message(delivery_id=DELIVERY, recipient="", content=MappingProxyType(copy.deepcopy(CONTENT)))


class Contract:
    """The part for all kinds. `channel` builds one whose destination is at `base`."""

    kind: str

    def channel(self, base: str) -> Channel:
        """A built channel named desk that sends to the server at `base`."""
        raise NotImplementedError

    def send(self, *script: answers.Answer) -> tuple[Outcome, Receiver]:
        """Send one message to a receiver with this script."""
        with Receiver(script=list(script)) as receiver:
            return self.channel(receiver.url).send(a_message(), NOON), receiver

    def test_it_says_what_it_is(self) -> None:
        channel = self.channel("http://127.0.0.1:9")

        assert (channel.name, channel.kind) == ("desk", self.kind)
        assert isinstance(channel.retry, RetryPolicy)
        assert channel.recipients

    def test_a_message_is_sent_and_not_changed(self) -> None:
        message = a_message()
        with Receiver() as receiver:
            outcome = self.channel(receiver.url).send(message, NOON)

        assert isinstance(outcome, Sent)
        assert outcome.receipt
        assert dict(message.content) == CONTENT

    def test_every_try_carries_the_id_of_the_delivery(self) -> None:
        with Receiver(script=[status(500), status(200)]) as receiver:
            channel = self.channel(receiver.url)
            channel.send(a_message(), NOON)
            channel.send(a_message(), NOON)

        first, second = receiver.received
        assert DELIVERY in str(first.headers) + first.body.decode()
        assert first.body == second.body

    def test_a_destination_that_does_not_listen_is_tried_again(self) -> None:
        with answers.closed_port() as base:
            outcome = self.channel(base).send(a_message(), NOON)

        assert isinstance(outcome, Retry)

    def test_neither_repr_nor_reasons_hold_a_secret(self) -> None:
        echo = " ".join(SECRETS).encode()
        shown = [repr(self.channel("http://127.0.0.1:9"))]
        for answer in (
            *(status(code, body=echo, Location="/s3cret-path") for code in (200, 301, 400, 401, 404, 410, 429, 500)),
            answers.reset,
            answers.cut,
            answers.garbage,
        ):
            outcome, _ = self.send(answer)
            shown.append(repr(outcome))
        with answers.closed_port() as base:
            shown.append(repr(self.channel(base).send(a_message(), NOON)))
        shown.append(repr(self.channel("http://no-such-host.invalid").send(a_message(), NOON)))

        assert [text for text in shown if any(secret in text for secret in SECRETS)] == []


class HttpContract(Contract):
    """The part for kinds that POST: HARDENING's table of outcomes."""

    @pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
    def test_success_is_sent(self, code: int) -> None:
        outcome, _ = self.send(status(code))

        assert isinstance(outcome, Sent)
        assert str(code) in outcome.receipt

    @pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504, 599, 400, 413, 418, 422, 600])
    def test_a_fault_that_may_pass_is_tried_again_and_buried_in_the_end(self, code: int) -> None:
        outcome, _ = self.send(status(code))

        assert isinstance(outcome, Retry)
        assert f"HTTP {code}" in outcome.reason
        assert (outcome.parks, outcome.not_before) == (False, None)

    @pytest.mark.parametrize("code", [401, 403, 404])
    def test_a_fault_of_the_configuration_is_tried_again_and_parked_in_the_end(self, code: int) -> None:
        outcome, _ = self.send(status(code))

        assert isinstance(outcome, Retry)
        assert outcome.parks

    def test_gone_is_parked_at_once(self) -> None:
        outcome, _ = self.send(status(410))

        assert isinstance(outcome, Rejected)
        assert outcome.parks

    @pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
    def test_a_redirect_is_not_followed_and_says_that_the_url_moved(self, code: int) -> None:
        outcome, receiver = self.send(status(code, Location="/elsewhere"))

        assert isinstance(outcome, Retry)
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

    @pytest.mark.parametrize("offset", [timedelta(hours=-5), timedelta(hours=5)])
    def test_a_date_to_come_again_counts_by_the_receivers_own_clock(self, offset: timedelta) -> None:
        def written(moment: datetime) -> str:
            return format_datetime(moment + offset, usegmt=True)

        outcome, _ = self.send(status(503, Date=written(NOON), Retry_After=written(NOON + timedelta(minutes=3))))

        assert isinstance(outcome, Retry)
        assert outcome.not_before == NOON + timedelta(minutes=3)
