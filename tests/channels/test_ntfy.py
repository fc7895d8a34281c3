"""The kind `ntfy`: the contract, and what a telephone shows."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.channels import Channel
from monitor.channels.ntfy import LONGEST
from monitor.errors import ConfigError
from tests.alerting.samples import NOON
from tests.channels.contract import HttpContract, a_message, build, secret_url, told
from tests.channels.samples import ENGLISH
from tests.receiver import Receiver


class TestNtfyContract(HttpContract):
    """ntfy holds the contract of all channels that POST."""

    kind = "ntfy"
    dead = (400, 413, 422)
    parked_in_the_end = (401, 403, 404)

    def channel(self, base: str, **options: Any) -> Channel:
        return build("ntfy", server=secret_url(base), topic="s3cret-path", token="s3cret-word", **options)


def test_an_english_message_reads_as_it_should() -> None:
    (body,) = told("ntfy", ENGLISH, topic="desk")

    assert body == {
        "topic": "desk",
        "title": "🟠 Five US troops hurt in rocket attack on Ain al-Asad · 1 publisher",
        "message": (
            "…a rocket [attack] on [Ain al-Asad] air base in Anbar wounded five US troops, one seriously…\n"
            "Example Wire · published 10:40 · seen 10:42 (Baghdad) · open article: https://wire.example/1\n"
            "Alert: Attack on a base (base-attacked) · high · entity: Ain al-Asad"
            " · why now: first article of this story\n"
            "📌 Call the Anbar desk before publishing.\n"
            "Code A7K2 · why? rasid why A7K2 · mute 2 h: rasid silence A7K2 2h"
        ),
        "priority": 4,
        "click": "https://wire.example/1",
    }


@pytest.mark.parametrize(
    ("severity", "priority"), [("critical", 5), ("high", 4), ("medium", 3), ("low", 2), ("info", 1), ("odd", 1)]
)
def test_severity_is_priority(severity: str, priority: int) -> None:
    (body,) = told("ntfy", ENGLISH | {"severity": severity}, topic="desk")

    assert body["priority"] == priority


def test_an_address_that_nobody_may_follow_is_not_opened_by_a_tap() -> None:
    (body,) = told("ntfy", ENGLISH | {"articles": [{"title": "a", "url": "javascript:alert(1)"}]}, topic="desk")

    assert "click" not in body


def test_the_message_is_short_enough_to_stay_a_message() -> None:
    article = ENGLISH["articles"][0] | {"title": "خبر " * 70, "url": "https://x.example/" + "a" * 900}
    (body,) = told("ntfy", ENGLISH | {"articles": [article] * 9}, topic="desk")

    assert len(body["message"].encode()) <= LONGEST


def test_the_token_goes_in_a_header() -> None:
    with Receiver() as receiver:
        build("ntfy", server=receiver.url, topic="desk", token="tk_1").send(a_message(), NOON)
        build("ntfy", server=receiver.url, topic="desk").send(a_message(), NOON)

    assert [request.headers.get("Authorization") for request in receiver.received] == ["Bearer tk_1", None]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "option 'topic' is missing"),
        ({"topic": "a/b"}, "'topic': must be 1 to 64 letters, digits, '-' and '_'"),
        ({"topic": "a", "token": "s3cret\n"}, "'token': must be an access token such as tk_..."),
    ],
)
def test_a_wrong_option_is_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build("ntfy", **options)

    assert str(caught.value).endswith(f"channel 'desk': {message}")
