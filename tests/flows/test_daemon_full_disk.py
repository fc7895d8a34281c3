"""A disk that is full, or nearly: nothing is lost or damaged, what is small goes on, the operator hears of it."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.daemon.space import AGAIN_S, Space, free_bytes
from tests.flows.daemon import Daemon, until
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, RULES, Site

AT_ONCE = RULES.replace("throttle: 2h", "group_wait: 0s, group_by: none")
SECOND = {"title": "A second attack", "text": "It came at noon."}


def titles(receiver: Receiver) -> list[str]:
    return [article["title"] for body in list(receiver.bodies) for article in body["articles"]]


def is_whole(site: Site) -> bool:
    with closing(sqlite3.connect(site.database)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB. Making one is for root; where that is not allowed the limit on files stands in."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def make_site(folder: Path, receiver: Receiver, database: Path, free: str) -> Site:
    site = Site(
        folder=folder,
        channels={"desk": f"{{kind: webhook, url: '{receiver.url}', retry: 10ms}}"},
        rules=AT_ONCE,
        extra=f"ops: {{notify: [desk]}}\nkeep: {{free: {free}}}",
    )
    site.config.write_text(
        site.config.read_text(encoding="utf-8").replace("database: rasid.db", f"database: {database}"),
        encoding="utf-8",
    )
    return site


def fill(folder: Path, leave: int) -> Path:
    """Take what is free but for so many bytes."""
    filler = folder / "filler"
    with filler.open("wb") as out:
        out.truncate(0)
        while (room := free_bytes(filler) - leave) > 0:
            out.write(b"x" * min(room, 1 << 16))
            out.flush()
    return filler


def test_a_disk_nearly_full_stops_ingest_and_nothing_else(
    tmp_path: Path, small_disk: Path, receiver: Receiver
) -> None:
    site = make_site(tmp_path, receiver, small_disk / "rasid.db", "8MB")
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        until(lambda: titles(receiver) == [ATTACK["title"]])
        filler = fill(small_disk, 6 * 10**6)
        daemon.wait_for("the disk is nearly full: polling and ingest wait")
        site.put("two.json", SECOND)
        until(lambda: "The disk is nearly full; no new articles are taken" in titles(receiver))  # delivery goes on
        assert (site.drop / "two.json").exists()
        assert site.json("status")["daemon"]["disk"]["low"] is True
        filler.unlink()
        daemon.wait_for("the disk has room again: polling and ingest go on")
        until(lambda: SECOND["title"] in titles(receiver))
        until(lambda: "The disk has room again; new articles are taken" in titles(receiver))
        assert daemon.stop() == 0
    assert sorted(titles(receiver)) == sorted(
        [
            ATTACK["title"],
            SECOND["title"],
            "The disk has room again; new articles are taken",
            "The disk is nearly full; no new articles are taken",
        ]
    )
    with closing(sqlite3.connect(small_disk / "rasid.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_disk_with_no_byte_left_loses_and_damages_nothing(
    tmp_path: Path, small_disk: Path, receiver: Receiver
) -> None:
    site = make_site(tmp_path, receiver, small_disk / "rasid.db", "1B")
    big = {"title": "A long report of an attack", "text": "The attack. " + "One more word follows. " * 20_000}
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        until(lambda: titles(receiver) == [ATTACK["title"]])
        filler = fill(small_disk, 0)
        site.put("big.json", big)
        daemon.wait_for("the disk is nearly full")
        assert not any("could not be judged" in line for line in daemon.lines)
        filler.unlink()
        until(lambda: big["title"] in titles(receiver), 60)
        assert daemon.stop() == 0
    assert [row["failures"] for row in site.json("sources")] == [0]
    with closing(sqlite3.connect(small_disk / "rasid.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_limit_on_files_is_like_a_full_disk_and_over_when_it_is_lifted(tmp_path: Path, receiver: Receiver) -> None:
    site = make_site(tmp_path, receiver, tmp_path / "rasid.db", "1MB")
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        until(lambda: titles(receiver) == [ATTACK["title"]])
        pid = daemon.process.pid
        soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
        site.put("two.json", SECOND)
        daemon.wait_for("the disk is nearly full: polling and ingest wait")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
        until(lambda: SECOND["title"] in titles(receiver), 60)
        until(lambda: "The disk has room again; new articles are taken" in titles(receiver))
        assert daemon.stop() == 0
    assert [row["failures"] for row in site.json("sources")] == [0]
    assert is_whole(site)


def test_a_command_says_plainly_that_the_disk_is_full(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.put("one.json", ATTACK)
    site.rasid("run", "--once")
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))"
    program = f"{limited}; from monitor.cli import main; main(prog_name='rasid')"

    done = subprocess.run(
        [sys.executable, "-B", "-c", program, "--config", str(site.config), "silence", "rule=attack", "2h", "test"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "the disk is full, or cannot be written; nothing of this change was kept" in done.stderr


def looked(free: int, floor: int = 100, *, clock: Callable[[], float] = lambda: 0.0) -> Space:
    space = Space(Path("rasid.db"), lambda path: free, clock)
    space.look(floor)
    return space


def test_below_the_floor_it_is_low_and_a_tenth_above_it_is_well_again() -> None:
    rooms = iter([100, 99, 105, 111, 105])
    space = Space(Path("rasid.db"), lambda path: next(rooms))
    seen = []
    for _ in range(5):
        space.look(100)
        seen.append(space.is_low)

    assert seen == [False, True, True, False, False]


def test_a_commit_that_found_no_room_counts_for_some_seconds() -> None:
    now = 0.0
    space = looked(10**9, clock=lambda: now)
    space.felt_full()
    assert space.is_low
    now = AGAIN_S
    space.look(100)
    assert not space.is_low


def test_a_file_system_that_does_not_say_is_not_low() -> None:
    def fails(path: Path) -> int:
        raise PermissionError("not for you")

    space = Space(Path("rasid.db"), fails)
    space.look(100)

    assert (space.is_low, space.shown()) == (False, {"free": 200, "floor": 100, "low": False})
