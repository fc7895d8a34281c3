"""The kind `stdout`: the contract, and what is its own."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from monitor import channels
from monitor.channels import Channel, Tools
from monitor.http.session import Session
from monitor.model import ChannelSpec
from tests.alerting.samples import NOON
from tests.channels.contract import CONTENT, DELIVERY, Contract, Destination, a_message


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
