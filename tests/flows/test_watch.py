"""Files are looked at: a change is taken once, and only when it rests and is one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from monitor.daemon.watch import MOST_LOOKS, Look, Watch, contents, look


class Disk:
    """What is seen: a number for each file that grows with every touch, and its content."""

    def __init__(self) -> None:
        self.touched = {"a": 1, "b": 1}
        self.holds = {"a": b"a", "b": b"b"}

    def look(self) -> Look:
        return {path: (count,) for path, count in self.touched.items()}

    def contents(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        return {path: self.holds[path] for path in paths}

    def write(self, path: str, content: bytes) -> None:
        self.touched[path] = self.touched.get(path, 0) + 1
        self.holds[path] = content


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def watch(disk: Disk) -> Watch:
    return Watch(disk.look, disk.contents)


def test_a_change_is_taken_when_two_looks_are_alike_and_only_once(disk: Disk, watch: Watch) -> None:
    assert not watch.is_due()
    disk.write("a", b"new")
    assert [watch.is_due() for _ in range(4)] == [False, True, False, False]


def test_two_quick_saves_are_one_change(disk: Disk, watch: Watch) -> None:
    disk.write("a", b"half")
    assert not watch.is_due()
    disk.write("a", b"whole")
    assert [watch.is_due() for _ in range(3)] == [False, True, False]


def test_a_touch_without_other_content_is_no_change(disk: Disk, watch: Watch) -> None:
    disk.write("a", b"a")
    assert [watch.is_due() for _ in range(3)] == [False, False, False]


def test_a_file_that_comes_or_goes_is_a_change(disk: Disk, watch: Watch) -> None:
    disk.write("c", b"c")
    assert [watch.is_due() for _ in range(2)] == [False, True]
    del disk.touched["a"]
    assert [watch.is_due() for _ in range(2)] == [False, True]


def test_a_change_taken_back_before_it_rests_is_none(disk: Disk, watch: Watch) -> None:
    before = dict(disk.touched)
    disk.write("a", b"new")
    watch.is_due()
    disk.touched = before
    assert [watch.is_due() for _ in range(2)] == [False, False]


def test_a_file_that_never_rests_holds_up_no_other(disk: Disk, watch: Watch) -> None:
    found = []
    for number in range(MOST_LOOKS):
        disk.write("a", str(number).encode())
        found.append(watch.is_due())
    assert found == [False] * (MOST_LOOKS - 1) + [True]


def test_who_reads_now_takes_what_is_there(disk: Disk, watch: Watch) -> None:
    disk.write("a", b"new")
    watch.take()
    assert [watch.is_due() for _ in range(2)] == [False, False]


def test_a_file_read_by_the_reload_is_known_but_one_that_just_came_is_not(disk: Disk, watch: Watch) -> None:
    disk.write("table", b"t")
    disk.write("c", b"c")
    watch.adopt(["table", "a", "nowhere"])
    assert [watch.is_due() for _ in range(3)] == [False, True, False]  # for `c`
    watch.adopt(["table"])
    disk.write("table", b"other")
    assert [watch.is_due() for _ in range(2)] == [False, True]


# --- on the disk -------------------------------------------------------------------------------------------------


def test_every_way_to_change_a_file_is_seen(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    file = rules / "a.yaml"
    file.write_text("one")
    seen = [look([], [rules])]

    def changed() -> bool:
        seen.append(look([], [rules]))
        return seen[-1] != seen[-2]

    assert not changed()
    kept = file.stat()
    file.write_text("two")
    os.utime(file, ns=(kept.st_atime_ns, kept.st_mtime_ns))  # as long, and as old, as before
    assert changed()
    (tmp_path / "new").write_text("six")
    (tmp_path / "new").replace(file)
    assert changed()
    file.unlink()
    assert changed()
    (rules / "b.yaml").write_text("")
    assert changed()


def test_another_folder_behind_a_link_is_seen(tmp_path: Path) -> None:
    for name in ("v1", "v2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(name)
    link = tmp_path / "rules"
    link.symlink_to("v1")
    before = look([], [link])
    (tmp_path / "next").symlink_to("v2")
    (tmp_path / "next").replace(link)
    after = look([], [link])
    assert (before.keys(), before == after) == (after.keys(), False)


def test_what_is_not_there_is_looked_for(tmp_path: Path) -> None:
    rules, file = tmp_path / "rules", tmp_path / "monitor.yaml"
    assert look([file], [rules]) == {str(file): (), str(rules): ()}
    assert contents([str(file)]) == {str(file): b""}
    file.write_text("x")
    assert contents([str(file)]) != {str(file): b""}
