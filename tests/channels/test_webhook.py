"""The kind `webhook`: the contract, and what is its own."""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError

from monitor import channels, timing
from monitor.channels import Channel, Tools, signing
from monitor.channels.answers import lost
from monitor.channels.webhook import WebhookOptions
from monitor.errors import ConfigError, HttpError, Level
from monitor.http.session import Session
from monitor.model import ChannelSpec, Place, Retry, Sent
from tests import receiver as answers
from tests.alerting.samples import NOON
from tests.channels.contract import CONTENT, DELIVERY, HttpContract, a_message, secret_url, tools
from tests.receiver import Received, Receiver

LOOPBACK = ip_network("127.0.0.0/8")
WHERE = Place(file="config/monitor.yaml", line=12, column=3)


@functools.cache
def _session() -> Session:
    return Session(user_agent="rasid/0.1.0", private_networks=[LOOPBACK], timeout=timedelta(seconds=20))


def _spec(**options: Any) -> ChannelSpec:
    return ChannelSpec(name="desk", kind="webhook", options=options, where=WHERE)


def _build(session: Session | None = None, **options: Any) -> Channel:
    return channels.build(_spec(**options), Tools(session=session or _session()))


class TestWebhookContract(HttpContract):
    """The webhook holds the contract of all channels that POST."""

    kind = "webhook"
    parked_in_the_end = (401, 403, 404)

    def channel(self, base: str, **options: Any) -> Channel:
        return _build(url=secret_url(base), headers={"X-Token": "s3cret-header"}, **options)


def test_the_body_is_the_content_with_the_id_and_says_what_it_is() -> None:
    with Receiver() as receiver:
        _build(url=receiver.url + "/hook?a=b", headers={"X-Desk": "iraq"}).send(a_message(), NOON)

    (request,) = receiver.received
    assert request.path == "/hook?a=b"
    assert json.loads(request.body) == {"id": DELIVERY, **CONTENT}
    assert "هجوم على قاعدة".encode() in request.body
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.headers["webhook-id"] == DELIVERY
    assert request.headers["User-Agent"] == "rasid/0.1.0"
    assert request.headers["X-Desk"] == "iraq"


def test_a_receiver_that_stops_in_the_middle_is_left_at_the_timeout() -> None:
    with Receiver(script=[answers.hang]) as receiver:
        outcome = _build(url=receiver.url, timeout="200ms").send(a_message(), NOON)

    assert outcome == Retry(reason="no whole answer in time", is_outage=True)


def test_networks_of_a_channel_go_before_those_of_all() -> None:
    with Receiver() as receiver:
        opened = _build(tools(private=False).session, url=receiver.url, private_networks=["127.0.0.0/8"])

        assert isinstance(opened.send(a_message(), NOON), Sent)


def test_a_failure_of_an_unknown_kind_is_tried_again() -> None:
    assert lost(HttpError("odd", "http://x/s3cret: odd")) == Retry(reason="the request failed", is_outage=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "option 'url' is missing"),
        ({"url": "ftp://x"}, "'url': must begin with http:// or https://"),
        ({"url": "https://x", "timeot": "3s"}, "unknown option 'timeot' (did you mean 'timeout'?)"),
        (
            {"url": "https://x", "colour": "red"},
            "unknown option 'colour'; known are give_up, headers, language, private_networks, retry, signing_secret,"
            " timeout, url",
        ),
        (
            {"url": "https://x", "retry": "soon"},
            "'retry': 'soon' is not a duration; write a number and a unit, such as 30s, 15m, 2h or 7d",
        ),
        ({"url": "https://x", "retry": "0s"}, "'retry': must be longer than nothing"),
        (
            {"url": "https://x", "retry": ["1s", {}]},
            "'retry': '' is not a duration; write a number and a unit, such as 30s, 15m, 2h or 7d",
        ),
        ({"url": ["https://x"]}, "'url': must be text"),
        (
            {"url": "https://x", "private_networks": "home"},
            "'private_networks': is not a list of networks; write for example [127.0.0.0/8, 10.1.0.0/16]",
        ),
        ({"url": "https://x", "headers": "X-Token"}, "'headers': must be a mapping"),
        ({"url": "https://x", "headers": {"a b": "c"}}, "'headers': 'a b' is not the name of a header"),
        ({"url": "https://x", "headers": {"Webhook-Id": "c"}}, "'headers': 'Webhook-Id' is set by Rasid itself"),
        (
            {"url": "https://x", "headers": {"X-A": "s3cret\r\nX-B: 1"}},
            "'headers': the value of 'X-A' holds characters that a header cannot",
        ),
        (
            {"url": "https://x", "headers": {"X-A": "سر"}},
            "'headers': the value of 'X-A' holds characters that a header cannot",
        ),
    ],
)
def test_a_wrong_option_is_an_error_at_the_channels_place(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _build(**options)

    assert str(caught.value) == f"config/monitor.yaml:12:3: channel 'desk': {message}"


def test_all_faults_are_told_at_once_and_without_values() -> None:
    problems = channels.check(_spec(url="s3cret", timeout="soon", give_up="1d", tmeout="s3cret"))

    assert {problem.message.split(":")[1].split()[0] for problem in problems} == {"'url'", "'timeout'", "unknown"}
    assert not any("s3cret" in str(problem) for problem in problems)


def test_what_is_not_there_yet_is_a_warning_that_says_what_happens_instead() -> None:
    (problem,) = channels.check(_spec(url="https://x", language="ar"))

    assert problem.level is Level.WARNING
    assert problem.message == "channel 'desk': 'language' has no effect; the body is the same in every language"


@pytest.mark.parametrize("networks", ["10.0.0.0/8, 127.0.0.0/8", ["10.0.0.0/8", "127.0.0.0/8"]])
def test_networks_are_a_list_or_a_line(networks: object) -> None:
    with Receiver() as receiver:
        built = _build(Session(user_agent="rasid"), url=receiver.url, private_networks=networks)

        assert isinstance(built.send(a_message(), NOON), Sent)


def test_networks_that_are_no_list_are_refused() -> None:
    with pytest.raises(ConfigError, match="private_networks"):
        _build(url="https://x", private_networks={"a": "b"})


def test_a_receivers_library_accepts_the_signature_while_secrets_are_exchanged() -> None:
    now = timing.now()
    old, new = _secret(b"o" * 24), _secret(b"n" * 64)
    with Receiver() as receiver:
        _build(url=receiver.url, signing_secret=[old, new]).send(a_message(), now)
        _build(url=receiver.url, signing_secret=new).send(a_message(), now)

    both, one = receiver.received
    assert both.headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert _verified(both, old) == _verified(both, new) == _verified(one, new) == {"id": DELIVERY, **CONTENT}
    for request, secret in ((one, old), (replace(both, body=both.body + b" "), new)):
        with pytest.raises(WebhookVerificationError):
            _verified(request, secret)


def test_the_published_example_is_signed_as_published() -> None:
    secret, now = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.fromtimestamp(1614265330, UTC)
    spec = _spec(url="https://x", signing_secret=secret)
    (key,) = WebhookOptions.model_validate(dict(spec.options)).signing_secret

    assert signing.headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', now) == {
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_body_without_secret_has_no_signature() -> None:
    with Receiver() as receiver:
        _build(url=receiver.url).send(a_message(), NOON)

    assert not {"webhook-signature", "webhook-timestamp"} & set(receiver.received[0].headers)


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ("s3cret", "must be 'whsec_' and the base64 of 24 to 64 random bytes"),
        ("whsec_s3cret!", "must be 'whsec_' and the base64 of 24 to 64 random bytes"),
        ([], "must be 'whsec_' and the base64 of 24 to 64 random bytes"),
        ([["s3cret"]], "must be 'whsec_' and the base64 of 24 to 64 random bytes"),
        ({"a": "s3cret"}, "must be 'whsec_' and the base64 of 24 to 64 random bytes"),
        ("whsec_" + "QUJD" * 7, "must be 'whsec_' and the base64 of 24 to 64 random bytes; this one holds 21"),
        ("whsec_" + "QUJD" * 22, "must be 'whsec_' and the base64 of 24 to 64 random bytes; this one holds 66"),
    ],
)
def test_a_secret_of_another_make_is_refused_and_not_shown(secret: object, message: str) -> None:
    (problem,) = channels.check(_spec(url="https://x", signing_secret=secret))

    assert problem.message == f"channel 'desk': 'signing_secret': {message}"


def _secret(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


def _verified(request: Received, secret: str) -> Any:
    """What the receivers' own library reads."""
    return StandardWebhook(secret).verify(request.body, dict(request.headers))
