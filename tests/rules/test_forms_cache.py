"""The cache of word forms: the second start reads no table, and nothing about the file can stop a start."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.rulefiles import cache
from monitor.rules.forms import Inflected, Kind
from tests.rules.build import article, load

FORMS = {("ar", "قصف"): (Inflected("قصف", Kind.PAST), Inflected("قصوف")), ("en", "attack"): (Inflected("attacks"),)}
RULES = "lists: {x: {forms: [torpedo, قصف, حاملة]}}\nrules: {r: {match: $x, examples: {hit: [two torpedoes]}}}\n"
START = """
import sys
from monitor.rulefiles import load_rules
from monitor.rules.forms import tables
read, own = [], tables.read
tables.read = lambda language: read.append(language) or own(language)
load_rules(sys.argv[1])
print(*read)
"""


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    cache.save(tmp_path / "new" / "rasid", FORMS, FORMS)
    assert cache.load(tmp_path / "new" / "rasid") == FORMS
    assert [path.name for path in (tmp_path / "new" / "rasid").iterdir()] == [cache.NAME]
    assert (tmp_path / "new" / "rasid" / cache.NAME).stat().st_mode & 0o077 == 0


def test_the_second_start_reads_no_table(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    environment = {**os.environ, "CACHE_DIRECTORY": str(tmp_path / "cache")}
    tables = [
        subprocess.run(
            [sys.executable, "-c", START, str(tmp_path / "rules.yaml")],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert tables == ["ar en", ""]


def test_only_what_is_missing_is_worked_out_and_both_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    cache.save(tmp_path / "cache", FORMS, FORMS)
    load(tmp_path, "lists: {x: {forms: [zorbify]}}\nrules: {r: {match: $x}}\n")
    assert set(cache.load(tmp_path / "cache")) >= {("ar", "قصف"), ("en", "zorbify")}


def test_what_an_earlier_start_kept_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    kept = {("en", "glimmerish"): (Inflected("glimmeroosh"),)}
    cache.save(tmp_path / "cache", kept, kept)
    rules = load(tmp_path, "lists: {x: {forms: [glimmerish]}}\nrules: {r: {match: $x}}\n")
    assert rules.match(article("a glimmeroosh"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff{}", "decode"),
        (b"[" * 100_000, "recursion"),
        (b"[]", "not a cache of forms"),
        (b'{"forms": {"en": []}}', "not a cache of forms"),
        (b'{"forms": {"en": {"a": "b"}}}', "not a cache of forms"),
        (b'{"forms": {"en": {"a": [1]}}}', "not a cache of forms"),
        (b'{"forms": {"en": {"a": ["b/nonsense"]}}}', "nonsense"),
        (b" " * 2_000, "larger than 1,000 bytes"),
    ],
)
def test_a_damaged_file_is_left_alone_with_a_word(
    tmp_path: Path, content: bytes, reason: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if len(content) == 2_000:
        monkeypatch.setattr(cache, "MOST_BYTES", 1_000)
    if content.startswith(b'{"forms"'):
        content = json.dumps({**json.loads(content), "digest": cache._digest()}).encode()
    (tmp_path / cache.NAME).write_bytes(content)
    assert cache.load(tmp_path) == {}
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.WARNING, "cache of word forms left alone")
    assert reason in str(record.__dict__["reason"])
    assert (tmp_path / cache.NAME).read_bytes() == content


def test_a_file_of_other_words_or_another_simplemma_is_worth_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / cache.NAME).write_text('{"digest": "old", "forms": {"en": {"attack": ["never"]}}}')
    assert cache.load(tmp_path) == {}
    assert cache.load(tmp_path / "gone") == {}
    assert cache.load(None) == {}
    assert caplog.records == []


@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "foreign"])
def test_what_is_no_file_of_ours_is_not_read(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.save(tmp_path / "real", FORMS, FORMS)
    path = tmp_path / cache.NAME
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(tmp_path / "real" / cache.NAME)
    else:
        path.write_bytes((tmp_path / "real" / cache.NAME).read_bytes())
        user = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert cache.load(tmp_path) == {}
    assert [record.getMessage() for record in caplog.records] == ["cache of word forms left alone"]


def test_a_folder_that_cannot_be_written_is_gone_on_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    cache.save(tmp_path / "file" / "rasid", FORMS, FORMS)
    cache.save(None, FORMS, FORMS)
    (tmp_path / cache.NAME).mkdir()
    cache.save(tmp_path, FORMS, FORMS)
    assert [record.getMessage() for record in caplog.records] == ["cache of word forms not written"] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", cache.NAME]


def test_a_file_that_would_be_too_large_keeps_what_is_needed_or_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = {("en", "attack"): FORMS["en", "attack"]}
    monkeypatch.setattr(cache, "MOST_BYTES", 150)
    cache.save(tmp_path, FORMS, needed)
    assert cache.load(tmp_path) == needed
    monkeypatch.setattr(cache, "MOST_BYTES", 10)
    cache.save(tmp_path / "none", FORMS, needed)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"CACHE_DIRECTORY": "/a:/b", "HOME": "/h"}, "/a"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/rasid"),
        ({"XDG_CACHE_HOME": "x", "HOME": "/h"}, "/h/.cache/rasid"),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_the_cache_lies_where_the_system_says(environment: dict[str, str], expected: str | None) -> None:
    found = cache.folder(environment)
    assert (None if found is None else str(found)) == expected
