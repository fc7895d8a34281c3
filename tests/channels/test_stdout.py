"""The kind `stdout`: the contract, and what is its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from monitor import channels
from monitor.channels import Channel, Tools
from monitor.http.session import Session
from monitor.model import ChannelSpec, Message
from tests.alerting.samples import NOON
from tests.channels.contract import CONTENT, DELIVERY, Contract, Destination, a_message, build
from tests.channels.samples import about


def _build() -> Channel:
    tools = Tools(session=Session(user_agent="rasid"))
    return channels.build(ChannelSpec(name="desk", kind="stdout", options={}), tools)


class TestStdoutContract(Contract):
    """Standard output holds the contract of all channels."""

    kind = "stdout"

    @contextlib.contextmanager
    def working(self) -> Iterator[Destination]:
        with contextlib.redirect_stdout(io.StringIO()) as screen:
            yield Destination(_build(), lambda: [(line, line.encode()) for line in screen.getvalue().splitlines()])

    def broken(self) -> Iterator[AbstractContextManager[Channel]]:
        yield self._closed()

    @contextlib.contextmanager
    def _closed(self) -> Iterator[Channel]:
        screen = io.StringIO()
        screen.close()
        with contextlib.redirect_stdout(screen):
            yield _build()


def test_an_alert_is_one_line_with_letters_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    _build().send(a_message(), NOON)

    shown = capsys.readouterr().out
    assert shown.count("\n") == 1
    assert "هجوم على قاعدة" in shown
    assert json.loads(shown) == {"id": DELIVERY, **CONTENT}


def on_a_terminal(message: Message) -> str:
    """What a person sees of it."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as screen, contextlib.redirect_stdout(screen):
        build("stdout").send(message, NOON)
    shown = os.read(ours, 10_000).decode().replace("\r\n", "\n")
    os.close(ours)
    return shown


def test_a_person_on_a_terminal_reads_a_letter_in_the_language_of_the_configuration() -> None:
    shown = on_a_terminal(a_message())

    assert DELIVERY not in shown
    assert shown.startswith("\n== ")
    assert "هجوم على قاعدة" in shown
    assert "لماذا" in shown


def test_nothing_in_an_alert_is_an_order_to_the_terminal() -> None:
    content = about("red \x1b[31m, title \x1b]0;gone\x07, \x9b2J and \x08\x08\rover")

    shown = on_a_terminal(Message(delivery_id=DELIVERY, recipient="", content=content))

    assert shown.count("red") >= 3
    assert [sign for sign in shown if sign != "\n" and (sign < " " or "\x7f" <= sign <= "\x9f")] == []
