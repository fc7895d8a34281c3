"""Compiled packs on disk: a start reads no rule file, a reload only what changed, and no file can do harm."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor import rulefiles
from monitor.errors import RuleError
from monitor.rulefiles import files, load_rules, packs
from monitor.rules import packedrules
from monitor.rules.engine import Ruleset
from monitor.rules.memo import Lexicon
from monitor.rules.packing import Records
from monitor.text.sheet import Sheet
from tests.rules.build import article

LISTS = "lists: {attack: {words: [attack, raid]}}\n"
RULES = """\
rules:
  raids: {match: {all: [$attack, Basra]}, notify: [desk], examples: {hit: [a raid on Basra]}}
  ships: {match: ship, notify: [desk], sources: [wire]}
"""
OPTIONS: dict[str, Any] = {"channels": {"desk"}, "sources": {"wire": ["iraq"]}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two rule files, and a cache folder of their own; packs are made of any number of rules."""
    monkeypatch.setattr(rulefiles, "LEAST_KEPT", 0)
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "lists.yaml").write_text(LISTS, encoding="utf-8")
    (rules / "rules.yaml").write_text(RULES, encoding="utf-8")
    return rules


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are parsed, as they are."""
    names: list[str] = []
    own = files.parsed

    def noted(source: bytes, path: Path, *more: Any) -> Any:
        names.append(path.name)
        return own(source, path, *more)

    monkeypatch.setattr(files, "parsed", noted)
    return names


def load(folder: Path, **more: Any) -> Ruleset:
    return load_rules(folder, **{**OPTIONS, **more})


def pack_of(folder: Path) -> Path:
    (pack,) = (folder.parent / "cache").glob("*.pack")
    return pack


def hits(rules: Ruleset, text: str) -> list[str]:
    return [match.rule for match in rules.match(article(text))]


def test_the_second_start_parses_nothing_and_matches_the_same(folder: Path, parsed: list[str]) -> None:
    first = load(folder)
    assert parsed == ["lists.yaml", "rules.yaml"]
    parsed.clear()
    second = load(folder)
    assert parsed == []
    assert hits(second, "a raid on Basra by ship") == hits(first, "a raid on Basra by ship") == ["raids", "ships"]
    assert dict(second.cards) == dict(first.cards)


def test_the_second_start_names_the_same_entities(folder: Path) -> None:
    entities = "entities: {basra: {names: [Basra, البصرة]}, port: {names: [Basra]}}\n"
    (folder / "lists.yaml").write_text(LISTS + entities, encoding="utf-8")
    (folder / "rules.yaml").write_text("rules: {r: {match: {all: [$attack, {any: [$basra, $port]}]}, notify: []}}")
    text = article("a raid on Basra")
    (first,), (second,) = load(folder).match(text), load(folder).match(text)

    assert first == second
    assert second.entities == ("basra", "port")


def test_of_a_rule_that_is_judged_with_others_the_tree_is_not_read(folder: Path) -> None:
    rules = RULES.replace("[$attack, Basra]", "[$attack, Basra], within: sentence, none: [drill]")
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    texts = ("a raid on Basra by ship", "a raid. Basra", "a raid drill on Basra", "an attack and a raid on Basra")
    first = load(folder)
    second = load(folder)

    assert [second.match(article(text)) for text in texts] == [first.match(article(text)) for text in texts]
    body = second.rules["raids"].body
    assert isinstance(body, packedrules._Body)
    assert isinstance(body.nodes, Records)
    assert body.nodes._at.cache_info().currsize == 1  # that of ships, which is not so simple


def test_the_second_start_knows_when_rules_end_and_what_their_alerts_are_grouped_by(
    folder: Path, parsed: list[str]
) -> None:
    (folder / "rules.yaml").write_text(
        RULES.replace("match: ship,", "match: [ship, $attack], until: 2026-12-01, alert: {group_by: [$attack]},"),
        encoding="utf-8",
    )
    first = load(folder)
    assert {id: ends.isoformat() for id, ends in first.ends.items()} == {"ships": "2026-12-01T00:00:00+00:00"}
    parsed.clear()
    second = load(folder)
    assert parsed == []
    assert dict(second.ends) == dict(first.ends)
    assert dict(second.without({"ships": "it fails"}).ends) == {}
    assert second.cards["ships"].alert.group_by == ("$attack",)


def test_a_set_and_the_one_before_a_change_are_asked_one_after_the_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = load(folder)
    (folder / "rules.yaml").write_text(RULES.replace("match: ship", "match: ships"), encoding="utf-8")
    new = load(folder, old=old)
    assert [one.found_by is old.found_by for one in new.layers] == [False, True]
    held: list[bool] = []
    own = Lexicon.values

    def values(lexicon: Lexicon, sheet: Sheet) -> Any:
        held.extend(one.found_by.lock.locked() for one in new.layers if one.found_by.lexicon is lexicon)
        return own(lexicon, sheet)

    monkeypatch.setattr(Lexicon, "values", values)
    raid = article("a raid on Basra")
    (match,) = new.match(raid)
    new.terms(raid, match, ["$attack"])
    new.explain(raid, "raids")
    new.candidates(raid)
    assert old.match(raid) == (match,)
    assert held == [True] * 7


def test_a_pack_is_for_its_user_alone(folder: Path) -> None:
    load(folder)
    assert pack_of(folder).stat().st_mode & 0o777 == 0o600


def test_without_a_folder_for_it_rules_are_compiled_in_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    for name in ("CACHE_DIRECTORY", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    old = load(folder)
    parsed.clear()
    assert hits(load(folder, old=old), "a raid on Basra") == ["raids"]
    assert parsed == []


def test_a_folder_that_cannot_be_written_is_told_and_does_no_harm(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder.parent / "cache").write_text("a file")
    assert hits(load(folder), "a raid on Basra") == ["raids"]
    assert "compiled rules not kept" in caplog.messages


def flipped(place: float) -> Callable[[bytes], bytes]:
    def flip(raw: bytes) -> bytes:
        at = int(place * (len(raw) - 1))
        return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]

    return flip


@pytest.mark.parametrize(
    "spoil",
    [
        *(flipped(place / 16) for place in range(17)),
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw[:-1],
        lambda raw: raw + b"more",
        lambda raw: b"",
        lambda raw: packs._MAGIC,
        lambda raw: packs._MAGIC + b"[]\n",
        lambda raw: packs._MAGIC + b"[" * 100_000,
        lambda raw: packs._MAGIC + b"{}\n",
    ],
)
def test_a_pack_that_is_torn_is_made_anew(folder: Path, parsed: list[str], spoil: Callable[[bytes], bytes]) -> None:
    load(folder)
    pack = pack_of(folder)
    whole = pack.read_bytes()
    pack.write_bytes(spoil(whole))
    parsed.clear()
    assert hits(load(folder), "a raid on Basra") == ["raids"]
    assert parsed == ["lists.yaml", "rules.yaml"]
    assert pack.read_bytes() == whole


def test_a_torn_pack_is_told_and_one_of_another_version_is_not(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    load(folder)
    pack = pack_of(folder)
    pack.write_bytes(pack.read_bytes()[:-1])
    with caplog.at_level(logging.WARNING):
        load(folder)
    assert caplog.messages == ["compiled rules left alone"]
    caplog.clear()
    parsed.clear()
    monkeypatch.setattr(packs, "made_by", lambda: "another")
    load(folder)
    assert caplog.messages == []
    assert parsed == ["lists.yaml", "rules.yaml"]


def test_what_is_no_plain_file_of_this_user_is_left_alone(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    load(folder)
    pack = pack_of(folder)
    pack.unlink()
    os.mkfifo(pack)
    assert packs.load(pack.parent, pack.stem) is None
    pack.unlink()
    pack.symlink_to(folder / "lists.yaml")
    assert packs.load(pack.parent, pack.stem) is None
    assert caplog.messages == ["compiled rules left alone"] * 2


def test_a_pack_that_would_be_too_large_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "MOST_BYTES", 1_000)
    assert hits(load(folder), "a raid on Basra") == ["raids"]
    assert not list((folder.parent / "cache").glob("*.pack"))


def test_only_the_newest_packs_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "MOST_PACKS", 2)
    newest = folder
    for name in ("one", "two", "three"):
        other = folder.parent / name
        other.mkdir()
        (other / "rules.yaml").write_text("rules: {r: {match: raid}}\n")
        load_rules(other)
        newest = max((folder.parent / "cache").glob("*.pack"), key=lambda path: path.stat().st_mtime_ns)
    found = list((folder.parent / "cache").glob("*.pack"))
    assert len(found) == 2
    assert newest in found


def test_a_change_is_read_alone_and_what_was_learnt_of_tokens_goes_on(folder: Path, parsed: list[str]) -> None:
    old = load(folder)
    (folder / "lists.yaml").write_text(LISTS.replace("attack,", "strike,"), encoding="utf-8")
    parsed.clear()
    new = load(folder, old=old)
    assert parsed == ["lists.yaml"]
    assert (hits(new, "an attack on Basra"), hits(new, "a strike on Basra, a ship")) == ([], ["raids", "ships"])
    assert new.beneath is not None
    assert new.beneath.found_by is old.found_by
    assert list(new.compiled.matches) == ["raids"]
    assert new.cards["raids"].hash != old.cards["raids"].hash
    assert new.cards["ships"] == old.cards["ships"]


def test_of_a_file_only_the_entries_that_changed_are_compiled(folder: Path) -> None:
    old = load(folder)
    (folder / "rules.yaml").write_text("# a line more\n" + RULES.replace("match: ship", "match: boat"), "utf-8")
    new = load(folder, old=old)
    assert list(new.compiled.matches) == ["ships"]
    assert hits(new, "a raid on Basra by boat, a ship") == ["raids", "ships"]


def test_a_change_back_takes_everything_from_the_pack(folder: Path) -> None:
    old = load(folder)
    (folder / "lists.yaml").write_text(LISTS.replace("attack,", "strike,"), encoding="utf-8")
    changed = load(folder, old=old)
    (folder / "lists.yaml").write_text(LISTS, encoding="utf-8")
    again = load(folder, old=changed)
    assert again.beneath is None
    assert again.found_by is old.found_by


def test_texts_that_are_given_are_used_instead_of_those_on_disk(folder: Path) -> None:
    old = load(folder)
    older = {str(folder / "lists.yaml"): b"lists: {attack: {words: [older, raid]}}\n"}
    assert hits(load(folder, old=old, texts=older), "an older Basra") == ["raids"]
    assert hits(load(folder, old=old), "an older Basra") == []


def test_a_slip_is_told_at_its_place_with_what_stands_in_files_that_did_not_change(folder: Path) -> None:
    old = load(folder)
    (folder / "lists.yaml").write_text("lists: {assault: {words: [raid]}}\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"rules.yaml:2:25: rule 'raids': unknown name '\$attack'"):
        load(folder, old=old)
    (folder / "lists.yaml").write_text(LISTS + "rules: {ships: {match: boat, notify: [desk]}}\n", encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load(folder, old=old)
    assert [(Path(one.file).name, one.line) for one in caught.value.problems] == [
        ("lists.yaml", 2),
        ("rules.yaml", 3),
    ]


def test_an_example_that_fails_by_a_change_elsewhere_is_told_at_its_place(folder: Path) -> None:
    old = load(folder)
    (folder / "lists.yaml").write_text("lists: {attack: {words: [strike]}}\n", encoding="utf-8")
    (folder / "rules.yaml").write_text(RULES.replace("a raid on", "a raid and a strike on"), encoding="utf-8")
    good = load(folder, old=old)
    assert "raids" in good.cards
    (folder / "lists.yaml").write_text("lists: {attack: {words: [assault]}}\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"rules.yaml:2:76: rule 'raids': example fails"):
        load(folder, old=good)
    tolerant = load(folder, old=good, strict_examples=False)
    assert tolerant.inactive.keys() == {"raids"}
    assert load(folder, strict_examples=False).inactive.keys() == {"raids"}
    with pytest.raises(RuleError, match="example fails"):
        load(folder)


def test_another_channel_or_source_compiles_nothing_unless_rules_name_it(folder: Path, parsed: list[str]) -> None:
    old = load(folder)
    parsed.clear()
    new = load(folder, old=old, channels={"desk", "duty"}, sources={"wire": ["iraq"], "radio": []})
    assert parsed == []
    assert new.sources == {"wire": ["iraq"], "radio": []}
    with pytest.raises(RuleError, match="unknown channel 'desk'"):
        load(folder, old=old, channels={"duty"})
    (warning,) = load(folder, old=old, sources={"radio": []}).warnings
    assert "no source has the id or tag 'wire'" in warning.message


def test_other_defaults_or_another_timezone_compile_everything(folder: Path, parsed: list[str]) -> None:
    old = load(folder)
    for more in ({"defaults": {"severity": "low"}}, {"timezone": "Asia/Baghdad"}, {"sources": None}):
        parsed.clear()
        load(folder, old=old, **more)
        assert parsed == ["lists.yaml", "rules.yaml"]


def test_so_many_changes_that_a_full_load_is_quicker_make_a_new_pack(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = load(folder)
    before = pack_of(folder).read_bytes()
    (folder / "rules.yaml").write_text(RULES.replace("match: ship", "match: boat"), encoding="utf-8")
    monkeypatch.setattr("monitor.rulefiles.changing.LEAST_FOLDED", 0)
    new = load(folder, old=old)
    assert new.beneath is None
    assert pack_of(folder).read_bytes() != before
    assert hits(new, "a raid on Basra by boat") == ["raids", "ships"]


def test_a_file_that_can_no_longer_be_read_is_an_error(folder: Path) -> None:
    old = load(folder)
    (folder / "lists.yaml").unlink()
    (folder / "lists.yaml").mkdir()
    (folder / "other.yaml").symlink_to("nowhere")
    with pytest.raises(RuleError, match=r"other.yaml: cannot be read"):
        load(folder, old=old)
