"""The kind `slack`: the contract, and messages as Slack's own library and a reader see them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from monitor.channels import Channel
from monitor.channels.slack import TOTAL, render, render_plain
from monitor.errors import ConfigError
from monitor.model import Rejected, Retry, Sent
from monitor.text.clean import clean
from tests.alerting.samples import NOON
from tests.channels.contract import HttpContract, a_message, build, secret_url
from tests.channels.samples import ARABIC, ENGLISH, about, attacks
from tests.receiver import Receiver, status

BAGHDAD = ZoneInfo("Asia/Baghdad")


def _build(**options: Any) -> Channel:
    return build("slack", **options)


def _texts(body: Mapping[str, Any]) -> list[str]:
    """The text of every block, after Slack's library and our own checks have seen the message."""
    for block in Block.parse_all(body["blocks"]):
        block.validate_json()
    assert len(body["blocks"]) <= 50
    assert body["text"].strip()
    parts = [part for block in body["blocks"] for part in (block.get("elements") or [block["text"]])]
    assert {part["type"] for part in parts} == {"mrkdwn"}
    assert all(part["text"].strip() and len(part["text"]) <= 3000 and part["verbatim"] for part in parts)
    assert sum(len(part["text"]) for part in parts) <= TOTAL
    assert (body["link_names"], body["parse"], body["mrkdwn"]) == (0, "none", False)
    assert not body["unfurl_links"] | body["unfurl_media"]
    return [part["text"] for part in parts]


def _shown(content: Mapping[str, Any], language: str = "en") -> list[str]:
    return _texts(render(content, language, BAGHDAD, NOON))


class TestSlackContract(HttpContract):
    """Slack holds the contract of all channels that POST."""

    kind = "slack"
    dead = (301, 308, 400, 413, 418, 422)
    parked = (401, 403, 404, 410)

    def channel(self, base: str, **options: Any) -> Channel:
        return _build(url=secret_url(base), **options)


def test_an_english_message_reads_as_it_should() -> None:
    body = render(ENGLISH, "en", BAGHDAD, NOON)

    assert body["text"] == "🟠 Five US troops hurt in rocket attack on Ain al-Asad · 1 publisher"
    assert _texts(body) == [
        "🟠 *Five US troops hurt in rocket attack on Ain al-Asad* · 1 publisher",
        "…a rocket *attack* on *Ain al-Asad* air base in Anbar wounded five US troops, one seriously…",
        "Example Wire · published 10:40 · seen 10:42 (Baghdad) · <https://wire.example/1|open article>",
        "Alert: Attack on a base (base-attacked) · high · entity: Ain al-Asad · why now: first article of this story",
        "📌 Call the Anbar desk before publishing.",
        "Code A7K2 · why? rasid why A7K2 · mute 2 h: rasid silence A7K2 2h",
    ]
    assert [block["type"] for block in body["blocks"]] == [
        "section", "section", "context", "context", "section", "context",
    ]  # fmt: skip


def test_an_arabic_message_reads_as_it_should_to_the_character() -> None:
    body = render(ARABIC, "ar", BAGHDAD, NOON)

    assert body["text"] == "\u200f🟠 إصابة خمسة جنود في هجوم على قاعدة عين الأسد · ناشر واحد"
    assert _texts(body) == [
        "\u200f🟠 *إصابة خمسة جنود في هجوم على قاعدة عين الأسد* · ناشر واحد",
        "\u200f…سقط صاروخان على *قاعدة عين الأسد* في *هجوم* أصيب فيه خمسة جنود…",
        "\u200fالرافدين · نُشر \u206810:40\u2069 · رُصد \u206810:42\u2069 (بغداد)"
        " · <https://news.example/1?a=1&amp;b=2|رابط الخبر>",
        "\u200fتنبيه: هجوم على قاعدة · خطورة عالية · الكيان: قاعدة عين الأسد · لماذا الآن: أول خبر في هذه القصة",
        "\u200f📌 اتصل بمكتب الأنبار قبل النشر.",
        "\u200fالرمز \u2068A7K2\u2069 · لماذا؟ \u2068rasid why A7K2\u2069"
        " · كتم ساعتين: \u2068rasid silence A7K2 2h\u2069",
    ]


def test_a_long_headline_is_cut_in_the_first_line_and_whole_in_the_second() -> None:
    title = "Five US troops hurt in a rocket attack on the Ain al-Asad air base in western Anbar province"

    first, second, *_ = _shown(ENGLISH | {"articles": [ENGLISH["articles"][0] | {"title": title}]})

    assert first == "🟠 *Five US troops hurt in a rocket attack on the Ain al-Asad air…* · 1 publisher"
    assert second == title


def test_further_articles_stand_in_lines_of_their_own_and_the_rest_is_counted() -> None:
    others = [ENGLISH["articles"][0] | {"title": f"Retold {number}"} for number in range(8)]

    shown = _shown(ENGLISH | {"articles": others, "more_articles": 3})

    assert "Retold 5 · Example Wire · <https://wire.example/1|open article>" in shown
    assert "More articles, not shown here: 5" in shown


def test_titles_that_hurt_elsewhere_are_words_and_nothing_else(corpora: Path) -> None:
    for name, text in attacks(corpora).items():
        for dirty in (text, clean(text)):
            for language in ("ar", "en"):
                body = render(about(dirty), language, BAGHDAD, NOON)
                for shown in (body["text"], *_texts(body), render_plain(about(dirty), language, BAGHDAD, NOON)):
                    assert not set(re.findall(r"<(?!https://news\.example/[^<>|]*\|)", shown)), (name, shown)
                    assert "&" not in re.sub(r"&(amp|lt|gt);", "", shown), (name, shown)
                if name.endswith("_ok"):
                    assert clean(text) in body["text"]
                    assert clean(text) in "".join(_texts(body))


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("a *bold* ~gone~ `code`", "a \u2217bold\u2217 \u223cgone\u223c \u02cbcode\u02cb"),
        ("_slanted_ but snake_case", "\u02cdslanted\u02cd but snake_case"),
        (":fire: at 10:40:30", "\u2236fire: at 10:40:30"),
    ],
)
def test_markup_in_a_headline_becomes_signs_that_look_like_it(title: str, shown: str) -> None:
    first, *_ = _shown(ENGLISH | {"articles": [ENGLISH["articles"][0] | {"title": title}]})

    assert first == f"🟠 *{shown}* · 1 publisher"


def test_an_excerpt_that_begins_like_a_quotation_is_none() -> None:
    article = ENGLISH["articles"][0] | {"excerpt": {"text": "> quoted", "hits": []}}

    assert "\u203a quoted" in _shown(ENGLISH | {"articles": [article]})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.example/a|b>c<d", "<https://x.example/a%7Cb%3Ec%3Cd|open article>"),
        ("javascript:alert(1)", None),
        ("https://x.example/a b", None),
        ("https://x.example/" + "&" * 1000, "open article"),
    ],
)
def test_an_address_is_a_link_only_where_it_can_be_one(url: str, shown: str | None) -> None:
    origin = _shown(ENGLISH | {"articles": [ENGLISH["articles"][0] | {"url": url}]})[2]

    assert origin == "Example Wire · published 10:40 · seen 10:42 (Baghdad)" + (f" · {shown}" if shown else "")


def test_a_message_that_would_be_too_long_leaves_further_articles_out_and_counts_them() -> None:
    others = [ENGLISH["articles"][0] | {"url": f"https://x.example/{'a' * 2800}{n}"} for n in range(6)]

    shown = _shown(ENGLISH | {"articles": others})

    assert shown[-2] == "More articles, not shown here: 3"
    assert shown[-1].startswith("Code A7K2")


_WORDS = st.text(st.sampled_from("a& <>*_:`~|اب1\u200f\n"), max_size=320)


@settings(max_examples=60, deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=40), _WORDS, st.sampled_from(["ar", "en"]))
def test_whatever_articles_say_slack_can_read_it(titles: list[str], note: str, language: str) -> None:
    articles = [
        ENGLISH["articles"][0]
        | {"title": title, "publisher": title, "url": f"https://x.example/{'&' * len(title)}"}
        | {"excerpt": {"text": title[:300], "hits": [{"start": n, "end": n + 1} for n in range(0, len(title), 2)]}}
        for title in titles
    ]
    details = [ENGLISH["rule_details"][0] | {"note": note}]

    _shown(ENGLISH | {"articles": articles, "rule_details": details}, language)


def test_blocks_that_slack_cannot_read_go_once_more_as_plain_text() -> None:
    with Receiver(script=[status(400, body=b"invalid_blocks"), status(200)]) as receiver:
        outcome = _build(url=receiver.url).send(a_message(), NOON)

    assert isinstance(outcome, Sent)
    first, second = (json.loads(request.body) for request in receiver.received)
    assert set(first) - set(second) == {"blocks"}
    assert second["text"].startswith("\u200f🟠 هجوم على قاعدة\n")


@pytest.mark.parametrize("body", [b"invalid_payload", b"invalid_blocks", b"no_text", b"what?"])
@pytest.mark.parametrize("code", [400, 413])
def test_a_message_that_slack_cannot_read_either_way_is_dead(code: int, body: bytes) -> None:
    with Receiver(script=[status(code, body=body)]) as receiver:
        outcome = _build(url=receiver.url).send(a_message(), NOON)

    assert isinstance(outcome, Rejected)
    assert not outcome.parks
    assert "what" not in outcome.reason
    assert len(receiver.received) == 2


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (400, b"user_not_found"),
        (403, b"action_prohibited"),
        (403, b"invalid_token"),
        (404, b"channel_not_found"),
        (404, b"no_service"),
        (410, b"channel_is_archived"),
        (401, b""),
    ],
)
def test_a_webhook_that_is_closed_parks_at_once_and_says_its_word(code: int, body: bytes) -> None:
    with Receiver(script=[status(code, body=body)]) as receiver:
        outcome = _build(url=receiver.url).send(a_message(), NOON)

    assert isinstance(outcome, Rejected)
    assert outcome.parks
    assert body.decode() in outcome.reason
    assert len(receiver.received) == 1


def test_trouble_of_slack_with_a_word_of_its_own_is_tried_again() -> None:
    with Receiver(script=[status(500, body=b"rollup_error")]) as receiver:
        assert isinstance(_build(url=receiver.url).send(a_message(), NOON), Retry)


def test_the_channels_language_goes_before_the_configurations() -> None:
    with Receiver() as receiver:
        _build(url=receiver.url).send(a_message(), NOON)
        _build(url=receiver.url, language="en").send(a_message(), NOON)

    texts = [json.loads(request.body)["text"] for request in receiver.received]
    assert [text.startswith("\u200f") for text in texts] == [True, False]


EITHER = "write either 'url: ${file:NAME}' or 'token: ${file:NAME}' and 'to: \"#desk\"'"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, EITHER),
        ({"url": "https://x", "token": "xoxb-1", "to": "#desk"}, EITHER),
        ({"token": "xoxb-1"}, EITHER),
        ({"url": "https://x", "to": "#desk"}, EITHER),
        ({"token": "s3cret\n", "to": "#desk"}, "'token': must be the token of a bot, such as xoxb-..."),
        ({"token": "xoxb-1", "to": "desk"}, "'to': must be a channel's id, such as C024BE91L, or its #name"),
        ({"url": "s3cret"}, "'url': must begin with http:// or https://"),
        ({"url": "https://x", "language": "fr"}, "'language': must be one of ar, en"),
    ],
)
def test_a_wrong_option_is_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _build(**options)

    assert str(caught.value).endswith(f"channel 'desk': {message}")
