"""The kind `slack` by a bot: the contract, threads, and the words of Slack's API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from monitor.channels import Channel
from monitor.model import Outcome, Rejected, Retry, Sent
from tests.alerting.samples import NOON
from tests.channels.contract import HttpContract, a_message, build, told
from tests.channels.samples import ENGLISH
from tests.receiver import Receiver, status

BOT = {"token": "xoxb-1", "to": "#desk"}


class TestSlackBotContract(HttpContract):
    """Slack by a bot holds the contract of all channels that POST."""

    kind = "slack"
    dead = (301, 308, 400, 413, 418, 422)
    parked = (401, 403, 404, 410)

    def channel(self, base: str, **options: Any) -> Channel:
        return build("slack", server=base, token="s3cret-word", to="#desk", **options)


def _answered(*answers: dict[str, Any], **headers: str) -> tuple[Outcome, Receiver]:
    script = [status(200, body=json.dumps(answer).encode(), **headers) for answer in answers]
    with Receiver(script=script) as receiver:
        return build("slack", server=receiver.url, **BOT).send(a_message(), NOON), receiver


def test_a_message_goes_to_the_channel_by_the_bots_token() -> None:
    outcome, receiver = _answered({"ok": True, "channel": "C1", "ts": "1732450000.000100"})

    assert outcome == Sent(receipt="HTTP 200 OK 1732450000.000100")
    (request,) = receiver.received
    assert (request.path, request.headers["Authorization"]) == ("/chat.postMessage", "Bearer xoxb-1")
    body = json.loads(request.body)
    assert body["channel"] == "#desk"
    assert "thread_ts" not in body


def test_an_update_goes_into_the_thread_of_the_first_message() -> None:
    rich, plain = told("slack", ENGLISH, thread="HTTP 200 OK 1732450000.000100", **BOT)

    assert rich["thread_ts"] == "1732450000.000100"
    assert "thread_ts" not in plain


@pytest.mark.parametrize("thread", ["HTTP 200 OK", "HTTP 200 OK 42", ""])
def test_a_receipt_of_another_make_is_no_thread(thread: str) -> None:
    assert "thread_ts" not in told("slack", ENGLISH, thread=thread, **BOT)[0]


def test_a_message_through_a_webhook_has_neither_channel_nor_thread() -> None:
    rich, _ = told("slack", ENGLISH, thread="HTTP 200 OK 1732450000.000100", url="https://hooks.example/x")

    assert not {"thread_ts", "channel"} & set(rich)


def test_a_thread_that_is_gone_is_left_for_a_plain_message_in_the_channel() -> None:
    outcome, receiver = _answered({"ok": False, "error": "thread_not_found"}, {"ok": True, "ts": "1.2"})

    assert isinstance(outcome, Sent)
    assert len(receiver.received) == 2


@pytest.mark.parametrize(
    "word", ["channel_not_found", "not_in_channel", "is_archived", "invalid_auth", "token_revoked", "missing_scope"]
)
def test_what_only_a_person_can_mend_is_parked_at_once(word: str) -> None:
    outcome, receiver = _answered({"ok": False, "error": word})

    assert isinstance(outcome, Rejected)
    assert outcome.parks
    assert word in outcome.reason
    assert len(receiver.received) == 1


@pytest.mark.parametrize("word", ["invalid_blocks", "msg_too_long", "no_text"])
def test_a_message_that_slack_cannot_read_either_way_is_dead(word: str) -> None:
    outcome, receiver = _answered({"ok": False, "error": word})

    assert isinstance(outcome, Rejected)
    assert not outcome.parks
    assert len(receiver.received) == 2


@pytest.mark.parametrize(("word", "is_outage"), [("ratelimited", True), ("fatal_error", True), ("s3cret", False)])
def test_what_may_pass_is_tried_again_not_before_slack_wishes(word: str, is_outage: bool) -> None:
    outcome, _ = _answered({"ok": False, "error": word}, Retry_After="30")

    assert isinstance(outcome, Retry)
    assert (outcome.not_before, outcome.is_outage) == (NOON + timedelta(seconds=30), is_outage)
    assert "s3cret" not in outcome.reason


def test_a_name_of_a_message_that_is_none_is_not_kept() -> None:
    assert _answered({"ok": True, "ts": "s3cret"})[0] == Sent(receipt="HTTP 200 OK")


def test_slack_is_told_one_message_a_second() -> None:
    assert build("slack", **BOT).retry.pace == timedelta(seconds=1)
