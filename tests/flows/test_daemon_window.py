"""The window onto a running daemon: figures that Prometheus reads, health that tells the truth, nothing secret."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
from http import HTTPStatus
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.daemon.notify import Beats
from monitor.daemon.window import slow
from monitor.web import MOST_AT_ONCE, Exposition, Server, pages
from tests.conftest import ROOT, program
from tests.flows.daemon import Daemon, until
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, QUIET, Site

LISTEN = 'web: {listen: "127.0.0.1:0"}'
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    site = Site(
        folder=tmp_path, channels={"desk": f"{{kind: webhook, url: '{receiver.url}/canary-path'}}"}, extra=LISTEN
    )
    site.rules = site.rules.replace("throttle: 2h", "group_wait: 0s")
    site.write()
    return site


def port_of(daemon: Daemon) -> int:
    served = [line for line in daemon.lines if 'event="metrics are served"' in line]
    found = re.search(r"address=127\.0\.0\.1:(\d+)", served[-1])
    assert found is not None
    return int(found[1])


def ask(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def figures(port: int) -> Figures:
    status, text = ask(port, "/metrics")
    assert status == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(found: Figures, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def test_the_figures_follow_what_happens(site: Site, receiver: Receiver) -> None:
    with Daemon(site.config) as daemon:
        port = port_of(daemon)
        before = figures(port)
        assert of(before, "rasid_sources", state="configured") == 1
        assert of(before, "rasid_rules", state="active") == 2
        assert of(before, "rasid_matches_total") is None
        site.put("one.json", ATTACK)
        site.put("two.json", QUIET)
        until(lambda: receiver.bodies)
        until(lambda: of(figures(port), "rasid_deliveries_total", result="sent"))
        after = figures(port)
        assert of(after, "rasid_articles_total", what="new") == 2
        assert of(after, "rasid_matches_total") == 1
        assert of(after, "rasid_alerts_total", channel="desk") == 1
        assert of(after, "rasid_rule_matches", rule="attack") == 1
        assert 0 < (of(after, "rasid_rule_cost_seconds", rule="attack") or 0) < 1
        assert of(after, "rasid_outbox_oldest_seconds") == 0
        assert of(after, "rasid_channel_failing", channel="desk") == 0
        sent, stored = (
            of(after, "rasid_lag_seconds", step=step, percentile="100")
            for step in ("outbox_to_sent", "stored_to_outbox")
        )
        assert sent is not None
        assert stored is not None
        assert 0 <= sent < 60
        assert 0 <= stored < 60
        assert (of(after, "rasid_last_success_timestamp_seconds", what="delivery") or 0) > 1e9
        assert (of(after, "rasid_database_bytes", file="database") or 0) > 0
        assert {dict(labels)["loop"] for name, labels in after if name == "rasid_loop_idle_seconds"} == {
            *("scheduler", "book", "judge", "writer", "deliver")
        }


def test_what_waits_in_the_outbox_is_counted_and_the_failing_channel_named(site: Site, receiver: Receiver) -> None:
    receiver.answers = lambda n: 503
    with Daemon(site.config) as daemon:
        port = port_of(daemon)
        site.put("one.json", ATTACK)
        until(lambda: of(figures(port), "rasid_channel_failing", channel="desk") == 1)
        until(lambda: of(figures(port), "rasid_outbox_deliveries", channel="desk", state="pending") == 1)


def test_health_is_told_in_words(site: Site) -> None:
    with Daemon(site.config) as daemon:
        port = port_of(daemon)
        assert ask(port, "/healthz") == (200, "ok\n")
        assert ask(port, "/readyz") == (200, "ok\n")
        assert ask(port, "/healthz", "HEAD") == (200, "")
        assert ask(port, "/")[0] == 404
        assert "/metrics" in ask(port, "/nothing")[1]
        assert ask(port, "/metrics", "POST")[0] == 501


def test_a_loop_that_stands_still_makes_it_unwell() -> None:
    now = [0.0]
    beats = Beats(("judge", "writer"), lambda: now[0])
    now[0] = 70.0
    beats.beat("writer")
    now[0] = 75.0
    assert slow(beats.idle()) == ("the loop judge has not come round for 75 s",)
    exposition = Exposition(dict, tuple)
    server = Server("127.0.0.1", 0, pages(exposition, lambda: slow(beats.idle()), lambda: ("it is stopping",)))
    try:
        assert ask(server.port, "/healthz") == (503, "the loop judge has not come round for 75 s\n")
        assert ask(server.port, "/readyz")[1].splitlines()[1] == "it is stopping"
        beats.beat("judge")
        assert ask(server.port, "/healthz") == (200, "ok\n")
        assert ask(server.port, "/readyz") == (503, "it is stopping\n")
    finally:
        server.close()


def test_a_page_that_fails_and_a_client_that_is_slow_harm_nobody() -> None:
    def fails() -> tuple[HTTPStatus, str, bytes]:
        raise OSError("disk /secret/path is full")

    server = Server("127.0.0.1", 0, {"/metrics": fails, "/healthz": lambda: (HTTPStatus.OK, "text/plain", b"ok")})
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(MOST_AT_ONCE - 1)]
    try:
        assert ask(server.port, "/metrics") == (500, "OSError\n")
        until(lambda: not _refuses(server.port))  # the room of the last request is given back a moment later
    finally:
        for connection in idle:
            connection.close()
        server.close()


def test_nothing_secret_is_shown(site: Site, receiver: Receiver) -> None:
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        _, text = ask(port_of(daemon), "/metrics")
        assert "canary" not in text
        assert str(receiver.url) not in text


def test_a_reload_closes_it(site: Site) -> None:
    with Daemon(site.config) as daemon:
        port = port_of(daemon)
        site.extra = ""
        site.write()
        daemon.send(signal.SIGHUP)
        until(lambda: _refuses(port))


def test_an_address_that_is_taken_harms_nothing_else(site: Site, receiver: Receiver) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        site.extra = f'web: {{listen: "127.0.0.1:{taken.getsockname()[1]}"}}'
        site.write()
        with Daemon(site.config) as daemon:
            assert any('event="metrics are not served"' in line for line in daemon.lines)
            site.put("one.json", ATTACK)
            until(lambda: receiver.bodies)


def _refuses(port: int) -> bool:
    try:
        ask(port, "/healthz")
    except OSError:
        return True
    return False


def test_promtool_finds_nothing_to_say_of_the_figures(site: Site, receiver: Receiver) -> None:
    promtool = program("promtool")
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        _, text = ask(port_of(daemon), "/metrics")
    own = re.sub(r"(?m)^(# (HELP|TYPE) )?(python_gc_|python_info|process_).*\n", "", text)
    checked = subprocess.run([promtool, "check", "metrics"], input=own, capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_promtool_reads_the_alert_rules_and_their_tests() -> None:
    promtool = program("promtool")
    folder = ROOT / "config" / "prometheus"
    for arguments in (["check", "rules", "rasid.yaml"], ["test", "rules", "rasid.test.yaml"]):
        checked = subprocess.run([promtool, *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
        assert checked.returncode == 0, checked.stdout + checked.stderr
