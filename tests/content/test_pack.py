"""The shipped rules load without a warning, hold what their examples say, and know each base in both scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Article
from monitor.rulefiles import load_rules
from monitor.rulefiles.reading import SUITE
from monitor.rules.engine import Ruleset
from monitor.yamltext import parse
from tests.conftest import ROOT

RULES = ROOT / "rules"
FILES = sorted(path for path in RULES.rglob("*.yaml") if not path.name.endswith(SUITE))
ARABIC = re.compile("[\u0620-\u064a]")
LATIN = re.compile("[A-Za-z]")
COUNTRIES = {"IQ", "SY", "JO", "KW"}
LANGUAGES = ("fr", "fa", "he", "tr", "ru", "uk")
WATERS = {"sea", "strait", "port"}


@pytest.fixture(scope="module")
def pack() -> Ruleset:
    return load_rules(RULES)


def bases() -> dict[str, Mapping[str, Any]]:
    return {id: entity for id, entity in _entities() if entity["kind"] == "base"}


def _entities() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file in FILES:
        yield from data(file).get("entities", {}).items()


def data(file: Path) -> Mapping[str, Any]:
    located, problems = parse(file.read_bytes(), file.name)
    assert located is not None, problems
    content: Mapping[str, Any] = located.data
    return content


def hits(rule: str) -> list[Any]:
    found: list[Any] = data(RULES / "attacks-on-bases.yaml")["rules"][rule]["examples"]["hit"]
    return found


def test_pack_loads_without_a_warning(pack: Ruleset) -> None:
    assert [str(problem) for problem in pack.warnings] == []


def test_every_rule_is_active_and_notifies_the_desk(pack: Ruleset) -> None:
    assert dict(pack.inactive) == {}
    assert {id: card.notify for id, card in pack.cards.items()} == {
        "base-attacked": ("desk",),
        "base-alarm": ("desk",),
        "missile-or-drone-attack": ("desk",),
        "ship-attacked": ("desk",),
        "cyber-incident": ("desk",),
        "earthquake": ("desk",),
    }


def test_every_example_holds(pack: Ruleset) -> None:
    results = pack.examples()
    assert len(results) > 190
    assert [result for result in results if not result.holds] == []


def test_every_rule_has_hits_and_misses_with_their_reasons_in_both_scripts() -> None:
    for id, rule in rules().items():
        examples = rule["examples"]
        assert (id, len(examples["hit"]) >= 3, len(examples["miss"]) >= 3) == (id, True, True)
        assert [miss for miss in examples["miss"] if "because" not in miss] == []
        for texts in (list(map(words, examples["hit"])), list(map(words, examples["miss"]))):
            assert (id, any(map(ARABIC.search, texts)), any(map(LATIN.search, texts))) == (id, True, True)


@pytest.mark.parametrize("rule", ["base-attacked", "missile-or-drone-attack", "ship-attacked"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hit_uses_the_attack_words_of_each_language(pack: Ruleset, rule: str, language: str) -> None:
    assert terms_of(f"attack-{language}") & terms_found(pack, rule)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hit_uses_the_missiles_and_drones_of_each_language(pack: Ruleset, language: str) -> None:
    assert terms_of(f"missile-{language}") & terms_found(pack, "missile-or-drone-attack")


def test_pack_knows_at_least_thirty_bases_in_four_countries() -> None:
    found = bases()
    assert len(found) >= 30
    assert {base["place"]["country"] for base in found.values()} == COUNTRIES


@pytest.mark.parametrize("base", bases())
def test_base_has_names_in_both_scripts_and_a_place_to_two_decimals(base: str) -> None:
    entity = bases()[base]
    assert any(ARABIC.search(name) for name in entity["names"])
    assert any(LATIN.search(name) for name in entity["names"])
    assert ARABIC.search(entity["title"])
    place = entity["place"]
    assert re.fullmatch(r"\d\d\.\d\d", place["lat"])
    assert re.fullmatch(r"\d\d\.\d\d", place["lon"])
    assert 28 < float(place["lat"]) < 38  # Kuwait's south to Iraq's north
    assert 35 < float(place["lon"]) < 49  # Syria's coast to Kuwait's


@pytest.mark.parametrize("base", bases())
def test_base_is_named_by_an_arabic_and_an_english_example(base: str) -> None:
    texts = [
        hit["text"] for hit in hits("base-attacked") if isinstance(hit, Mapping) and hit.get("entities") == [base]
    ]
    assert any(ARABIC.search(text) for text in texts)
    assert any(LATIN.search(text) and not ARABIC.search(text) for text in texts)


@pytest.mark.parametrize("base", bases())
def test_every_name_of_a_base_finds_it(pack: Ruleset, base: str) -> None:
    missed = [name for name in bases()[base]["names"] if entities(pack, sentence(name)) != {base}]
    assert missed == []


@pytest.mark.parametrize("base", [id for id, entity in bases().items() if "not_part_of" in entity])
def test_no_look_alike_of_a_base_finds_it(pack: Ruleset, base: str) -> None:
    found = [name for name in bases()[base]["not_part_of"] if entities(pack, sentence(name))]
    assert found == []


@pytest.mark.parametrize("water", [id for id, entity in _entities() if entity["kind"] in WATERS])
def test_every_name_of_a_water_or_port_finds_it_and_no_look_alike_does(pack: Ruleset, water: str) -> None:
    entity = dict(_entities())[water]
    missed = [name for name in entity["names"] if water not in entities(pack, at_sea(name), "ship-attacked")]
    found = [name for name in entity.get("not_part_of", ()) if water in entities(pack, at_sea(name), "ship-attacked")]
    assert (missed, found) == ([], [])


def test_misses_of_the_pack_cover_each_reason() -> None:
    rules = data(RULES / "attacks-on-bases.yaml")["rules"]
    reasons = {miss["because"] for rule in rules.values() for miss in rule["examples"]["miss"]}
    assert reasons == {"all", "within", "none", "nowhere", "not_part_of"}


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(RULES)) for file in FILES])
def test_file_begins_with_the_modeline_and_has_no_arabic_key(file: Path) -> None:
    schema = "../" * len(file.relative_to(ROOT).parts[1:]) + "config/schema/rules.json"
    assert file.read_text().startswith(f"# yaml-language-server: $schema={schema}\nversion: 1\n")
    assert [key for key in keys(data(file)) if ARABIC.search(key)] == []


def keys(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield str(key)
            yield from keys(value)
    elif isinstance(node, list):
        for item in node:
            yield from keys(item)


def rules() -> dict[str, Mapping[str, Any]]:
    return {id: rule for file in FILES for id, rule in data(file).get("rules", {}).items()}


def words(example: Any) -> str:
    return example if isinstance(example, str) else f"{example.get('title', '')}\n{example.get('text', '')}"


def terms_of(id: str) -> set[str]:
    """The terms of a list and of those it names, as typed."""
    lists = {id: content for file in FILES for id, content in data(file).get("lists", {}).items()}
    own = {term for key in ("words", "exact", "starts", "patterns") for term in lists[id].get(key, ())}
    return own.union(*(terms_of(name.removeprefix("$")) for name in lists[id].get("terms", ())))


def terms_found(pack: Ruleset, rule: str) -> set[str]:
    """The terms that made the rule's hits match."""
    texts = map(words, rules()[rule]["examples"]["hit"])
    return {
        span.term
        for text in texts
        for match in pack.match(Article(id="a", source="", title="", text=text))
        if match.rule == rule
        for span in match.spans
    }


def at_sea(name: str) -> str:
    return f"تعرّضت سفينة شحن لهجوم في {name} فجر اليوم." if ARABIC.search(name) else f"A ship was attacked in {name}."


def sentence(name: str) -> str:
    return f"وقع هجوم على {name} فجر اليوم." if ARABIC.search(name) else f"There was an attack on {name} on Monday."


def entities(pack: Ruleset, text: str, rule: str = "base-attacked") -> set[str]:
    article = Article(id="a", source="", title="", text=text)
    return {entity for match in pack.match(article) if match.rule == rule for entity in match.entities}
