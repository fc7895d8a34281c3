"""The kind `folder`, on real folders."""

from __future__ import annotations

import gzip
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import SourceError
from monitor.model import Fetched, Place, SourceSpec
from monitor.sources import Source, Tools, build
from monitor.sources.dropbox import DEEPEST, Dropbox
from monitor.sources.parser import Parser
from tests.sources.conftest import NOW

PAGE = "Gulf Daily\nBase attacked\n\nTwo rockets hit the base.\n"


class Drop:
    """A folder source, and scans of it that are as far apart as asked."""

    def __init__(self, path: Path, tools: Tools, **options: Any) -> None:
        self.path = path
        self.source: Source = build(
            SourceSpec(id="wire", kind="folder", options={"folder": str(path), **options}, tags=("wire",)), tools
        )
        self.now = NOW
        self.cursor: Any = {}

    def scan(self, *, after: float = 2.0, commits: bool = True) -> Fetched:
        """One fetch `after` seconds; its cursor counts for the next one when it `commits`."""
        self.now += timedelta(seconds=after)
        fetched = self.source.fetch(self.cursor, self.now)
        if commits:
            self.cursor = fetched.cursor
        return fetched

    def until_done(self) -> list[Fetched]:
        """Scan until nothing is pending, as `run --once` does."""
        scans = [self.scan()]
        while self.source.is_pending(self.cursor):
            assert len(scans) < 10
            scans.append(self.scan())
        return scans

    def names(self, where: str = ".") -> list[str]:
        """The files in a folder of the drop folder."""
        folder = self.path / where
        return sorted(entry.name for entry in folder.iterdir() if not entry.is_dir()) if folder.is_dir() else []

    def reason(self, name: str) -> str:
        """Why a file failed."""
        return (self.path / "failed" / f"{name}.reason.txt").read_text("utf-8").strip()


@pytest.fixture
def drop(tmp_path: Path, tools: Tools) -> Drop:
    return Drop(tmp_path, tools)


# --- when a file is taken ----------------------------------------------------------------------------------


def test_file_is_taken_when_it_stood_still_and_moved_after_the_commit(drop: Drop) -> None:
    (drop.path / "a.txt").write_text(PAGE)

    first, second = drop.scan(), drop.scan()
    assert (first.unchanged, first.articles, drop.source.is_pending(first.cursor)) == (True, (), True)
    (article,) = second.articles
    assert (article.title, article.publisher, article.tags) == ("Base attacked", "Gulf Daily", ("wire",))
    (file,) = second.files
    assert (file.name, file.articles, file.reason) == ("a.txt", (article.id,), "")
    assert (second.complete, drop.names()) == (False, ["a.txt"])

    third = drop.scan()
    assert (third.unchanged, drop.names(), drop.names("processed")) == (True, [], ["a.txt"])
    assert not drop.source.is_pending(drop.cursor)


def test_file_that_grows_is_waited_for(drop: Drop) -> None:
    with (drop.path / "a.txt").open("w") as file:
        for part in PAGE.splitlines(keepends=True):
            file.write(part)
            file.flush()
            assert drop.scan().articles == ()
    assert len(drop.scan().articles) == 1


def test_scans_closer_than_two_seconds_are_not_enough(drop: Drop) -> None:
    (drop.path / "a.txt").write_text(PAGE)

    assert [len(drop.scan(after=seconds).articles) for seconds in (0, 0.5, 1.4, 0.1)] == [0, 0, 0, 1]


def test_settling_time_is_an_option(tmp_path: Path, tools: Tools) -> None:
    (tmp_path / "a.txt").write_text(PAGE)

    assert len(Drop(tmp_path, tools, settle="0s").scan().articles) == 1


def test_clock_that_jumps_back_only_delays(drop: Drop) -> None:
    (drop.path / "a.txt").write_text(PAGE)

    assert [len(drop.scan(after=seconds).articles) for seconds in (0, -3600, 1, 1)] == [0, 0, 0, 1]


def test_file_renamed_over_another_is_waited_for_anew(drop: Drop) -> None:
    (drop.path / "a.txt").write_text(PAGE)
    drop.scan()
    (drop.path / ".new").write_text(PAGE)
    (drop.path / ".new").rename(drop.path / "a.txt")

    assert drop.scan().articles == ()
    assert len(drop.scan().articles) == 1


def test_nothing_is_moved_before_the_commit_and_nothing_lost(drop: Drop) -> None:
    (drop.path / "a.txt").write_text(PAGE)
    drop.scan()

    lost = drop.scan(commits=False)
    again = drop.scan(commits=False)
    assert [a.id for a in lost.articles] == [a.id for a in again.articles] != []
    assert drop.names() == ["a.txt"]


def test_file_replaced_between_commit_and_move_is_read_and_not_moved(drop: Drop) -> None:
    (drop.path / "a.txt").write_text(PAGE)
    drop.scan()
    drop.scan()
    (drop.path / "a.txt").write_text(PAGE.replace("Two", "Three"))

    assert [scan.articles[0].text for scan in drop.until_done() if scan.articles] == ["Three rockets hit the base."]
    assert drop.names("processed") == ["a.txt"]


@pytest.mark.parametrize("reason", ["", "not UTF-8"], ids=["taken", "failed"])
def test_file_replaced_between_scan_and_move_stays_to_be_read(drop: Drop, reason: str) -> None:
    (drop.path / "a.txt").write_text("the old one")
    with Dropbox(drop.path) as box:
        entry = box.entries()["a.txt"]
        (drop.path / "b.txt").write_text("the new one")
        (drop.path / "b.txt").replace(drop.path / "a.txt")
        box.move(entry, reason)

    files = {path.name: path.read_text() for path in drop.path.rglob("*") if path.is_file()}
    assert files == {"a.txt": "the new one"}


def test_same_bytes_again_are_moved_under_another_name_with_the_same_article(drop: Drop) -> None:
    ids = []
    for _ in range(3):
        (drop.path / "a.txt").write_text(PAGE)
        ids += [article.id for scan in drop.until_done() for article in scan.articles]

    assert len(ids) == 3 and len(set(ids)) == 1
    assert drop.names("processed") == ["a.2.txt", "a.3.txt", "a.txt"]


def test_edit_in_the_same_scan_waits_its_turn(drop: Drop) -> None:
    (drop.path / "1.json").write_text('{"id": "x", "title": "first", "text": "t"}')
    (drop.path / "2.json").write_text('{"id": "x", "title": "second", "text": "t"}')
    os.utime(drop.path / "1.json", ns=(10**18, 10**18))
    os.utime(drop.path / "2.json", ns=(10**18 + 1, 10**18 + 1))

    assert [[a.title for a in scan.articles] for scan in drop.until_done() if scan.articles] == [
        ["first"],
        ["second"],
    ]


def test_many_files_are_taken_in_several_fetches(drop: Drop) -> None:
    for number in range(450):
        (drop.path / f"{number}.txt").write_text(f"Name\nTitle {number}\nText.")

    counts = [len(scan.articles) for scan in drop.until_done()]
    assert (sum(counts), max(counts)) == (450, 200)
    assert drop.names() == []


# --- what is not taken -------------------------------------------------------------------------------------


def test_hidden_and_unfinished_files_are_left_alone(drop: Drop) -> None:
    names = [".hidden.txt", "a.filepart", "a.tmp", "a.txt.part", "a.txt~"]
    for folder in (".", "sub", ".hidden", "processed", "failed"):
        (drop.path / folder).mkdir(exist_ok=True)
        for name in names:
            (drop.path / folder / name).write_text(PAGE)
    (drop.path / ".hidden" / "a.txt").write_text(PAGE)
    (drop.path / "processed" / "a.txt").write_text(PAGE)

    assert [scan.files for scan in drop.until_done()] == [()]
    assert drop.names() == drop.names("sub") == names


# --- sub-folders -------------------------------------------------------------------------------------------


def test_names_of_sub_folders_are_tags_and_stay_in_processed(drop: Drop) -> None:
    (drop.path / "iraq" / "wire").mkdir(parents=True)
    (drop.path / "iraq" / "wire" / "a.txt").write_text(PAGE)
    (drop.path / "iraq" / "b.pdf").write_text(PAGE)

    files = [file for scan in drop.until_done() for file in scan.files]
    assert sorted(file.name for file in files) == ["iraq/b.pdf", "iraq/wire/a.txt"]
    assert drop.names("processed/iraq/wire") == ["a.txt"]
    assert drop.names("failed/iraq") == ["b.pdf", "b.pdf.reason.txt"]


def test_tags_of_the_source_come_first_and_none_twice(drop: Drop) -> None:
    (drop.path / "iraq" / "wire").mkdir(parents=True)
    (drop.path / "iraq" / "wire" / "a.txt").write_text(PAGE)

    (article,) = (article for scan in drop.until_done() for article in scan.articles)
    assert article.tags == ("wire", "iraq")


def test_sub_folder_that_is_a_link_is_not_entered(drop: Drop, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.txt").write_text(PAGE)
    (drop.path / "link").symlink_to(elsewhere)

    assert sum(len(scan.articles) for scan in drop.until_done()) == 0
    assert (elsewhere / "a.txt").exists()
    assert drop.reason("link") == "a symbolic link; only regular files are read"


def test_sub_folder_that_becomes_a_link_is_neither_read_nor_emptied(
    drop: Drop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.txt").write_text(PAGE)
    (drop.path / "sub").mkdir()
    (drop.path / "sub" / "a.txt").write_text(PAGE)
    with Dropbox(drop.path) as box:
        entry = box.entries()["sub/a.txt"]
        (drop.path / "sub" / "a.txt").unlink()
        (drop.path / "sub").rmdir()
        (drop.path / "sub").symlink_to(elsewhere)
        with pytest.raises(SourceError, match="cannot be opened"):
            box.read(entry, 1000)
        with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
            box.move(entry)

    assert (elsewhere / "a.txt").exists()


def test_folders_are_looked_into_as_deep_as_people_make_them(drop: Drop) -> None:
    path = drop.path
    for number in range(DEEPEST + 1):
        path = path / f"d{number}"
        path.mkdir()
        (path / "a.txt").write_text(f"Name\nTitle {number}\nText.")

    assert sum(len(scan.articles) for scan in drop.until_done()) == DEEPEST


# --- a folder that is kept ---------------------------------------------------------------------------------


def test_kept_folder_is_read_once_and_left_as_it_is(tmp_path: Path, tools: Tools) -> None:
    drop = Drop(tmp_path, tools, keep="yes")
    (drop.path / "sub").mkdir()
    (drop.path / "sub" / "a.txt").write_text(PAGE)
    (drop.path / "b.pdf").write_text(PAGE)

    scans = [*drop.until_done(), drop.scan(), drop.scan()]

    assert [len(scan.articles) for scan in scans] == [0, 1, 0, 0]
    assert sorted(file.reason[:20] for scan in scans for file in scan.files) == ["", "unknown kind of file"]
    assert scans[-1].unchanged and scans[-1].cursor == scans[-2].cursor
    assert all(scan.warnings == () for scan in scans)
    assert sorted(path.name for path in drop.path.rglob("*")) == ["a.txt", "b.pdf", "sub"]


def test_changed_file_of_a_kept_folder_is_read_again_and_a_lost_one_forgotten(tmp_path: Path, tools: Tools) -> None:
    drop = Drop(tmp_path, tools, keep="yes")
    (drop.path / "a.json").write_text('{"id": "x", "title": "first"}')
    (drop.path / "b.txt").write_text(PAGE)
    drop.until_done()
    (drop.path / "a.json").write_text('{"id": "x", "title": "second"}')
    (drop.path / "b.txt").unlink()

    assert [article.title for scan in drop.until_done() for article in scan.articles] == ["second"]
    assert set(drop.cursor) == {"kept"} and set(drop.cursor["kept"]) == {"a.json"}


def test_folder_that_is_kept_from_now_on_does_not_read_anew(tmp_path: Path, tools: Tools) -> None:
    moving, keeping = Drop(tmp_path, tools), Drop(tmp_path, tools, keep="yes")
    (tmp_path / "a.txt").write_text(PAGE)
    moving.scan()
    keeping.cursor = moving.scan().cursor
    keeping.now = moving.now

    assert [len(scan.articles) for scan in keeping.until_done()] == [0]
    assert keeping.names() == ["a.txt"]


def test_packed_files_unpack_to_no_more_than_one_fetch_holds(drop: Drop) -> None:
    for number in range(12):
        body = f"Name\nTitle {number}\n" + "word " * 1_200_000
        (drop.path / f"{number}.txt.gz").write_bytes(gzip.compress(body.encode(), 1))

    counts = [len(scan.articles) for scan in drop.until_done() if scan.articles]
    assert (sum(counts), max(counts)) == (12, 9)


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.txt", b"abc\xff", "not UTF-8 at byte 3"),
        ("a.txt", b"", "the file is empty"),
        (
            "a.json",
            b"{",
            "the file is not JSON: Expecting property name enclosed in double quotes at line 1, column 2",
        ),
        (
            "a.pdf",
            b"%PDF",
            "unknown kind of file '.pdf'; expected one of .txt, .text, .md, .markdown, .html, .htm, .xhtml,"
            " .json, .ndjson, .jsonl, .eml, .xml, .rss, .atom, .rdf, .gz",
        ),
        ("a.txt", b"x" * 101, "larger than 100 bytes (max_size)"),
    ],
)
def test_unreadable_file_goes_to_failed_with_its_reason(
    tmp_path: Path, tools: Tools, name: str, body: bytes, reason: str
) -> None:
    drop = Drop(tmp_path, tools, max_size="100B")
    (drop.path / name).write_bytes(body)

    scans = drop.until_done()

    assert [(file.name, file.reason, file.articles) for scan in scans for file in scan.files] == [(name, reason, ())]
    assert drop.names("failed") == [name, f"{name}.reason.txt"]
    assert (drop.reason(name), drop.names()) == (reason, [])


def test_same_name_fails_twice_and_both_are_kept(drop: Drop) -> None:
    for body in (b"\xff", b"a\xff"):
        (drop.path / "a.txt").write_bytes(body)
        drop.until_done()

    assert drop.names("failed") == ["a.2.txt", "a.2.txt.reason.txt", "a.txt", "a.txt.reason.txt"]
    assert (drop.reason("a.txt"), drop.reason("a.2.txt")) == ("not UTF-8 at byte 0", "not UTF-8 at byte 1")


def test_file_waits_for_a_parser_that_does_not_start(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Parser(workers=1) as unstarted:
        drop = Drop(tmp_path, replace(tools, parser=unstarted))
        (drop.path / "a.txt").write_text(PAGE)
        drop.scan()
        with monkeypatch.context() as broken:
            broken.setattr("monitor.sources.parser._MODULE", "monitor.no_such_module")
            with pytest.raises(SourceError, match="the parser did not start"):
                drop.scan()
        assert [article.title for article in drop.scan().articles] == ["Base attacked"]
        drop.scan()
        assert (drop.names("failed"), drop.names("processed")) == ([], ["a.txt"])


_opened: list[str] = []
_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event == "open":
        _opened.append(str(arguments[0]))


sys.addaudithook(_watch)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Every path opened in this process during the test."""
    global _watching
    _opened.clear()
    _watching = True
    yield _opened
    _watching = False


def test_links_and_pipes_are_never_opened(drop: Drop, opened: list[str]) -> None:
    (drop.path / "link.txt").symlink_to("/etc/passwd")
    (drop.path / "dangling.txt").symlink_to("nowhere")
    os.mkfifo(drop.path / "pipe.txt")

    scans = drop.until_done()

    assert sum(len(scan.articles) for scan in scans) == 0
    assert len({file.sha256 for scan in scans for file in scan.files}) == 3
    assert drop.reason("link.txt") == "a symbolic link; only regular files are read"
    assert drop.reason("dangling.txt") == "a symbolic link; only regular files are read"
    assert drop.reason("pipe.txt") == "not a regular file; only regular files are read"
    assert (drop.path / "failed" / "link.txt").is_symlink()
    assert not any(path.endswith(("link.txt", "passwd", "dangling.txt", "pipe.txt")) for path in opened)


def test_file_that_becomes_a_link_between_scan_and_read_is_not_followed(drop: Drop) -> None:
    (drop.path / "a.txt").write_text(PAGE)
    with Dropbox(drop.path) as box:
        entry = box.entries()["a.txt"]
        (drop.path / "a.txt").unlink()
        assert box.read(entry, 100) is None
        (drop.path / "a.txt").symlink_to("/etc/passwd")
        with pytest.raises(SourceError, match="cannot be opened"):
            box.read(entry, 100)
        (drop.path / "a.txt").unlink()
        os.mkfifo(drop.path / "a.txt")
        assert box.read(entry, 100) is None


def test_odd_names_are_taken_and_shown_safely(drop: Drop) -> None:
    raw = [
        b"\xff.txt",
        "هجوم.txt".encode(),
        b"a\nb.txt",
        b"\x1b[31m.txt",
        b"c d.txt",
        b"n" * 251 + b".txt",
        b"\xfe" * 251 + b".pdf",
    ]
    for number, name in enumerate(raw):
        Path(os.fsdecode(os.fsencode(drop.path) + b"/" + name)).write_text(f"Name\nTitle {number}\nText.")

    files = [file for scan in drop.until_done() for file in scan.files]

    assert {file.name for file in files if len(file.name) < 50} == {
        "\\xff.txt", "هجوم.txt", "a\\nb.txt", "\\x1b[31m.txt", "c d.txt"
    }  # fmt: skip
    assert all(file.name.isprintable() for file in files)
    assert drop.names() == []
    assert len(drop.names("processed")) == 6
    assert len(drop.names("failed")) == 2


# --- a folder that does not let itself be changed ----------------------------------------------------------


def test_file_that_cannot_be_moved_is_told_of_and_not_read_again(drop: Drop) -> None:
    (drop.path / "processed").write_text("in the way")  # as good as a read-only folder, for root too
    (drop.path / "processed").rename(drop.path / ".way")
    elsewhere = drop.path.parent / "elsewhere"
    elsewhere.mkdir()
    (drop.path / "processed").symlink_to(elsewhere)
    (drop.path / "a.txt").write_text(PAGE)

    scans = [*drop.until_done(), drop.scan(), drop.scan()]

    assert sum(len(scan.articles) for scan in scans) == 1
    assert drop.names().count("a.txt") == 1
    assert [bool(scan.warnings) for scan in scans[-3:]] == [True, True, True]
    assert "cannot be written" in scans[-1].warnings[0]
    assert list(elsewhere.iterdir()) == []

    (drop.path / "processed").unlink()
    assert drop.scan().warnings == ()
    assert drop.names("processed") == ["a.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder_is_read_once_with_a_warning(drop: Drop) -> None:
    (drop.path / "a.txt").write_text(PAGE)
    drop.path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        scans = [*drop.until_done(), drop.scan()]
    finally:
        drop.path.chmod(0o700)

    assert sum(len(scan.articles) for scan in scans) == 1
    assert "cannot be written (Permission denied)" in scans[-1].warnings[0]


def test_missing_folder_is_a_failure_with_a_reason(tmp_path: Path, tools: Tools) -> None:
    with pytest.raises(SourceError, match=f"folder {tmp_path}/nowhere: No such file or directory"):
        Drop(tmp_path / "nowhere", tools).scan()


def test_folder_is_relative_to_the_file_that_names_it(tmp_path: Path, tools: Tools) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "a.txt").write_text(PAGE)
    where = Place(file=str(tmp_path / "config" / "monitor.yaml"), line=1, column=1)
    (tmp_path / "config").mkdir()
    source = build(
        SourceSpec(id="w", kind="folder", options={"folder": "../drop", "settle": "0s"}, where=where), tools
    )

    assert len(source.fetch({}, NOW).articles) == 1
