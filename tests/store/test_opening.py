"""Opening a database: its pragmas, its migrations, its lock, and which files are refused."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import StoreError, StoreLocked
from monitor.store import Store, schema
from monitor.store.connection import open_reader, open_writer
from tests.store.conftest import Look
from tests.store.samples import NOW, article, failure, ingest

PRAGMAS = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "trusted_schema")


def test_the_writing_connection_is_set_up_as_the_design_says(database: Path) -> None:
    connection = open_writer(database)
    try:
        assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS] == ["wal", 2, 10000, 1, 0]
    finally:
        connection.close()


def test_a_reading_connection_cannot_write(store: Store, database: Path) -> None:
    connection = open_reader(database)
    try:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("INSERT INTO source (id) VALUES ('x')")
    finally:
        connection.close()


def test_only_its_owner_reads_a_new_database(store: Store, database: Path) -> None:
    files = [path for path in database.parent.glob("*.db*") if not path.is_socket()]
    assert {path.name: stat.filemode(path.stat().st_mode) for path in files if path.stat().st_mode & 0o077} == {}
    assert database in files


def test_a_new_database_says_what_it_is(store: Store, look: Look) -> None:
    assert look("PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert look("PRAGMA user_version") == [(schema.known_version(),)]


def test_every_table_is_strict(store: Store, look: Look) -> None:
    loose = look("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0")

    assert {name for (name,) in loose} <= {"sqlite_schema", "_sqlite_migrations"}


def test_opening_twice_migrates_once(database: Path, look: Look) -> None:
    for _ in range(2):
        Store.open(database, write=True, now=NOW).close()

    assert look("SELECT count(*) FROM _sqlite_migrations") == [(schema.known_version(),)]


def test_an_older_database_is_brought_up_to_date_and_keeps_what_it_has(database: Path, look: Look) -> None:
    with Store.open(database, write=True, now=NOW) as store:
        store.commit(ingest(article()), NOW)
    with sqlite3.connect(database, isolation_level=None) as connection:
        for (view,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
            connection.execute(f"DROP VIEW {view}")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = '0002-views'")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(StoreError, match="older Rasid"):
        Store.open(database, now=NOW)

    Store.open(database, write=True, now=NOW).close()

    assert look("SELECT id FROM articles") == [("a-one",)]


def test_a_failing_migration_leaves_the_file_as_it_was(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "VIEWS", "CREATE VIEW broken AS SELECT 1;\nCREATE VIEW broken AS SELECT 2;\n")
    with pytest.raises(StoreError, match="broken"):
        Store.open(database, write=True, now=NOW)
    monkeypatch.undo()

    with Store.open(database, write=True, now=NOW) as store:
        assert store.sources() == ()


def test_a_newer_database_is_refused(database: Path) -> None:
    Store.open(database, write=True, now=NOW).close()
    with sqlite3.connect(database) as connection:
        connection.execute(f"PRAGMA user_version = {schema.known_version() + 1}")
    connection.close()

    for write in (True, False):
        with pytest.raises(StoreError, match=r"rasid\.db: the database was made by a newer Rasid"):
            Store.open(database, write=write, now=NOW)


def test_another_programs_database_is_refused_untouched(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()

    for write in (True, False):
        with pytest.raises(StoreError, match="not a database of Rasid"):
            Store.open(database, write=write, now=NOW)


def test_a_file_that_is_no_database_is_refused(database: Path) -> None:
    database.write_bytes(b"plain words, no database at all\n" * 100)

    for write in (True, False):
        with pytest.raises(StoreError, match="damaged"):
            Store.open(database, write=write, now=NOW)


def test_a_damaged_page_is_a_store_error(database: Path) -> None:
    with Store.open(database, write=True, now=NOW) as store:
        store.commit(ingest(*(article(f"n{n}", text="word " * 500) for n in range(50))), NOW)
    whole = database.read_bytes()
    database.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))

    with (
        pytest.raises(StoreError, match=r"rasid\.db: the database is damaged"),
        Store.open(database, now=NOW) as store,
    ):
        store.candidates(())
        store.article("a-n1")


def test_reading_before_there_is_a_database_says_what_to_do(database: Path) -> None:
    with pytest.raises(StoreError, match="there is no database yet"):
        Store.open(database, now=NOW)
    assert not database.exists()


def test_a_store_open_for_reading_refuses_to_write(store: Store, database: Path) -> None:
    with Store.open(database, now=NOW) as reader, pytest.raises(StoreError, match="for reading only"):
        reader.record([failure("wire", "no answer")], NOW)


def test_a_closed_store_refuses_everything(database: Path) -> None:
    store = Store.open(database, write=True, now=NOW)
    store.close()
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.record([failure("wire", "no answer")], NOW)
    with pytest.raises(StoreError, match="closed"):
        store.sources()


def test_a_second_writer_is_told_who_writes(store: Store, database: Path) -> None:
    with pytest.raises(StoreLocked, match=f"process {os.getpid()}"):
        Store.open(database, write=True, now=NOW)


def test_a_second_writer_by_another_name_of_the_file_is_locked_out_too(store: Store, database: Path) -> None:
    link = database.with_name("link.db")
    link.symlink_to(database)

    with pytest.raises(StoreLocked):
        Store.open(link, write=True, now=NOW)


def test_another_process_is_locked_out_and_may_read(store: Store, database: Path) -> None:
    store.record([failure("wire", "no answer")], NOW)
    program = (
        "import sys; from datetime import datetime, UTC; from monitor.store import Store\n"
        "from monitor.errors import StoreLocked\n"
        "now = datetime.now(UTC)\n"
        "print(Store.open(sys.argv[1], now=now).sources()[0]['last_error'])\n"
        "try: Store.open(sys.argv[1], write=True, now=now)\n"
        "except StoreLocked as error: print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(database)], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.splitlines() == [
        "no answer",
        f"{database} is being written by process {os.getpid()}; try again when it has ended",
    ]


def test_the_lock_is_free_after_closing(database: Path) -> None:
    Store.open(database, write=True, now=NOW).close()
    Store.open(database, write=True, now=NOW).close()


def test_a_lock_without_a_number_still_locks(store: Store, database: Path) -> None:
    database.with_name("rasid.db.lock").write_text("")

    with pytest.raises(StoreLocked, match="another process"):
        Store.open(database, write=True, now=NOW)


def test_a_lock_file_that_cannot_be_opened_is_a_store_error(database: Path) -> None:
    database.with_name("rasid.db.lock").mkdir()

    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(database, write=True, now=NOW)


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "file" / "rasid.db", write=True, now=NOW)


def test_lock_and_socket_are_for_the_owner_only(store: Store, database: Path) -> None:
    modes = [stat.S_IMODE(database.with_name(f"rasid.db.{name}").stat().st_mode) for name in ("lock", "sock")]

    assert modes == [0o600, 0o600]


def test_the_path_may_hold_any_character(tmp_path: Path) -> None:
    database = tmp_path / "a b?c#d%20ع" / "rasid.db"
    with Store.open(database, write=True, now=NOW) as store:
        store.commit(ingest(article()), NOW)
    with Store.open(database, now=NOW) as reader:
        assert reader.article("a-one") == article()


PROMISED = {
    "alerts": "id channel code sequence severity rules group_key reason created matches deliveries sent",
    "articles": "id source title url publisher language author published first_seen changed version story matches "
    "text",
    "deliveries": "id alert code sequence channel recipient state attempts due created settled last_error receipt "
    "rules severity",
    "files": "source name sha256 reason first_taken last_taken times articles",
    "groups": "channel key code state opened last_member last_told quiet_until due sequence pending",
    "matches": "number article version title url source publisher rule severity entities spans matched channel "
    "disposition reason group_key code alert story lost_in_version quotes excerpt",
    "sources": "id failures first_parsed last_success last_article last_error last_error_at not_before articles",
    "stories": "id title size first_seen last_seen head",
}
"""The columns of the views, which others' queries and pages name."""


@pytest.mark.parametrize("view", PROMISED)
def test_columns_of_the_views_stay(store: Store, look: Look, view: str) -> None:
    columns = {name for (name,) in look(f"SELECT name FROM pragma_table_info('{view}')")}

    assert set(PROMISED[view].split()) - columns == set()


def test_every_view_can_be_read(store: Store, look: Look) -> None:
    views = [name for (name,) in look("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")]

    assert views == [*PROMISED]
    assert [look(f"SELECT * FROM {view}") for view in views] == [[]] * len(views)
