"""What `rasid doctor` looks at: a finding for each thing, with what to do. Tries names and feeds; writes nothing."""

from __future__ import annotations

import os
import platform
import pyexpat
import shutil
import socket
import sqlite3
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monitor import timing
from monitor.cli.status import SAFE_SQLITE
from monitor.config import Config
from monitor.daemon import open_session
from monitor.errors import HttpError, MonitorError, SourceError
from monitor.model import DeliveryState, SourceSpec
from monitor.sources import Tools, build
from monitor.sources.parser import Parser
from monitor.store import Store, ask_holder

SAFE_EXPAT = (2, 7, 0)
"""Older ones can be made to crash by a small feed; the parser's process is then started anew."""

MOST_TRIED = 20
"""Feeds that are fetched now, those in trouble first."""
WITHIN_S = 40.0
LOW_BYTES = 1_000_000_000
ASKEW = timedelta(minutes=2)
_NETWORK_FILES = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs")


class State(StrEnum):
    """How a thing stands."""

    FINE = "fine"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, how it stands, and what to do when it is not fine."""

    area: str
    state: State
    text: str
    advice: str = ""


def fine(area: str, text: str) -> Finding:
    """All is well with it."""
    return Finding(area, State.FINE, text)


def look(area: str, text: str, advice: str) -> Finding:
    """Something may become bad."""
    return Finding(area, State.WARNING, text, advice)


def bad(area: str, text: str, advice: str = "") -> Finding:
    """Something does not work."""
    return Finding(area, State.BAD, text, advice)


Check = Callable[[Config], Iterator[Finding]]


def versions(config: Config) -> Iterator[Finding]:
    """The libraries with known faults."""
    yield fine("versions", f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}")
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        yield fine("versions", f"SQLite {sqlite3.sqlite_version}")
    else:
        text = f"SQLite {sqlite3.sqlite_version} (before 3.51.3) can lose commits when two programs write"
        yield look("versions", text, "let no other program write this database; Rasid writes alone")
    found = tuple(int(part) for part in pyexpat.EXPAT_VERSION.removeprefix("expat_").split("."))
    if found >= SAFE_EXPAT:
        yield fine("versions", f"expat {'.'.join(map(str, found))}")
    else:
        text = (
            f"expat {'.'.join(map(str, found))} (before 2.7) can be crashed by a feed; only the parser's process dies"
        )
        yield look("versions", text, "install a newer Python or libexpat when your system has it")


def disk(config: Config) -> Iterator[Finding]:
    """Where the database lies: room, kind of file system, whether it can be written and is whole."""
    folder = config.database.parent
    while not folder.exists():
        folder = folder.parent
    folder = folder.resolve()
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB are free at {folder}"
    floor = config.keep.free
    if free < floor:
        yield bad("disk", text, f"make room: below {floor / 1e6:,.0f} MB (keep: free) no article is stored")
    elif free < floor + LOW_BYTES:
        yield look("disk", text, "make room, or keep less: keep: {articles: 90d}")
    else:
        yield fine("disk", text)
    kind = _file_system(folder)
    if kind in _NETWORK_FILES:
        yield bad("disk", f"{folder} is on {kind}", "move the database to a disk of this machine")
    if not os.access(folder, os.W_OK):
        yield bad("disk", f"{folder} cannot be written by this user", f"type: chown -R rasid {folder}")
    if config.database.exists():
        yield _database(config.database)
    else:
        yield look("database", f"there is no {config.database} yet", "type: rasid run --once")


def _file_system(folder: Path) -> str:
    """The kind of file system that holds a folder, "" where the machine does not tell."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    mounts = [line.split(" ") for line in lines]
    target = str(folder)
    holding = [m for m in mounts if len(m) > 2 and (target == m[1] or target.startswith(m[1].rstrip("/") + "/"))]
    return max(holding, key=lambda mount: len(mount[1]))[2] if holding else ""


def _database(path: Path) -> Finding:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            end = timing.monotonic() + WITHIN_S
            connection.set_progress_handler(lambda: int(timing.monotonic() > end), 100_000)
            # Not quick_check: SQLite before 3.41 calls sound tables of ours damaged there.
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return fine("database", f"{path}: no damage found in {WITHIN_S:.0f} s; it is too large to be seen whole")
        return bad("database", f"{path} cannot be read: {error}", "restore a backup: rasid restore FILE")
    if found != "ok":
        return bad("database", f"{path} is damaged: {found}", "restore a backup: rasid restore FILE")
    if path.stat().st_mode & 0o007:
        return look("database", f"{path} can be read by everyone", f"type: chmod o= {path}")
    return fine("database", f"{path} is whole")


def files(config: Config) -> Iterator[Finding]:
    """Who may read secrets and change the configuration."""
    is_fine = True
    for path in sorted((config.path.parent / "secrets").glob("*")):
        if path.is_file() and path.stat().st_mode & 0o077:
            is_fine = False
            yield bad("secrets", f"{path} can be read by others", f"type: chmod 600 {path}")
    for path in (config.path, config.path.parent):
        if path.stat().st_mode & 0o002:
            is_fine = False
            yield bad("secrets", f"{path} can be changed by everyone", f"type: chmod o-w {path}")
    for off in config.disabled:
        if off.is_wanted:
            is_fine = False
            text = f"{off.what} {off.name} is off: {off.reason}"
            yield bad("secrets", text, "write the secret, then: rasid reload")
    if is_fine:
        yield fine("secrets", "only their owner can read them")


def service(config: Config) -> Iterator[Finding]:
    """Whether a daemon is at work."""
    try:
        live = ask_holder(config.database, {"do": "status", "at": timing.to_epoch(timing.now())})
    except MonitorError as error:
        yield bad("service", str(error), "if no such command is at work, restart it")
        return
    if live is None:
        yield look("service", "no daemon runs", "type: systemctl start rasid, or: rasid run")
        return
    yield fine("service", f"runs as process {live['pid']} since {live['started']}")
    if live["late"]:
        text = f"{len(live['late'])} sources are late, first {live['late'][0]['source']}"
        yield look("service", text, "why: rasid sources errors")


def names(config: Config) -> Iterator[Finding]:
    """Whether the names of hosts are found."""
    hosts = sorted(_hosts(config))
    if not hosts:
        return
    pool = ThreadPoolExecutor(8, thread_name_prefix="names")
    jobs = {pool.submit(_unknown, host): host for host in hosts[:200]}
    done, late = wait(jobs, timeout=WITHIN_S / 2)
    pool.shutdown(wait=False, cancel_futures=True)
    lost = {jobs[job]: reason for job in done if (reason := job.result())} | {jobs[job]: "no answer" for job in late}
    if not lost:
        yield fine("names", f"addresses were found for {len(jobs)} of {len(jobs)} hosts")
    elif len(lost) == len(jobs):
        yield bad("names", f"no host has an address ({next(iter(lost.values()))})", "look at /etc/resolv.conf")
    else:
        for host, reason in list(lost.items())[:MOST_TRIED]:
            yield look("names", f"{host} has no address: {reason}", "is it spelt right?")


def _unknown(host: str) -> str:
    try:
        socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ""


def _hosts(config: Config) -> set[str]:
    """Every host that sources and channels name."""
    options: list[Mapping[str, Any]] = [spec.options for spec in config.sources]
    options += [spec.options for spec in config.channels]
    found = set()
    for each in options:
        for key in ("url", "server"):
            if isinstance(each.get(key), str):
                try:
                    found.add(urlsplit(each[key]).hostname or "")
                except ValueError:
                    continue
    return found - {""}


def feeds(config: Config) -> Iterator[Finding]:
    """Some feeds, fetched now, those in trouble first; and by them whether the clock is right."""
    specs = _tried(config)
    if not specs:
        return
    now = timing.now()
    with Parser(workers=1) as parser:
        tools = Tools(session=open_session(config), parser=parser)
        pool = ThreadPoolExecutor(8, thread_name_prefix="feeds")
        jobs = {pool.submit(_fetch, spec, tools, now): spec for spec in specs}
        done, late = wait(jobs, timeout=WITHIN_S)
        pool.shutdown(wait=False, cancel_futures=True)
        lost = {jobs[job].id: reason for job in done if (reason := job.result())}
        lost |= {jobs[job].id: f"no answer within {WITHIN_S:.0f} s" for job in late}
        fetched = [jobs[job] for job in done if jobs[job].id not in lost]
        if fetched:
            yield from _clock(fetched[0], tools)
    if fetched:
        yield fine("feeds", f"{len(fetched)} of {len(jobs)} that were tried bring articles")
    for name, reason in sorted(lost.items()):
        yield (look if fetched else bad)("feeds", f"{name}: {reason}", f"more: rasid sources test {name}")


def _tried(config: Config) -> Sequence[SourceSpec]:
    specs = [spec for spec in config.sources if spec.kind == "feed"]
    failures: dict[str, int] = {}
    if config.database.exists():
        with Store.open(config.database, now=timing.now()) as store:
            failures = {row["id"]: row["failures"] or 0 for row in store.sources()}
    return sorted(specs, key=lambda spec: (-failures.get(spec.id, 1), spec.id))[:MOST_TRIED]


def _fetch(spec: SourceSpec, tools: Tools, now: datetime) -> str:
    """Why nothing can be had from a feed; "" when something can."""
    try:
        build(spec, tools).fetch({}, now)
    except SourceError as error:
        return error.reason
    return ""


def _clock(spec: SourceSpec, tools: Tools) -> Iterator[Finding]:
    """The clock beside that of a server."""
    try:
        headers = tools.session.get(spec.options["url"], headers=spec.options.get("headers", {})).headers
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except (HttpError, ValueError):
        return
    if theirs.tzinfo is None:  # -0000: it does not say which zone
        return
    apart = abs(timing.now() - theirs)
    text = f"{timing.format_duration(apart)} from that of {urlsplit(spec.options['url']).hostname}"
    if apart > ASKEW:
        yield bad("clock", text, "turn on time synchronisation: timedatectl set-ntp true")
    else:
        yield fine("clock", text)


def channels(config: Config) -> Iterator[Finding]:
    """Channels that fail, and those through which nothing was ever told."""
    sent: set[str] = set()
    failing: Mapping[str, Any] = {}
    if config.database.exists():
        with Store.open(config.database, now=timing.now()) as store:
            failing = store.health()
            states = (DeliveryState.SENT.value, DeliveryState.PARKED.value)
            found = {
                (spec.name, state): store.deliveries(state=state, channel=spec.name, limit=1)
                for spec in config.channels
                for state in states
            }
        sent = {name for (name, state), rows in found.items() if rows and state == DeliveryState.SENT.value}
        for (name, state), rows in found.items():
            if rows and state == DeliveryState.PARKED.value:
                text = f"{name} has parked deliveries: {rows[0]['last_error']}"
                yield bad("channels", text, f"mend it, then: rasid deliveries retry {rows[0]['id']}")
    for spec in config.channels:
        if spec.name in failing:
            text = f"{spec.name} fails: {failing[spec.name].reason}"
            yield bad("channels", text, f"why: rasid deliveries --channel {spec.name}")
        elif spec.name not in sent:
            text = f"{spec.name} has never told anything"
            yield look("channels", text, f"try it: rasid send-test {spec.name}")
        else:
            yield fine("channels", f"{spec.name} works")
    if not config.ops_notify:
        text = "nobody is told when Rasid itself is in trouble"
        yield look("channels", text, "write for example: ops: {notify: [desk]}")


CHECKS: tuple[Check, ...] = (versions, files, disk, service, names, feeds, channels)
