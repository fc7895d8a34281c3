"""`rasid match`: the JSON contract, stdin, unreadable files, and what a person sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.batch import Judged, Load, match_all
from monitor.cli import main
from monitor.model import Article
from tests.conftest import ROOT
from tests.flows.site import ATTACK, RULES


def match(tmp_path: Path, *arguments: str, stdin: bytes = b"") -> Result:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    return CliRunner().invoke(main, ["match", "--rules", str(rules), *arguments], input=stdin, prog_name="rasid")


def rows(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_is_exactly_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(ATTACK | {"id": "x1"}))
    (row,) = rows(match(tmp_path, "--json", str(path)))
    assert row.pop("article").startswith("a")
    assert row == {
        "file": str(path),
        "title": "Drone attack on a depot",
        "rule": "attack",
        "severity": "high",
        "entities": [],
        "spans": [
            {"field": "title", "start": 6, "end": 12, "term": "attack", "text": "attack"},
            {"field": "text", "start": 8, "end": 14, "term": "attack", "text": "attack"},
        ],
    }


def test_offsets_are_code_points_of_the_cleaned_article(tmp_path: Path) -> None:
    text = "خبر أول\n\nوقع \u202eبالهجوم\u202c 😀 والهجوم انتهى"
    (row,) = rows(match(tmp_path, "--json", "-", stdin=json.dumps({"title": "خبر", "text": text}).encode()))
    found = [(span["start"], span["end"], span["text"]) for span in row["spans"]]
    assert [text for *_, text in found] == ["بالهجوم", "والهجوم"]
    assert found[0][1] - found[0][0] == len("بالهجوم")


def test_no_match_is_an_empty_list_and_exit_0(tmp_path: Path) -> None:
    assert rows(match(tmp_path, "--json", "-", stdin=b"Nothing of interest happened.")) == []


@pytest.mark.parametrize(
    "stdin",
    [
        b'{"title": "An attack", "text": "x"}',
        b'{"title": "A", "text": "x"}\n{"title": "An attack", "text": "y"}\n',
        b"<html><head><title>t</title></head><body><article><h1>t</h1><p>There was an attack in the north today, "
        b"officials said on Monday, and nobody was hurt in it.</p></article></body></html>",
        b"<rss version='2.0'><channel><title>c</title><item><title>An attack</title></item></channel></rss>",
        b"An attack was reported",
        "وقع هجوم أمس".encode(),
    ],
)
def test_every_format_is_read_from_stdin(tmp_path: Path, stdin: bytes) -> None:
    assert [row["rule"] for row in rows(match(tmp_path, "--json", "-", stdin=stdin))] == ["attack"]


def test_an_unreadable_file_is_named_and_the_others_are_still_processed(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "strange.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / "good.txt").write_text("A headline\n\nAn attack was reported.")
    names = [str(tmp_path / name) for name in ("missing.txt", "bad.json", "strange.docx", "good.txt")]
    result = match(tmp_path, "--json", *names)
    assert (result.exit_code, [row["file"] for row in json.loads(result.stdout)]) == (1, [names[3]])
    lines = result.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == names[:3]
    assert "No such file" in lines[0]


def test_bytes_that_are_not_utf_8_are_no_crash(tmp_path: Path) -> None:
    result = match(tmp_path, "--json", "-", stdin=b"caf\xe9 attack\x00 \xff\xfe")
    assert result.exit_code in (0, 1)
    json.loads(result.stdout)


def test_rules_of_several_paths_work_together(tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "b.yaml").write_text("version: 1\nrules:\n  depot: {title: d, match: {any: [depot]}}\n")
    (tmp_path / "one.json").write_text(json.dumps(ATTACK))
    found = rows(match(tmp_path, "--rules", str(folder), "--json", str(tmp_path / "one.json")))
    assert sorted(row["rule"] for row in found) == ["attack", "depot"]


def test_invalid_rules_exit_3_with_their_place(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\nrules:\n  x: {title: t, match: {any: [$nothing]}}\n")
    result = CliRunner().invoke(main, ["match", "--rules", str(bad), "-"], input=b"x")
    assert result.exit_code == 3
    assert result.stderr.startswith(f"{bad}:3:")


def test_a_person_sees_the_rule_the_headline_and_the_hits(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(ATTACK))
    result = match(tmp_path, str(path))
    assert result.stdout.splitlines() == [
        f"attack high  {path}",
        "  Drone [attack] on a depot",
        "  A drone [attack] hit a depot at dawn.…",
        "",
        "1 match in 1 article",
    ]


def test_what_an_article_holds_cannot_steer_the_terminal(tmp_path: Path) -> None:
    title = "\x1b[31m attack \x1b]0;owned\x07 [bold]x[/bold]"
    result = match(tmp_path, "-", stdin=json.dumps({"title": title, "text": "t"}).encode())
    assert "\x1b" not in result.output
    assert "\x07" not in result.output
    assert "[bold]x[/bold]" in result.output


def test_a_file_name_that_is_not_utf_8_ends_no_command(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(str(tmp_path)) + b"/caf\xe9.txt")
    Path(name).write_text("A headline\n\nAn attack was reported.")
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    command = [sys.executable, "-m", "monitor", "match", "--rules", str(tmp_path / "rules.yaml"), "--json", name]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False)
    assert (done.returncode, json.loads(done.stdout)[0]["rule"]) == (0, "attack")


def test_many_articles_are_judged_by_several_processes_as_by_one(tmp_path: Path) -> None:
    path = tmp_path / "many.ndjson"
    texts = [ATTACK["text"] if number % 7 == 0 else f"Calm day number {number}" for number in range(700)]
    path.write_text("".join(json.dumps({"title": f"n{n}", "text": text}) + "\n" for n, text in enumerate(texts)))
    found = rows(match(tmp_path, "--json", str(path)))
    assert [row["title"] for row in found] == [f"n{number}" for number in range(0, 700, 7)]


def test_files_are_read_and_judged_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []

    def counted(load: Load, articles: Iterable[Article], **more: Any) -> Iterator[Judged]:
        held.append(len(some := list(articles)))
        return match_all(load, some, **more)

    names = [str(tmp_path / f"{number}.json") for number in range(5)]
    for name in names:
        Path(name).write_text(json.dumps([ATTACK, ATTACK | {"title": "«again»"}]), encoding="utf-8")
    whole = match(tmp_path, "--json", *names, str(tmp_path / "gone.txt"))
    monkeypatch.setattr("monitor.cli.match.match_all", counted)
    monkeypatch.setattr("monitor.cli.match.MOST_HELD", 3)

    some = match(tmp_path, "--json", *names, str(tmp_path / "gone.txt"))

    assert (some.stdout, some.stderr, some.exit_code) == (whole.stdout, whole.stderr, 1)
    found = json.loads(some.stdout)
    assert some.stdout == json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    assert (held, len(found)) == ([4, 4, 2], 10)
