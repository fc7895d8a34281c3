"""The kind `discord`: the contract, and messages as Discord takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.channels import Channel
from monitor.channels.discord import LONGEST
from monitor.channels.marks import units
from monitor.errors import ConfigError
from monitor.model import Rejected, Sent
from tests.alerting.samples import NOON
from tests.channels.contract import HttpContract, a_message, build, secret_url, told
from tests.channels.samples import ARABIC, ENGLISH
from tests.receiver import Receiver, status

HOOK = {"url": "https://discord.example/api/webhooks/1/x"}


class TestDiscordContract(HttpContract):
    """Discord holds the contract of all channels that POST."""

    kind = "discord"
    dead = (400, 413, 422)
    parked = (401, 403, 404, 410)

    def channel(self, base: str, **options: Any) -> Channel:
        return build("discord", url=secret_url(base), **options)


def test_an_english_message_reads_as_it_should() -> None:
    rich, plain = told("discord", ENGLISH, **HOOK)

    first = "🟠 **Five US troops hurt in rocket attack on Ain al\\-Asad** · 1 publisher"
    assert plain == {"content": first, "allowed_mentions": {"parse": []}}
    assert rich == plain | {"embeds": [{"color": 0xE06C00, "description": (
        "> …a rocket **attack** on **Ain al\\-Asad** air base in Anbar wounded five US troops, one seriously…\n"
        "\n"
        "Example Wire · published 10:40 · seen 10:42 (Baghdad) · [open article](https://wire.example/1)\n"
        "Alert: Attack on a base (base\\-attacked) · high · entity: Ain al\\-Asad"
        " · why now: first article of this story\n"
        "📌 Call the Anbar desk before publishing.\n"
        "Code A7K2 · why? rasid why A7K2 · mute 2 h: rasid silence A7K2 2h"
    )}]}  # fmt: skip


def test_an_arabic_message_begins_each_line_from_the_right() -> None:
    rich, _ = told("discord", ARABIC, "ar", **HOOK)

    lines = rich["embeds"][0]["description"].splitlines()
    assert [line.removeprefix("> ")[0] for line in lines if line] == ["\u200f"] * 5


def test_the_longest_message_fits() -> None:
    loud = "*_" * 150
    article = ENGLISH["articles"][0] | {"title": loud, "publisher": loud, "url": "https://x.example/" + "a" * 1900}
    article |= {"excerpt": {"text": loud, "hits": []}}
    rich, _ = told("discord", ENGLISH | {"articles": [article] * 9}, **HOOK)

    assert units(rich["content"]) <= 2000
    assert units(rich["embeds"][0]["description"]) <= LONGEST


def test_an_embed_that_discord_cannot_read_goes_once_more_as_its_first_line() -> None:
    with Receiver(script=[status(400, body=b'{"embeds": ["0"]}'), status(204)]) as receiver:
        outcome = build("discord", url=receiver.url).send(a_message(), NOON)

    assert isinstance(outcome, Sent)
    assert [set(json.loads(request.body)) for request in receiver.received] == [
        {"content", "allowed_mentions", "embeds"}, {"content", "allowed_mentions"},
    ]  # fmt: skip


def test_a_message_that_discord_cannot_read_either_way_is_dead() -> None:
    with Receiver(script=[status(400)]) as receiver:
        outcome = build("discord", url=receiver.url).send(a_message(), NOON)

    assert isinstance(outcome, Rejected)
    assert not outcome.parks
    assert len(receiver.received) == 2


def test_a_webhook_needs_its_url() -> None:
    with pytest.raises(ConfigError, match="option 'url' is missing"):
        build("discord")
