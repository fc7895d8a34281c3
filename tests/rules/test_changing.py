"""Rules that are loaded from a compiled pack, and after a change of files: exactly what a full load gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import rulefiles
from monitor.errors import RuleError
from monitor.rulefiles import load_pack, load_rules
from monitor.rulefiles.loading import Settings, Wanted
from monitor.rules.engine import Ruleset
from monitor.rules.union import union
from tests.rules.build import article

CHANNELS = {"desk", "duty"}
SOURCES = {"wire": ["iraq"], "radio": []}
OPTIONS: dict[str, Any] = {"channels": CHANNELS, "sources": SOURCES, "strict_examples": False}
SETTINGS = Settings(defaults={}, timezone=UTC, **OPTIONS)

SIMPLE = [
    "{words: [attack, strike]}",
    "{words: [raid], exact: [Raids]}",
    "{forms: [missile], not_part_of: [missile ban]}",
    "{words: [هجوم, غارة]}",
    "{patterns: ['fire(s|d)?']}",
]
CITIES = [
    "{names: [Basra, البصرة], kind: city}",
    "{names: [Mosul], kind: city, country: iq}",
    "{names: [Aden], kind: city, needs: {any: [$l3, مدينة], within: paragraph}}",
]
PERSONS = ["{names: [صدام حسين], kind: person, translit: true}", "{names: [Saddam], title: S, kind: person}"]
RULES = [
    "{match: $l1, notify: [desk]}",
    "{match: {all: [$e1, $l2], within: sentence, none: [ban]}, notify: [duty], severity: low}",
    "{match: {entity: {kind: city}}, notify: [desk], title: Cities}",
    "{match: {any: [$l1, Basra]}, alert: {group_by: [$l1]}, notify: [desk]}",
    "{match: {any: [$l1, $e2]}, status: off, notify: [desk]}",
    "{match: $l2, notify: [desk], examples: {hit: [an attack on Basra], miss: [peace]}}",
    "{match: {all: [$e1, $l1]}, sources: [nowhere, iraq], notify: [desk], until: 2027-01-01}",
    "{match: $l3, notify: [desk], alert: {when: {count: 3}, escalate: [{to: high, when: {publishers: 2}}]}}",
    "{match: {at_least: 1, of: $l1}, notify: [desk]}",
    "{match: {query: 'raid NEAR/3 (Basra OR $e2) lang:en'}, notify: [desk]}",
]
CONTENTS = {
    "lists": {
        "l1": [*SIMPLE, "{terms: [$l2, هجوم]}"],
        "l2": [*SIMPLE, "{terms: [$e1, bomb]}"],
        "l3": [*SIMPLE, "{words: {file: words.txt}}"],
    },
    "entities": {"e1": CITIES, "e2": CITIES, "e3": PERSONS},
    "rules": {
        "r1": RULES,
        "r2": [*RULES, "{match: $r1, notify: []}"],
        "r3": RULES,
        "r4": [*RULES, "{match: $r2, notify: []}"],
    },
}
SLIPS = [
    "lists: {x: {words: [attack, هجوم، غارة]}}\n",
    "lists: {l1: {words: [twice]}}\n",
    "entities: {r1: {names: [Twice]}}\n",
    "lists: {x: {terms: [$nothing]}}\n",
    "rules: {x: {match: $l1, notify: [nobody]}}\n",
    "rules: {x: {match: {at_least: 9, of: $l1}, notify: [desk], examples: {hit: [peace]}}}\n",
    "rules: {x: {match: $l1, notify: [desk], examples: {hit: [peace]}}}\n",
    "rules: {x: {match: [}\n",
    "",
]
WORDS = ["attack\nbomb\n", "attack\nraid\n", "# none\nعملية\n"]
ARTICLES = [
    article("An attack on Basra. A raid near Mosul, and a missile ban. Saddam Hussein was there.", language="en"),
    article("هجوم على البصرة، وغارة. عملية في عدن", title="Attacks in Aden"),
    article("bomb fires raids Basra missile strike Mosul", source="wire"),
]


FILES = ("a.yaml", "b.yaml", "c.yaml")
HEADS = ("", "", "# a line more\n", "defaults: {severity: critical}\n")


@dataclass
class Folder:
    """Rule files that are edited: where each entry stands and what it says, and the heads of the files."""

    entries: dict[tuple[str, str], tuple[str, str]]
    heads: dict[str, str]
    words: str
    slip: str = ""

    def texts(self) -> dict[str, str]:
        found = {"words.txt": self.words}
        for file in FILES:
            sections: dict[str, list[str]] = {}
            for (section, id), (where, content) in self.entries.items():
                if where == file:
                    sections.setdefault(section, []).append(f"  {id}: {content}\n")
            if sections or self.heads[file]:
                found[file] = self.heads[file] + "".join(f"{name}:\n{''.join(one)}" for name, one in sections.items())
        if self.slip:
            found["d.yaml"] = self.slip
        return found


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, str]]:
    """What a folder holds, and holds after each of some edits; now and then an edit is a slip, which is mended."""
    ids = [(section, id) for section, contents in CONTENTS.items() for id in contents]

    def content(section: str, id: str) -> tuple[str, str]:
        return draw(st.sampled_from(FILES)), draw(st.sampled_from(CONTENTS[section][id]))

    folder = Folder({key: content(*key) for key in ids}, dict.fromkeys(FILES, ""), draw(st.sampled_from(WORDS)))
    found = [folder.texts()]
    for _ in range(draw(st.integers(1, 4))):
        folder.slip = ""
        kind = draw(st.integers(0, 9))
        key = draw(st.sampled_from(ids))
        if kind < 5:
            folder.entries[key] = folder.entries.get(key, content(*key))[0], content(*key)[1]
        elif kind == 5:
            folder.entries[key] = content(*key)
        elif kind == 6:
            folder.heads[draw(st.sampled_from(FILES))] = draw(st.sampled_from(HEADS))
        elif kind == 7:
            folder.words = draw(st.sampled_from(WORDS))
        elif kind == 8 and key[1] in ("r3", "r4", "e3"):
            folder.entries.pop(key, None)
        else:
            folder.slip = draw(st.sampled_from(SLIPS))
        found.append(folder.texts())
    return found


def loaded(load: Any, folder: Path, **more: Any) -> Ruleset | list[str]:
    try:
        found = load(folder, **OPTIONS, **more)
    except RuleError as error:
        return [str(problem) for problem in error.problems]
    return found if isinstance(found, Ruleset) else found.ruleset


def facts(found: Ruleset | list[str]) -> object:
    """Everything that can be seen of rules, whatever they were loaded from."""
    if isinstance(found, list):
        return found
    return {
        "cards": dict(found.cards),
        "filters": {id: rule.filters for id, rule in found.rules.items()},
        "ends": dict(found.ends),
        "inactive": dict(found.inactive),
        "warnings": sorted(found.warnings),
        "entities": dict(found.entities),
        "files": found.files,
        "matches": [found.match(one) for one in ARTICLES],
        "together": found.match_each(ARTICLES),
        "in a union": union([found]).match_each(ARTICLES),
        "terms": [found.terms(one, match, ["$l1", "entity"]) for one in ARTICLES for match in found.match(one)],
        "candidates": [sorted(found.candidates(one)) for one in ARTICLES],
        "reasons": [str(found.explain(one, id)) for one in ARTICLES for id in sorted(found.cards)],
        "examples": sorted(
            str(replace(result, example=replace(result.example, file=0))) for result in found.examples()
        ),
    }


def write(folder: Path, texts: Mapping[str, str]) -> None:
    for path in folder.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


@contextmanager
def packing_folder() -> Iterator[Path]:
    """A folder for rules, however few of which are kept compiled, beside a cache of their own."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        patch.setattr(rulefiles, "LEAST_KEPT", 0)
        patch.setenv("CACHE_DIRECTORY", f"{name}/cache")
        folder = Path(name, "rules")
        folder.mkdir()
        yield folder


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states=histories())
def test_after_any_edits_rules_are_those_of_a_full_load(states: list[dict[str, str]]) -> None:
    with packing_folder() as folder:
        old = None
        for state in states:
            write(folder, state)
            full = facts(loaded(load_pack, folder))
            started = loaded(load_rules, folder)
            assert facts(started) == full
            changed = loaded(load_rules, folder, old=old)
            assert facts(changed) == full
            old = changed if isinstance(changed, Ruleset) else old


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states=histories())
def test_after_any_edits_what_is_wrong_and_what_files_provide_is_told_as_by_a_full_load(
    states: list[dict[str, str]],
) -> None:
    with packing_folder() as folder:
        old = None
        for state in states:
            write(folder, state)
            texts = {str(folder / file): text.encode() for file, text in state.items()}
            tried = rulefiles.try_texts(texts, [folder], channels=CHANNELS, sources=SOURCES, old=old)
            wanted = [Wanted(Path(path), folder) for path in texts if path.endswith(".yaml")]
            whole = rulefiles._tolerant(texts, SETTINGS, wanted)
            assert set(tried.complaints) == set(whole.complaints)
            assert {path: set(tried.provides.get(path, ())) for path in texts} == {
                path: set(whole.provides.get(path, ())) for path in texts
            }
            assert facts(tried.ruleset) == facts(whole.ruleset)
            old = old if tried.complaints else tried.ruleset
