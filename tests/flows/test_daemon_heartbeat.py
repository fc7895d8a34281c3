"""The heartbeat: a real address is called while all is well, and a failing one is said once, without its secret."""

from __future__ import annotations

import logging
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from monitor import timing
from monitor.config import Config, load_config
from monitor.config.heartbeat import Heartbeat
from monitor.daemon.heartbeat import Calls
from monitor.errors import ConfigError
from monitor.http.session import Session
from tests.receiver import Receiver, status


def _config(folder: Path, line: str) -> Config:
    path = folder / "monitor.yaml"
    path.write_text(f"version: 1\n{line}\n")
    return load_config(path, environment={})


def _calls() -> Calls:
    networks = [ip_network("127.0.0.0/8")]
    return Calls(lambda config: Session(user_agent="rasid/0", private_networks=networks))


def _tick(calls: Calls, config: Config) -> None:
    calls.tick(config)
    assert calls._running is not None
    calls._running.join(30)


def test_it_calls_the_address_as_often_as_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as receiver:
        config = _config(tmp_path, f"heartbeat: {{url: '{receiver.url}/ping/canary', every: 10m}}")
        calls, clock = _calls(), [1000.0]
        monkeypatch.setattr(timing, "monotonic", lambda: clock[0])
        _tick(calls, config)
        _tick(calls, config)
        clock[0] += 601
        _tick(calls, config)

    assert [request.path for request in receiver.received] == ["/ping/canary"] * 2


def test_a_failure_is_said_once_without_the_address(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Receiver(script=[status(500), status(500), status(200)]) as receiver, caplog.at_level(logging.INFO):
        config = _config(tmp_path, f"heartbeat: {{url: '{receiver.url}/ping/canary', every: 1ms}}")
        calls = _calls()
        for _ in range(3):
            _tick(calls, config)

    assert [record.getMessage() for record in caplog.records if record.name == "monitor.daemon.heartbeat"] == [
        "the heartbeat's address could not be called",
        "the heartbeat's address answers again",
    ]
    assert "canary" not in caplog.text


def test_without_one_nothing_is_called(tmp_path: Path) -> None:
    calls = _calls()

    calls.tick(_config(tmp_path, ""))

    assert calls._running is None


def test_five_minutes_are_usual(tmp_path: Path) -> None:
    found = _config(tmp_path, "heartbeat: {url: https://ping.example/x}").heartbeat

    assert found == Heartbeat(url="https://ping.example/x", every=timedelta(minutes=5))
    assert "ping.example" not in repr(found)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("heartbeat: {every: 5m}", "heartbeat: 'url' is missing"),
        ("heartbeat: {url: ping.example}", "url: must begin with http:// or https://"),
        ("heartbeat: {url: https://x.example, evry: 5m}", "unknown key 'evry' (did you mean 'every'?)"),
        ("heartbeat: {url: '${nowhere:x}'}", "'${...}' names no secret"),
        ("heartbeat: https://x.example", "heartbeat must be a mapping of keys"),
    ],
)
def test_a_slip_is_told(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _config(tmp_path, line)
    assert message in str(caught.value)


def test_a_missing_secret_turns_it_off_loudly(tmp_path: Path) -> None:
    config = _config(tmp_path, "heartbeat: {url: '${env:PING_URL}'}")

    assert config.heartbeat is None
    assert "heartbeat is off: " in str(config.warnings[0])
