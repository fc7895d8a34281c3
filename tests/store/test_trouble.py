"""Killed processes, a full disk, and many threads at once: what was committed stays, what was not leaves nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest

from monitor.errors import StoreError
from monitor.store import Store, outbox, reads
from monitor.store.connection import IDLE
from monitor.timing import monotonic
from tests.store.conftest import Look
from tests.store.samples import NOW, article, delivery, failure, fetched, ingest, waiting

DIES_INSIDE = """
import os, signal, sys
from monitor.store import Store
from tests.store.samples import *
store = Store.open(sys.argv[1], write=True, instance="dying", now=NOW)
store.commit(ingest(article("kept"), fetch=fetched(key="kept")), NOW)
statements = 0
def count(statement):
    global statements
    statements += 1
    if statements == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
store._writer._connection.set_trace_callback(count)
store.commit(waiting("one", "two"), NOW)
print("committed", statements, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def run_and_die(database: Path, statement: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DIES_INSIDE, str(database), str(statement)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout


def test_a_commit_that_returned_survives_a_kill(database: Path) -> None:
    assert run_and_die(database, 10**9).startswith("committed")

    with Store.open(database, write=True, now=NOW) as store:
        assert store.article("a-two") is not None
        assert store.cursor("wire") == {"etag": "fetch-1"}


def test_a_kill_at_any_statement_leaves_the_state_before_and_the_fetch_can_be_repeated(tmp_path: Path) -> None:
    statements = int(run_and_die(tmp_path / "whole.db", 10**9).split()[1])
    assert statements > 20

    for statement in {1, 2, 3, statements // 3, statements // 2, statements - 1, statements}:  # the last is COMMIT
        database = tmp_path / f"{statement}.db"
        assert run_and_die(database, statement) == ""
        with Store.open(database, write=True, now=NOW) as store:
            assert store.article("a-kept") is not None
            assert store.article("a-one") is None, statement
            assert store.cursor("wire") == {"etag": "kept"}
            assert store.accounts().matches == 0
            assert store.commit(waiting("one", "two"), NOW) is True
            assert store.accounts().matches == 2


def test_a_full_disk_refuses_one_commit_and_the_store_goes_on(store: Store, look: Look) -> None:
    writer = store._writer
    assert writer is not None
    pages = writer.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    writer.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 5}"))
    big = article("big", text="word " * 100_000)

    with pytest.raises(StoreError, match="the disk is full"):
        store.commit(ingest(big), NOW)
    assert look("SELECT count(*) FROM article") == [(0,)]
    assert store.cursor("wire") == {}
    store.record([failure("wire", "small things still fit")], NOW)

    writer.run(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    assert store.commit(ingest(big), NOW) is True
    assert look("PRAGMA integrity_check") == [("ok",)]


def test_a_file_size_limit_is_a_store_error_too(database: Path) -> None:
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from monitor.errors import StoreError; from monitor.store import Store; from tests.store.samples import *\n"
        "with Store.open(sys.argv[1], write=True, now=NOW) as store:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))\n"
        "    try: store.commit(ingest(article('big', text='word ' * 200_000)), NOW)\n"
        "    except StoreError as error: print('refused')\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "    print(store.commit(ingest(article('small')), NOW), store.article('a-big'))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(database)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )

    assert done.stdout.splitlines() == ["refused", "True None"], done.stderr


def test_an_error_inside_a_transaction_rolls_back_and_the_next_one_works(store: Store, look: Look) -> None:
    def fails(db: Connection) -> None:
        db.execute("INSERT INTO source (id) VALUES ('half')")
        raise ValueError("not SQLite's fault")

    assert store._writer is not None
    with pytest.raises(ValueError, match="not SQLite's fault"):
        store._writer.run(fails)

    store.record([failure("whole", "")], NOW)
    assert look("SELECT id FROM source") == [("whole",)]


def test_a_transaction_belongs_to_the_writer_thread(store: Store) -> None:
    with pytest.raises(StoreError, match="belongs to the writer thread"), store.transaction():
        pass


def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_ever(store: Store) -> None:
    assert store._writer is not None
    with pytest.raises(StoreError, match="may not wait"):
        store._writer.run(lambda db: store.record([failure("wire", "")], NOW))


def test_many_threads_write_through_the_one_writer_and_read_what_they_wrote(store: Store) -> None:
    def work(thread: int) -> None:
        for n in range(10):
            name = f"{thread}-{n}"
            bundle = ingest(
                article(name, source=f"s{thread}"),
                fetch=fetched(source=f"s{thread}", key=name, at=NOW + timedelta(seconds=n)),
            )
            assert store.commit(bundle, NOW)
            assert store.article(f"a-{name}") is not None
            assert store.cursor(f"s{thread}") == {"etag": name}

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, thread) for thread in range(8)]:
            done.result()

    assert [row["articles"] for row in store.sources()] == [10] * 8


def test_each_delivery_goes_to_one_of_many_claimers(store: Store) -> None:
    store.commit(waiting("one"), NOW)
    for n in range(40):
        row = delivery(f"d-{n}", recipient=str(n))
        assert store._writer is not None
        store._writer.run(
            lambda db, row=row: (
                db.execute(  # type: ignore[misc]
                    "INSERT OR IGNORE INTO alert SELECT 'n-1', 'desk', 'k', 1, 'A7K2', 1, '[]', '[]', '', 0, '{}'"
                )
                and db.execute(
                    "INSERT INTO delivery (id, alert, channel, recipient, state, attempts, due, created)"
                    " VALUES (?, 'n-1', 'desk', ?, 'pending', 0, 0, 0)",
                    (row.id, row.recipient),
                )
            )
        )

    def claim_all(_: int) -> list[str]:
        mine = []
        while claimed := store.claim(NOW, limit=3):
            mine += [one.id for one, _ in claimed]
        return mine

    with ThreadPoolExecutor(6) as pool:
        claimed = [one for mine in pool.map(claim_all, range(6)) for one in mine]

    assert sorted(claimed) == sorted(f"d-{n}" for n in range(40))


def _open(database: Path) -> int:
    """How often this process has the database open."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            found += link.readlink() == database
    return found


def test_threads_share_few_connections(store: Store) -> None:
    before = _open(store.path)
    for _ in range(20):
        thread = threading.Thread(target=store.sources)
        thread.start()
        thread.join()
    assert _open(store.path) - before <= 1


def test_threads_that_read_at_once_have_each_its_own_and_few_are_kept(store: Store) -> None:
    reading = threading.Barrier(21)

    def read() -> int:
        with store._readers.snapshot() as db:
            reading.wait(10)
            reading.wait(10)
            return id(db)

    most = set()
    for _ in range(5):
        with ThreadPoolExecutor(20) as pool:
            found = [pool.submit(read) for _ in range(20)]
            reading.wait(10)
            most.add(_open(store.path))
            reading.wait(10)
            assert len({one.result() for one in found}) == 20
        assert len(store._readers._idle) == IDLE
    assert len(most) == 1  # SQLite keeps descriptors of closed connections while others are open, for the next ones


def test_a_connection_that_failed_does_no_harm_to_the_next_read(store: Store) -> None:
    for _ in range(3):
        with pytest.raises(StoreError, match="no such table"), store._readers.snapshot() as db:
            db.execute("SELECT * FROM nowhere")
        with pytest.raises(StoreError), store._readers.snapshot() as db:
            db.close()
            db.execute("SELECT 1")
        assert store.sources() == ()


def test_a_read_under_way_ends_after_the_store_was_closed(database: Path) -> None:
    store = Store.open(database, write=True, now=NOW)
    with store._readers.snapshot() as db:
        assert reads.accounts(db).matches == 0
        store.close()
        assert reads.accounts(db).matches == 0
    assert _open(database) == 0
    with pytest.raises(StoreError, match="the store is closed"):
        store.sources()


def test_a_read_sees_one_commit_from_beginning_to_end(store: Store) -> None:
    with store._readers.snapshot() as db:
        assert reads.accounts(db).matches == 0
        other = threading.Thread(target=store.commit, args=(waiting("one"), NOW))
        other.start()
        other.join()
        assert reads.accounts(db).matches == 0
        assert store.accounts().matches == 0  # a read within a read shares its snapshot
    assert store.accounts().matches == 1


def test_closing_finishes_what_is_queued(database: Path, look: Look) -> None:
    store = Store.open(database, write=True, now=NOW)
    assert store._writer is not None
    go = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        blocked = pool.submit(store._writer.run, lambda db: go.wait(10))
        queued = pool.submit(store.record, [failure("wire", "queued")], NOW)
        deadline = monotonic() + 10
        while store._writer._jobs.empty() and monotonic() < deadline:
            threading.Event().wait(0.01)
        closing = pool.submit(store.close)
        go.set()
        for done in (blocked, queued, closing):
            done.result(10)

    assert look("SELECT last_error FROM source") == [("queued",)]


@contextlib.contextmanager
def killed(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.communicate()


def test_a_reader_outlives_the_death_of_the_writer(database: Path) -> None:
    program = (
        "import sys, time; from monitor.store import Store; from tests.store.samples import *\n"
        "store = Store.open(sys.argv[1], write=True, now=NOW)\n"
        "store.commit(waiting('one'), NOW); print('ready', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(database)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with killed(process):
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with Store.open(database, now=NOW) as reader:
            assert reader.accounts().matches == 1
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
            assert reader.accounts().matches == 1
            with Store.open(database, write=True, now=NOW) as store:
                store.commit(ingest(fetch=fetched(key="after")), NOW)
            assert reader.cursor("wire") == {"etag": "after"}


def test_freeing_leases_is_harmless_when_there_are_none(store: Store) -> None:
    assert store._writer is not None
    store._writer.run(outbox.free_leases)
