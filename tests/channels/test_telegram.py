"""The kind `telegram`: the contract, and messages as Telegram takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.channels import Channel
from monitor.channels.telegram import LONGEST, _length
from monitor.errors import ConfigError
from monitor.model import Rejected, Sent
from tests.alerting.samples import NOON
from tests.channels.contract import HttpContract, a_message, build, told
from tests.channels.samples import ARABIC, ENGLISH
from tests.receiver import Receiver, status

BOT = {"token": "123456:abc", "to": "-1001234567890"}


class TestTelegramContract(HttpContract):
    """Telegram holds the contract of all channels that POST."""

    kind = "telegram"
    dead = (400, 413, 422)
    parked = (401, 403, 404, 410)

    def channel(self, base: str, **options: Any) -> Channel:
        return build("telegram", server=base, token="1:s3cret-word", to="@desk_channel", **options)


def test_an_english_message_reads_as_it_should() -> None:
    rich, plain = told("telegram", ENGLISH, **BOT)

    assert rich == {
        "chat_id": "-1001234567890",
        "link_preview_options": {"is_disabled": True},
        "parse_mode": "HTML",
        "text": (
            "🟠 <b>Five US troops hurt in rocket attack on Ain al-Asad</b> · 1 publisher\n"
            "<blockquote>…a rocket <b>attack</b> on <b>Ain al-Asad</b> air base in Anbar wounded five US troops,"
            " one seriously…</blockquote>\n"
            "Example Wire · published 10:40 · seen 10:42 (Baghdad)"
            ' · <a href="https://wire.example/1">open article</a>\n'
            "Alert: Attack on a base (base-attacked) · high · entity: Ain al-Asad"
            " · why now: first article of this story\n"
            "📌 Call the Anbar desk before publishing.\n"
            "Code A7K2 · why? <code>rasid why A7K2</code> · mute 2 h: <code>rasid silence A7K2 2h</code>"
        ),
    }
    assert "parse_mode" not in plain
    assert "<" not in plain["text"]


def test_an_arabic_message_begins_each_line_from_the_right() -> None:
    rich, plain = told("telegram", ARABIC, "ar", **BOT)

    assert {line[0] for line in plain["text"].splitlines()} == {"\u200f"}
    assert "<blockquote>\u200f" in rich["text"]


def test_the_message_goes_to_the_bot_of_the_token() -> None:
    with Receiver() as receiver:
        build("telegram", server=receiver.url + "/", **BOT).send(a_message(), NOON)

    assert receiver.received[0].path == "/bot123456:abc/sendMessage"


def test_an_update_answers_the_first_message_of_its_group() -> None:
    taken = status(200, body=b'{"ok": true, "result": {"message_id": 42}}')
    with Receiver(script=[taken]) as receiver:
        outcome = build("telegram", server=receiver.url, **BOT).send(a_message(), NOON)

    assert outcome == Sent(receipt="HTTP 200 OK 42")
    update, _ = told("telegram", ENGLISH, thread="HTTP 200 OK 42", **BOT)
    other, _ = told("telegram", ENGLISH, thread="HTTP 200 OK", **BOT)
    assert update["reply_parameters"] == {"message_id": 42, "allow_sending_without_reply": True}
    assert "reply_parameters" not in other


def test_the_longest_message_fits_when_its_marks_are_not_counted() -> None:
    loud = "😀&<" * 100
    article = ENGLISH["articles"][0] | {"title": loud, "url": "https://x.example/" + "a" * 1900}
    article |= {"excerpt": {"text": loud, "hits": []}}
    for body in told("telegram", ENGLISH | {"articles": [article] * 9}, **BOT):
        assert _length(body["text"]) <= LONGEST


def test_marks_that_telegram_cannot_read_go_once_more_as_plain_text() -> None:
    bad = status(400, body=b'{"ok": false, "description": "Bad Request: can\'t parse entities"}')
    with Receiver(script=[bad, status(200)]) as receiver:
        outcome = build("telegram", server=receiver.url, **BOT).send(a_message(), NOON)

    assert isinstance(outcome, Sent)
    assert ["parse_mode" in json.loads(request.body) for request in receiver.received] == [True, False]


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: chat not found",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: have no rights to send a message",
        "Bad Request: CHAT_WRITE_FORBIDDEN",
        "Bad Request: group chat was upgraded to a supergroup chat",
    ],
)
def test_a_chat_that_takes_no_messages_is_parked_at_once(description: str) -> None:
    body = json.dumps({"ok": False, "error_code": 400, "description": description}).encode()
    with Receiver(script=[status(400, body=body)]) as receiver:
        outcome = build("telegram", server=receiver.url, **BOT).send(a_message(), NOON)

    assert isinstance(outcome, Rejected)
    assert outcome.parks
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"token": "1:a"}, "option 'to' is missing"),
        ({"token": "s3cret/../x", "to": "1"}, "'token': must be the token of a bot, such as 123456:ABC-DEF"),
        (
            {"token": "1:a", "to": "desk"},
            "'to': must be the number of a chat, such as -1001234567890, or a channel's @name",
        ),
    ],
)
def test_a_wrong_option_is_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build("telegram", **options)

    assert str(caught.value).endswith(f"channel 'desk': {message}")
