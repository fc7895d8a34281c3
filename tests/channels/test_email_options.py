"""The options of the kind `email`: what they make, and what a wrong one says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from monitor.channels import RetryPolicy
from monitor.errors import ConfigError
from tests.channels.test_email import a_channel


def test_a_recipient_gets_one_delivery_and_options_make_the_policy() -> None:
    built = a_channel(25, to=["a@example.org", "b@example.org", "a@example.org"], retry="10s", give_up="2d")

    assert built.recipients == ("a@example.org", "b@example.org")
    assert a_channel(25, to="a@example.org").recipients == ("a@example.org",)
    assert built.retry == RetryPolicy(waits=(timedelta(seconds=10),), give_up=timedelta(days=2))


_SERVER = "'server': must be smtps://user@host or smtp://user@host, with :port where it is another"
_FROM = "'from': must be an address such as rasid@example.org or Rasid <rasid@example.org>"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"to": []}, "'to': must be an address or a list of addresses"),
        ({"to": ["a@example.org", "nobody"]}, "'to': must hold plain addresses such as desk@example.org"),
        ({"to": [["a"]]}, "'to': must hold plain addresses such as desk@example.org"),
        ({"to": "a@x..example"}, "'to': must hold plain addresses such as desk@example.org"),
        ({"to": "a@x.example\nBcc: b@x.example"}, "'to': must hold plain addresses such as desk@example.org"),
        ({"from": "nobody"}, _FROM),
        ({"from": "Rasid\n <a@x.example>"}, _FROM),
        ({"from": "=?utf-8?q?a?= <a@x.example>"}, _FROM),
        ({"from": ["a@x.example"]}, _FROM),
        ({"server": "mail.example.org"}, _SERVER),
        ({"server": "https://mail.example.org"}, _SERVER),
        ({"server": "smtps://mail.example.org:high"}, _SERVER),
        ({"server": "smtps://mail.example.org/box"}, _SERVER),
        ({"server": "smtps://راصد@mail.example.org"}, _SERVER),
        ({"server": ["smtps://x"]}, _SERVER),
        ({"server": "smtps://a:s3cret@x"}, "'server': holds a password; write it as 'password: ${file:NAME}'"),
        ({"starttls": "maybe"}, "'starttls': must be required or off"),
        ({"language": "fr"}, "'language': must be one of ar, en"),
        ({"form": "a@x.example"}, "unknown option 'form' (did you mean 'from'?)"),
        ({"password": "s3cret"}, "'server' and 'password': there is no user; write smtps://USER@host"),
        (
            {"server": "smtps://a@x"},
            "'server' and 'password': there is no password; write 'password: ${file:NAME}'",
        ),
        ({"server": "smtp://a@x", "password": "s3cret"}, "'starttls': a password needs an encrypted connection"),
    ],
)
def test_a_wrong_option_is_an_error_that_shows_no_secret(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        a_channel(25, **options)

    assert str(caught.value).endswith(f"channel 'desk': {message}")
    assert "s3cret" not in str(caught.value)
