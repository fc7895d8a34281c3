"""The kind `mattermost`: the contract, and messages as Mattermost takes them."""

from __future__ import annotations

from typing import Any

from monitor.channels import Channel
from monitor.channels.mattermost import LONGEST
from tests.channels.contract import HttpContract, build, secret_url, told
from tests.channels.samples import ENGLISH

HOOK = {"url": "https://chat.example/hooks/x"}


class TestMattermostContract(HttpContract):
    """Mattermost holds the contract of all channels that POST."""

    kind = "mattermost"
    dead = (400, 413, 422)
    parked_in_the_end = (401, 403, 404)

    def channel(self, base: str, **options: Any) -> Channel:
        return build("mattermost", url=secret_url(base), **options)


def test_an_english_message_reads_as_it_should() -> None:
    (body,) = told("mattermost", ENGLISH, **HOOK)

    assert body == {"text": (
        "🟠 **Five US troops hurt in rocket attack on Ain al\\-Asad** · 1 publisher\n"
        "> …a rocket **attack** on **Ain al\\-Asad** air base in Anbar wounded five US troops, one seriously…\n"
        "\n"
        "Example Wire · published 10:40 · seen 10:42 (Baghdad) · [open article](https://wire.example/1)\n"
        "Alert: Attack on a base (base\\-attacked) · high · entity: Ain al\\-Asad"
        " · why now: first article of this story\n"
        "📌 Call the Anbar desk before publishing.\n"
        "Code A7K2 · why? rasid why A7K2 · mute 2 h: rasid silence A7K2 2h"
    )}  # fmt: skip


def test_markup_and_mentions_in_a_headline_stay_words() -> None:
    (body,) = told(
        "mattermost", ENGLISH | {"articles": [{"title": "@channel [x](https://evil.example) # a"}]}, **HOOK
    )

    assert body["text"].startswith(
        "🟠 **@\u2060channel \\[x\\](https:\u2060//evil.\u2060example) \\# a** · 1 publisher"
    )


def test_further_articles_that_do_not_fit_are_counted() -> None:
    article = ENGLISH["articles"][0] | {"url": "https://x.example/" + "a" * 1500}
    (body,) = told("mattermost", ENGLISH | {"articles": [article] * 9}, **HOOK)

    assert len(body["text"]) <= LONGEST
    assert "More articles, not shown here: 7" in body["text"]
