"""`rasid doctor`: each thing that can be wrong around Rasid is found and said with what to do; nothing is written."""

from __future__ import annotations

import json
import socketserver
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor import timing
from monitor.cli import _checkup, main
from tests.flows.daemon import Daemon
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, Site

RSS = (
    '<rss version="2.0"><channel><title>t</title><item><title>One</title><guid>1</guid>'
    "<link>https://x.example/1</link></item></channel></rss>"
)


def doctor(site: Site, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(site.config), "doctor", *arguments])


def findings(site: Site) -> dict[str, list[tuple[str, str, str]]]:
    """State, text and advice of each finding, by area."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    done = doctor(site, "--json")
    assert done.stdout, done.stderr
    for row in json.loads(done.stdout):
        found.setdefault(row["area"], []).append((row["state"], row["text"], row["advice"]))
    return found


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Site:
    return Site(
        folder=tmp_path, channels={"desk": f"{{kind: webhook, url: '{receiver.url}'}}"}, extra="ops: {notify: [desk]}"
    )


def test_a_working_site_has_nothing_broken(site: Site, receiver: Receiver) -> None:
    site.put("one.json", ATTACK)
    assert site.rasid("run", "--once").exit_code == 0
    site.database.chmod(0o640)
    done = doctor(site)
    assert done.exit_code == 0, done.output
    assert "ok    database" in done.stdout
    assert "ok    channels  desk works" in done.stdout
    assert "ok    secrets   only their owner can read them" in done.stdout
    assert "look  service   no daemon runs" in done.stdout
    assert "Nothing is broken; " in done.stdout


def test_a_running_daemon_is_seen(site: Site) -> None:
    with Daemon(site.config) as daemon:
        ((state, text, _),) = findings(site)["service"]
        assert (state, f"process {daemon.process.pid}" in text) == ("fine", True)


def test_what_was_never_told_and_who_is_never_told_are_named(site: Site) -> None:
    site.extra = ""
    site.write()
    assert findings(site)["channels"] == [
        ("warning", "desk has never told anything", "try it: rasid send-test desk"),
        ("warning", "nobody is told when Rasid itself is in trouble", "write for example: ops: {notify: [desk]}"),
    ]


def test_a_failing_and_a_parked_channel_are_bad(site: Site, receiver: Receiver) -> None:
    site.put("one.json", ATTACK)
    receiver.answers = lambda n: 503
    site.rasid("run", "--once")
    state, text, advice = findings(site)["channels"][0]
    assert (state, text.startswith("desk fails: "), advice) == ("bad", True, "why: rasid deliveries --channel desk")
    assert doctor(site).exit_code == 1


def test_secrets_that_others_read_and_secrets_that_lack_are_bad(site: Site, receiver: Receiver) -> None:
    secrets = site.folder / "secrets"
    secrets.mkdir()
    (secrets / "hook").write_text(receiver.url)
    (secrets / "hook").chmod(0o644)
    site.channels = {
        "desk": "{kind: webhook, url: '${file:hook}'}",
        "other": "{kind: webhook, url: '${env:NOT_THERE}'}",
    }
    site.write()
    site.config.chmod(0o666)
    texts = [(state, text) for state, text, _ in findings(site)["secrets"]]
    assert ("bad", f"{secrets / 'hook'} can be read by others") in texts
    assert ("bad", f"{site.config} can be changed by everyone") in texts
    assert any(
        state == "bad" and text.startswith("channel other is off: the environment has no") for state, text in texts
    )


def test_a_damaged_database_is_bad(site: Site) -> None:
    site.rasid("run", "--once")
    with closing(sqlite3.connect(site.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(site.database.read_bytes())
    data[4096:8192] = b"\xff" * 4096
    site.database.write_bytes(data)
    done = doctor(site, "--json")
    damaged = [row for row in json.loads(done.stdout) if row["area"] == "database"]
    assert [row["state"] for row in damaged] == ["bad"]
    assert damaged[0]["advice"] == "restore a backup: rasid restore FILE"
    assert done.exit_code == 1


class Late(socketserver.StreamRequestHandler):
    """A server three hours ahead, with a feed at /good."""

    def handle(self) -> None:
        path = self.rfile.readline().split()[1]
        while self.rfile.readline().strip():
            pass
        later = format_datetime((timing.now() + timedelta(hours=3)).astimezone(UTC), usegmt=True)
        line = "200 OK" if path == b"/good" else "500 Internal Server Error"
        head = f"HTTP/1.1 {line}\r\nDate: {later}\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n"
        self.wfile.write(head.encode() + RSS.encode())


def test_feeds_are_tried_and_the_clock_is_compared(site: Site) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        site.sources = {name: f"{{url: '{address}/{name}'}}" for name in ("good", "bad")}
        site.write()
        found = findings(site)
        server.shutdown()
    failed = "bad: the server answered 500 Internal Server Error"
    assert ("fine", "1 of 2 that were tried bring articles", "") in found["feeds"]
    assert ("warning", failed, "more: rasid sources test bad") in found["feeds"]
    ((state, text, advice),) = found["clock"]
    assert (state, advice) == ("bad", "turn on time synchronisation: timedatectl set-ntp true")
    assert text.endswith(" from that of 127.0.0.1")


def test_a_name_without_an_address_is_said(site: Site) -> None:
    long = "x" * 64 + ".example"  # no name server is asked: it cannot be a name
    site.sources = {"wire": "{folder: drop}"}
    site.channels["other"] = f"{{kind: webhook, url: 'https://{long}/hook'}}"
    site.write()
    assert any(
        state == "warning" and text.startswith(f"{long} has no address") for state, text, _ in findings(site)["names"]
    )


def test_faults_of_configuration_and_rules_are_counted(site: Site) -> None:
    site.rules = "version: 2"
    site.extra = "colour: red"
    site.write()
    found = findings(site)
    assert found["config"][0][0] == found["rules"][0][0] == "bad"
    assert "unknown key 'colour'" in found["config"][0][1]


def test_libraries_with_known_faults_are_named_with_what_they_do(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def states() -> list[str]:
        return [state for state, _, _ in findings(site)["versions"]]

    for name in ("SAFE_SQLITE", "SAFE_EXPAT"):
        monkeypatch.setattr(_checkup, name, (0, 0, 0))
    assert states() == ["fine", "fine", "fine"]
    for name in ("SAFE_SQLITE", "SAFE_EXPAT"):
        monkeypatch.setattr(_checkup, name, (999, 0, 0))
    assert states() == ["fine", "warning", "warning"]
    shown = doctor(site).stdout
    assert "can lose commits when two programs write" in shown
    assert "can be crashed by a feed; only the parser's process dies" in shown


def test_a_disk_with_less_room_than_ingest_wants_is_bad(site: Site) -> None:
    assert findings(site)["disk"][0][0] != "bad"
    site.extra += "\nkeep: {free: 900000000GB}"
    site.write()
    ((state, text, advice),) = findings(site)["disk"]
    assert (state, "GB are free at" in text) == ("bad", True)
    assert advice == "make room: below 900,000,000,000 MB (keep: free) no article is stored"


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="this system has no /proc/mounts")
def test_the_kind_of_a_file_system_is_known() -> None:
    assert [_checkup._file_system(Path(folder)) for folder in ("/proc", "/proc/self")] == ["proc", "proc"]


def test_it_writes_nothing(site: Site) -> None:
    doctor(site)
    assert sorted(path.name for path in site.folder.iterdir()) == ["drop", "monitor.yaml", "rules.yaml"]
