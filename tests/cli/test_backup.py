"""`rasid backup` and `rasid restore`."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.store import Store, copies
from monitor.timing import now
from tests.flows.site import ATTACK, STORM, Site
from tests.store.samples import NOW, article, fetched, ingest


@pytest.fixture
def filled(site: Site) -> Site:
    site.put("one.json", ATTACK)
    assert site.rasid("run", "--once").exit_code == 0
    return site


def query(file: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def test_a_copy_is_whole_private_and_one_file(filled: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"

    result = filled.rasid("backup", str(copy))

    assert result.output == f"{copy}: 1 article, 1 match, verified\n"
    assert query(copy, "PRAGMA integrity_check") == [("ok",)]
    assert query(copy, "SELECT title FROM articles") == [(ATTACK["title"],)]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.db"]


def test_it_is_made_while_another_writes_and_holds_one_commit(filled: Site, tmp_path: Path) -> None:
    ending = threading.Event()

    def write(store: Store) -> None:
        number = 0
        while not ending.is_set():
            number += 1
            pair = [article(f"{number}-{half}", text=f"text {number} " * 500) for half in "ab"]
            store.commit(
                ingest(*pair, fetch=fetched(*pair, key=str(number), at=NOW + timedelta(seconds=number))), NOW
            )

    with Store.open(filled.database, write=True, now=NOW) as store:
        writer = threading.Thread(target=write, args=(store,))
        writer.start()
        results = [filled.rasid("backup", str(tmp_path / f"{n}.db")) for n in range(5)]
        ending.set()
        writer.join()

    assert [result.exit_code for result in results] == [0] * 5
    for n in range(5):
        counts = query(tmp_path / f"{n}.db", "SELECT substr(id, 1, length(id) - 1), count(*) FROM article GROUP BY 1")
        assert {count for name, count in counts if str(name).startswith("a-")} <= {2}


def test_the_newest_copies_stay_and_nothing_else_is_touched(filled: Site, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    for day in range(1, 6):
        (folder / f"rasid-2026010{day}T000000Z.db").write_text("old")
    (folder / "rasid-notes.db").write_text("mine")
    (folder / "other-20260101T000000Z.db").write_text("another's")

    made = filled.json("backup", str(folder), "--keep", "3")

    names = sorted(path.name for path in folder.iterdir())
    new = Path(made["file"]).name
    assert names == ["other-20260101T000000Z.db", "rasid-20260104T000000Z.db", "rasid-20260105T000000Z.db", new,
                     "rasid-notes.db"]  # fmt: skip
    assert (made["articles"], made["matches"], len(made["deleted"])) == (1, 1, 3)


def test_what_cannot_be_done_is_said(filled: Site, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("precious")

    assert filled.rasid("backup", str(there)).stderr == f"{there}: there is such a file already\n"
    assert there.read_text() == "precious"
    assert filled.rasid("backup", str(tmp_path / "a" / "b.db")).stderr == f"there is no folder {tmp_path}/a\n"
    assert filled.rasid("backup", str(tmp_path / "c.db"), "--keep", "2").exit_code == 2


def test_a_disk_without_room_leaves_no_half_a_copy(filled: Site, tmp_path: Path) -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))\n"
        "from monitor.cli import main; main(prog_name='rasid')"
    )
    command = [sys.executable, "-c", program, "--config", str(filled.config), "backup", str(tmp_path / "copy.db")]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, "the disk is full, or cannot be written" in done.stderr) == (1, True), done.stderr
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == []


def test_a_damaged_database_gives_no_copy(filled: Site, tmp_path: Path) -> None:
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM article")
        connection.commit()

    result = filled.rasid("backup", str(tmp_path / "copy.db"))

    assert (result.exit_code, "the database is damaged: a row of " in result.stderr) == (1, True)
    assert not (tmp_path / "copy.db").exists()


def test_a_copy_is_put_back_and_the_replaced_database_stays(filled: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    filled.rasid("backup", str(copy))
    filled.put("two.json", STORM)
    filled.rasid("run", "--once")

    result = filled.rasid("restore", str(copy))

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith(f"Restored {filled.database}: 1 article, 1 match, as of ")
    (aside,) = filled.folder.glob("rasid.db.replaced-*Z")
    assert lines[1] == f"The replaced database is {aside}; delete it when all is well."
    assert "is told again, under new ids" in result.output
    assert [row["title"] for row in filled.json("matches")] == [ATTACK["title"]]
    assert query(aside, "SELECT count(*) FROM article") == [(2,)]
    assert filled.rasid("run", "--once").exit_code == 0
    assert stat.S_IMODE(filled.database.stat().st_mode) == 0o600


def test_what_was_in_the_log_of_the_replaced_database_goes_aside_with_it(filled: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    filled.rasid("backup", str(copy))
    reader = sqlite3.connect(filled.database)  # whoever reads keeps the log from being put into the file
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM article").fetchall()
    filled.put("two.json", STORM)
    filled.rasid("run", "--once")
    assert filled.database.with_name("rasid.db-wal").stat().st_size > 0

    filled.rasid("restore", str(copy))
    reader.close()

    (aside,) = filled.folder.glob("rasid.db.replaced-*Z")
    assert query(aside, "SELECT count(*) FROM article") == [(2,)]
    assert query(filled.database, "SELECT count(*) FROM article") == [(1,)]


def test_nothing_is_put_back_while_somebody_holds_the_database(filled: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    filled.rasid("backup", str(copy))
    with Store.open(filled.database, write=True, now=now()):
        result = filled.rasid("restore", str(copy))

    assert (result.exit_code, "is being written by process" in result.stderr) == (75, True)
    assert list(filled.folder.glob("*replaced*")) == []


def test_without_a_database_the_copy_becomes_it(filled: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    filled.rasid("backup", str(copy))
    for path in filled.folder.glob("rasid.db*"):
        path.unlink()

    assert "The replaced" not in filled.rasid("restore", str(copy)).output
    assert len(filled.json("matches")) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such file"),
        (b"", "this file is empty"),
        (b"not a database at all, but long enough to have a header" * 40, "the database is damaged"),
    ],
)
def test_what_is_no_copy_is_not_put_back(filled: Site, tmp_path: Path, content: bytes | None, words: str) -> None:
    copy = tmp_path / "copy.db"
    if content is not None:
        copy.write_bytes(content)
    before = filled.json("matches")

    result = filled.rasid("restore", str(copy))

    assert (result.exit_code, words in result.stderr) == (1, True), result.stderr
    assert filled.json("matches") == before


def test_a_copy_with_a_damaged_page_is_not_put_back(filled: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    filled.rasid("backup", str(copy))
    with copy.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 4096 * 20)

    assert filled.rasid("restore", str(copy)).exit_code == 1
    assert list(filled.folder.glob("*replaced*")) == []


def test_the_database_is_no_copy_of_itself(filled: Site) -> None:
    assert "this is the database itself" in filled.rasid("restore", str(filled.database)).stderr


def test_a_replaced_database_can_be_put_back_itself(filled: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    filled.rasid("backup", str(copy))
    shutil.copy(copy, tmp_path / "aside.db")

    found, _ = copies.put_back(tmp_path / "aside.db", filled.database, now())

    assert (found.articles, found.matches) == (1, 1)
    with pytest.raises(StoreError, match="there is such a file already"):
        at = now()
        for _ in range(2):
            copies.put_back(copy, filled.database, at)
