"""While the configuration is faulty: what must not wait until it is mended goes by its last good text."""

from __future__ import annotations

import os

import pytest

from monitor.cli._app import App
from monitor.cli._in_use import Reread
from monitor.config import lastgood
from monitor.errors import ConfigError
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, Site


@pytest.fixture
def broken(site: Site) -> Site:
    """A site that told of something, and whose configuration then got a fault."""
    site.put("one.json", ATTACK)
    assert site.rasid("run", "--once").exit_code == 0
    lastgood.keep(site.config, site.config.read_bytes(), os.environ)  # as a daemon does
    site.extra = "chanels: {}"
    site.write()
    return site


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["silence", "rule=attack", "2h", "exercise"], "Silenced until"),
        (["silence"], "nothing is silenced"),
        (["matches"], "attack"),
        (["deliveries"], "sent"),
        (["stories"], "Drone attack on a depot"),
        (["search", "attack"], "on a depot"),
        (["export"], "Drone attack on a depot"),
        (["sources", "pause", "wire"], "wire"),
        (["backup", "."], "rasid"),
    ],
)
def test_it_is_done_all_the_same_and_the_fault_is_named(
    broken: Site, arguments: list[str], answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(broken.folder)
    result = broken.rasid(*arguments)

    assert (result.exit_code, answer in result.stdout) == (0, True), result.output
    assert result.stderr.startswith(
        f"{broken.config} is faulty, its last good text is used; what is wrong: rasid check"
    )


def test_the_silence_holds_for_the_rasid_that_goes_on(broken: Site, receiver: Receiver) -> None:
    assert broken.rasid("silence", "rule=attack", "2h", "exercise").exit_code == 0
    broken.extra = ""
    broken.write()
    broken.put("two.json", {"title": "Attack at sea", "text": "An attack on a ship near the strait."})

    assert broken.rasid("run", "--once").exit_code == 0
    assert len(receiver.bodies) == 1


def test_what_never_was_good_is_named_with_every_fault(site: Site) -> None:
    site.extra = "chanels: {}"
    site.write()

    result = site.rasid("silence", "rule=attack", "2h")

    assert (result.exit_code, "chanels" in result.stderr) == (3, True)


def test_what_a_daemon_rereads_hides_the_secrets_of_all_it_read_however_often_it_was_faulty(site: Site) -> None:
    site.channels["desk"] = "{kind: webhook, url: 'https://hooks.example/canary-of-the-desk'}"
    site.write()
    app = App(site.config)
    reread = Reread(app)
    assert reread().channels
    site.channels["desk"] = "{kind: webhook, url: 'https://hooks.example/canary-of-tomorrow'}"
    for extra in ("chanels: {}", "chanels: [", "{", *["["] * 40):
        site.extra = extra
        site.write()
        with pytest.raises(ConfigError):
            reread()

    said = app.redact("sent to https://hooks.example/canary-of-the-desk, then to /canary-of-tomorrow")

    assert said == "sent to https://hooks.example/***, then to /***"
