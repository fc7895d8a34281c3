"""The kind `apprise`: the contract against a real receiver, and what is said when the library is not there."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from email.charset import BASE64, Charset

import pytest

from monitor import channels
from monitor.channels import Channel
from monitor.errors import ConfigError
from monitor.model import ChannelSpec, Message, Retry, Sent
from tests import receiver as answers
from tests.alerting.samples import NOON
from tests.channels.contract import DELIVERY, SECRETS, Contract, Destination, a_message, build
from tests.channels.samples import ENGLISH
from tests.receiver import Receiver, closed_port, status


def _to(base: str, **options: str) -> Channel:
    """A channel to a receiver by the URL that Apprise has for any JSON webhook, every part of it a secret."""
    host = base.removeprefix("http://")
    return build("apprise", url=f"json://s3cret-user:s3cret-word@{host}/s3cret-path?+X-Key=s3cret-header", **options)


class TestAppriseContract(Contract):
    """Apprise holds the contract of all channels, but that its services know no ids."""

    kind = "apprise"

    @contextlib.contextmanager
    def working(self) -> Iterator[Destination]:
        with Receiver() as receiver:
            yield Destination(_to(receiver.url), lambda: [(str(r.headers), r.body) for r in receiver.received])

    def test_every_try_carries_the_id_of_the_delivery_and_the_same_message(self) -> None:
        """It knows no ids: the same message is all."""
        with self.working() as made:
            made.channel.send(a_message(), NOON)
            made.channel.send(a_message(), NOON + timedelta(hours=30))
            first, second = made.arrived()

        assert first[1] == second[1]

    def broken(self) -> Iterator[AbstractContextManager[Channel]]:
        echo = " ".join(SECRETS).encode()
        for answer in (*(status(code, body=echo) for code in (301, 400, 401, 404, 429, 500)), answers.reset):
            yield self._answering(answer)
        yield self._closed()

    @contextlib.contextmanager
    def _answering(self, answer: answers.Answer) -> Iterator[Channel]:
        with Receiver(script=[answer]) as receiver:
            yield _to(receiver.url)

    @contextlib.contextmanager
    def _closed(self) -> Iterator[Channel]:
        with closed_port() as base:
            yield _to(base)


def test_a_message_is_its_first_line_and_the_rest_as_plain_text() -> None:
    with Receiver() as receiver:
        channel = _to(receiver.url, language="en")
        assert channel.send(Message(delivery_id=DELIVERY, recipient="", content=ENGLISH), NOON) == Sent(
            receipt="taken by Apprise"
        )

    body = json.loads(receiver.received[0].body)
    assert body["title"] == "🟠 Five US troops hurt in rocket attack on Ain al-Asad · 1 publisher"
    assert body["message"].splitlines()[0].startswith("…a rocket [attack] on [Ain al-Asad] air base")


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1:{port}/x",
        "json://localhost:{port}/x",
        "gotify://127.0.0.1:{port}/abcdefghijklmno",
        "mailto://user:s3cret@mail.example?smtp=127.0.0.1&port={port}",
    ],
)
def test_a_service_at_a_private_address_is_not_reached_unless_allowed(url: str) -> None:
    with Receiver() as receiver:
        address = url.format(port=receiver.url.rpartition(":")[2])
        outcome = build("apprise", url=address, private_networks="10.0.0.0/8").send(a_message(), NOON)

    assert isinstance(outcome, Retry)
    assert outcome.reason.endswith(" is not a public address; allow it by 'private_networks' if it is meant")
    assert receiver.received == []


def test_a_host_that_has_no_address_is_said_so() -> None:
    outcome = build("apprise", url="json://no-such-host.invalid/x").send(a_message(), NOON)

    assert outcome == Retry(reason="the host in its URL cannot be resolved", is_outage=True)


def test_what_stands_for_an_account_is_never_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def lookup(host: str, *rest: object, **options: object) -> None:
        asked.append(host)
        raise OSError("no network")

    channel = build("apprise", url="slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/")
    monkeypatch.setattr("socket.getaddrinfo", lookup)

    assert isinstance(channel.send(a_message(), NOON), Retry)
    assert set(asked) == {"hooks.slack.com"}  # asked for by Apprise


def test_a_redirect_is_not_followed() -> None:
    with Receiver() as elsewhere, Receiver(script=[status(307, Location=elsewhere.url)]) as receiver:
        assert isinstance(_to(receiver.url).send(a_message(), NOON), Retry)

    assert elsewhere.received == []


def test_nothing_that_the_library_would_log_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), Receiver(script=[status(500)]) as receiver:
        _to(receiver.url).send(a_message(), NOON)

    assert [record for record in caplog.records if any(secret in record.getMessage() for secret in SECRETS)] == []


def test_the_library_does_not_change_how_our_own_letters_are_encoded() -> None:
    build("apprise", url="json://hooks.example")

    assert Charset("utf-8").body_encoding == BASE64


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ConfigError) as caught:
        build("apprise", url="json://s3cret")

    assert str(caught.value).endswith(
        "channel 'desk': kind 'apprise' needs the library Apprise; install it: pip install 'rasid[apprise]'"
    )


@pytest.mark.parametrize("url", ["s3cret", "s3cret://x", ""])
def test_an_address_that_apprise_does_not_know_is_an_error_that_does_not_show_it(url: str) -> None:
    (problem,) = channels.check(ChannelSpec(name="desk", kind="apprise", options={"url": url}))

    assert problem.message == "channel 'desk': 'url': is not one that Apprise understands"


def test_an_address_is_needed() -> None:
    with pytest.raises(ConfigError, match="option 'url' is missing"):
        build("apprise")
