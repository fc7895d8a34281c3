"""How fast and how dear polling is: the real daemon against a farm of feeds, beside a bare loop over the same.

    python tests/bench/polling.py [--feeds N] [--hosts N] [--every S] [--seconds S] [--calm] [--tls [--forgetful]]

Prints start-up, memory, polls a second, CPU of a poll, and how long after its appearance an item was stored with its
match and its alert was in the outbox. The database begins as after a first round: what is measured is daily work.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor import timing
from monitor.config import load_config
from monitor.daemon.wiring import install
from monitor.errors import StoreError
from monitor.ingest import SourceTraits, ingest
from monitor.model import Fetched
from monitor.rulefiles import load_rules
from monitor.sources.articles import Origin, articles
from monitor.sources.feed import Feed
from monitor.sources.parser import Parser
from monitor.store import Store, ask_holder
from tests.bench import feedfarm
from tests.processes import children, cpu_s, memory

ROOT = Path(__file__).resolve().parents[2]
RULES = """\
version: 1
rules:
  attack: {title: An attack, notify: [desk], match: {any: [attack, هجوم]}, alert: {group_by: none, group_wait: 0s}}
"""


def address(number: int, hosts: int) -> str:
    """The loopback address of a feed."""
    place = number % hosts
    return f"127.0.{place // 250}.{place % 250 + 1}"


def certificate(folder: Path, hosts: int) -> tuple[Path, Path]:
    """A local authority and a certificate of it for all addresses: (authority, certificate with its key)."""
    names = ",".join(f"IP:{address(n, hosts)}" for n in range(hosts))

    def openssl(*arguments: str | Path) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *kind, "-days", "2", "-subj", "/CN=farm authority", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-new", *kind, "-subj", "/CN=farm", "-keyout", "farm.key", "-out", "farm.csr")
    (folder / "names").write_text(f"subjectAltName={names}\n")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    openssl("x509", "-req", "-in", "farm.csr", *signing, "-out", "farm.crt")
    (folder / "farm.pem").write_text((folder / "farm.key").read_text() + (folder / "farm.crt").read_text())
    return folder / "ca.pem", folder / "farm.pem"


def prepare(folder: Path, farm: str, feeds: int, hosts: int, every_s: int) -> Path:
    """Configuration, rules, and a database in which every feed was polled a moment ago."""
    lines = [
        "version: 1",
        "database: rasid.db",
        "rules: [rules.yaml]",
        "fetch: {contact: bench@example.org, private_networks: [127.0.0.0/8]}",
        "channels:",
        f'  desk: {{kind: webhook, url: "{farm.format(address(0, hosts))}/hook", private_networks: [127.0.0.0/8]}}',
        "sources:",
        *(f'  s{n}: {{url: "{farm.format(address(n, hosts))}/{n}", every: {every_s}s}}' for n in range(feeds)),
    ]
    path = folder / "monitor.yaml"
    path.write_text("\n".join(lines) + "\n")
    (folder / "rules.yaml").write_text(RULES)
    config = load_config(path)
    rules = load_rules(folder / "rules.yaml")
    now = timing.now()
    at = now + timedelta(minutes=1)  # nobody is overdue when the daemon starts, however long that takes
    with Parser() as parser, Store.open(config.database, write=True, now=now) as store:
        outcomes = []
        for source in install(config, parser).sources.values():
            assert isinstance(source, Feed)
            n = int(source.id[1:])
            sort = feedfarm.kind(n)
            known = {"etag": feedfarm.ETAG.decode()} if sort == "validated" else {"sha256": feedfarm.digest(n)}
            cursor = {"about": source.about, "whole_at": timing.to_epoch(now), **known}
            fetched = Fetched(source=source.id, key="k", at=at, cursor=cursor, host=source.host)
            if sort == "new":
                lasting = articles(parser.feed(feedfarm.document(n)), Origin(source=source.id), at)
                ingest(replace(fetched, articles=lasting), store=store, rules=rules, traits=SourceTraits(), now=at)
            else:
                outcomes.append(fetched)
        store.record(outcomes, now)
    return path


class Process:
    """A running daemon, measured from outside."""

    def __init__(self, config: Path, environment: dict[str, str]) -> None:
        begun = time.monotonic()
        self._config = config
        self.process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "--config", str(config), "run", "--log-level", "warning"],
            cwd=ROOT,
            env=os.environ | environment,
            stderr=(config.parent / "log").open("w"),
        )
        self.database = config.parent / "rasid.db"
        until(lambda: self._status() is not None, 120)
        self.start_s = time.monotonic() - begun

    def _status(self) -> dict[str, Any] | None:
        if self.process.poll() is not None:
            sys.exit((self._config.parent / "log").read_text()[-2000:])
        try:
            status: dict[str, Any] | None = ask_holder(self.database, {"do": "status", "at": 0})
        except StoreError:  # it holds the database, and does not serve yet
            return None
        return status

    def polls(self) -> dict[str, int]:
        """Polls so far, by result."""
        status = self._status()
        assert status is not None
        return {
            found[1]: number
            for name, number in status["counters"].items()
            if (found := re.fullmatch(r"polls\{result=(\w+)\}", name))
        }

    def cpu_s(self) -> tuple[float, float]:
        """CPU seconds of the daemon itself, and of its parser processes."""
        return cpu_s(self.process.pid), sum(map(cpu_s, children(self.process.pid)))

    def memory_mb(self) -> float:
        """Resident memory of the daemon itself."""
        return memory(self.process.pid)[1] / 2**20

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for a condition, or end."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("it takes too long")
        time.sleep(0.1)


def latencies(database: Path, since: float) -> tuple[list[float], list[float]]:
    """Seconds from the appearance of each item since then to its stored match, and to its alert in the outbox."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT v.title, m.created, t.created FROM match m JOIN article a ON a.number = m.article"
            " JOIN version v ON v.article = a.number AND v.version = 1"
            " LEFT JOIN alert_match am ON am.match = m.number LEFT JOIN alert t ON t.id = am.alert"
        ).fetchall()
    stored, told = [], []
    for title, matched, alerted in rows:
        appeared = float(title.rpartition(" ")[2])
        if appeared < since:
            continue
        stored.append(matched / 1000 - appeared)
        if alerted is not None:
            told.append(alerted / 1000 - appeared)
    return stored, told


def bare_loop(farm: str, feeds: int, hosts: int, verify: str | bool) -> None:
    """The same feeds by requests and feedparser, one after the other, as a script would do it."""
    import feedparser
    import requests

    count = min(feeds, 400)
    wall, cpu = time.monotonic(), time.process_time()
    for n in range(count):
        headers = {"If-None-Match": feedfarm.ETAG.decode()} if feedfarm.kind(n) == "validated" else {}
        answer = requests.get(f"{farm.format(address(n, hosts))}/{n}", headers=headers, timeout=30, verify=verify)
        if answer.status_code == 200:
            feedparser.parse(answer.content)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print(f"bare loop: {count / wall:7.0f} polls/s   CPU {1000 * cpu / count:6.2f} ms a poll")


def measure(folder: Path, farm: str, options: argparse.Namespace, authority: Path | None) -> None:
    """One run of the daemon."""
    feeds, hosts = options.feeds, options.hosts
    begun = time.monotonic()
    config = prepare(folder, farm, feeds, hosts, options.every)
    print(f"prepared {feeds} feeds on {hosts} addresses in {time.monotonic() - begun:.1f} s", flush=True)
    daemon = Process(config, {"SSL_CERT_FILE": str(authority)} if authority else {})
    print(f"start-up:  {daemon.start_s:7.1f} s   memory {daemon.memory_mb():6.0f} MB", flush=True)
    time.sleep(options.warm)
    since = time.time()
    polls, cpu, at = daemon.polls(), daemon.cpu_s(), time.monotonic()
    time.sleep(options.seconds)
    polls_after, cpu_after, seconds = daemon.polls(), daemon.cpu_s(), time.monotonic() - at
    done = {name: polls_after.get(name, 0) - polls.get(name, 0) for name in polls_after}
    total = max(1, sum(done.values()))
    own, parsing = cpu_after[0] - cpu[0], cpu_after[1] - cpu[1]
    print(f"daemon:    {total / seconds:7.0f} polls/s   CPU {1000 * own / total:6.2f} ms a poll", end="")
    print(f" (parsers: {1000 * parsing / max(1, done.get('new', 0)):.1f} ms a new document)   {json.dumps(done)}")
    print(f"memory:    {daemon.memory_mb():7.0f} MB")
    time.sleep(3)
    stored, told = latencies(daemon.database, since)
    for what, found in (("match stored", stored), ("in the outbox", told)):
        if found:
            late = sorted(found)[int(0.99 * (len(found) - 1))]
            print(f"{what + ':':15}{median(found):5.2f} s median, {late:5.2f} s 99 %, {max(found):5.2f} s at most")
    daemon.stop()


def main() -> None:
    """Start the farm, measure, and end everything that was started."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--hosts", type=int, default=1_000)
    parser.add_argument("--every", type=int, default=25, help="seconds between two polls of a feed, at most")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--warm", type=float, default=30)
    parser.add_argument("--tls", action="store_true", help="over TLS, with a certificate of a local authority")
    parser.add_argument("--forgetful", action="store_true", help="with --tls: the farm resumes no session")
    parser.add_argument("--calm", action="store_true", help="nothing is new: what an unchanged poll costs")
    options = parser.parse_args()
    threading.Timer(600, os._exit, [3]).start()  # whatever hangs
    with tempfile.TemporaryDirectory(prefix="rasid-bench-") as made:
        folder = Path(made)
        authority, pem = certificate(folder, options.hosts) if options.tls else (None, None)
        mood = "calm" if options.calm else "mixed"
        forgetful = ["forgetful"] if options.tls and options.forgetful else []
        farm = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.feedfarm", mood, *([str(pem)] if pem else []), *forgetful],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert farm.stdout is not None
            where = f"{'https' if pem else 'http'}://{{}}:{int(farm.stdout.readline())}"
            measure(folder, where, options, authority)
            bare_loop(where, options.feeds, options.hosts, str(authority) if authority else True)
        finally:
            farm.kill()
            farm.wait()
    os._exit(0)  # the timer


if __name__ == "__main__":
    main()
