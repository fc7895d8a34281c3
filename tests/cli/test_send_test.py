"""`rasid send-test`: a marked test through real receivers, and what it says of those that are not there."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from tests.conftest import ROOT
from tests.flows.receiver import Receiver
from tests.flows.site import Site
from tests.mailbox import Mailbox


def _email(box: Mailbox, *to: str) -> str:
    server = f"'smtp://127.0.0.1:{box.port}'"
    return f"{{kind: email, to: [{', '.join(to)}], from: r@x.example, server: {server}, starttls: off}}"


def test_a_test_message_reaches_every_recipient_of_every_channel(site: Site, receiver: Receiver) -> None:
    with Mailbox() as box:
        site.channels["duty"] = _email(box, "a@x.example", "b@x.example")
        site.write()
        result = site.rasid("send-test")

    assert (result.exit_code, result.stdout) == (
        0,
        "desk: sent (HTTP 200 OK)\n"
        "duty (a@x.example): sent (250 taken by the mail server)\n"
        "duty (b@x.example): sent (250 taken by the mail server)\n",
    )
    assert [mail.recipients for mail in box.received] == [("a@x.example",), ("b@x.example",)]
    assert b"[DRILL]" in box.received[0].raw
    schema = json.loads((ROOT / "config/schema/webhook.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(receiver.bodies[0])
    assert receiver.bodies[0]["drill"] is True


def test_a_recipient_out_of_reach_is_named_with_the_reason(site: Site) -> None:
    with Mailbox({"b@x.example": ["550 no"]}) as box:
        site.channels["duty"] = _email(box, "a@x.example", "b@x.example")
        site.write()
        result = site.rasid("send-test", "duty")

    assert result.exit_code == 4
    assert "duty (a@x.example): sent" in result.stdout
    assert "duty (b@x.example): not reached: SMTP 550 at the recipient" in result.stdout


def test_a_channel_that_is_off_or_faulty_is_not_reached(site: Site) -> None:
    site.channels |= {
        "desk": "{kind: webhook, url: '${env:NO_SUCH_SECRET_HERE}'}",
        "bad": "{kind: slack}",
        "rest": "{kind: stdout, enabled: no}",
    }
    site.write()
    all_of_them, missing, faulty = (
        site.rasid("send-test"),
        site.rasid("send-test", "desk"),
        site.rasid("send-test", "bad"),
    )

    assert [r.exit_code for r in (all_of_them, missing, faulty)] == [4, 4, 4]
    assert "desk: not tried, it is off: the environment has no NO_SUCH_SECRET_HERE" in missing.stdout
    assert "channel 'bad': write either 'url:" in faulty.stderr


def test_an_unknown_channel_is_a_usage_error(site: Site) -> None:
    result = site.rasid("send-test", "dsk")

    assert result.exit_code == 2
    assert "unknown channel 'dsk' (did you mean 'desk'?)" in result.stderr


def test_a_site_without_channels_says_so(site: Site) -> None:
    site.channels = {}
    site.write()

    assert site.rasid("send-test").exit_code == 2
