"""Short ways from YAML text, or from an expression alone, to rules; used by every test of rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.errors import RuleError
from monitor.model import Article, RuleCard, Severity
from monitor.rulefiles import load_pack, load_rules
from monitor.rules.catalog import Catalog
from monitor.rules.compiler import Compiled, compile_rules
from monitor.rules.engine import Ruleset
from monitor.rules.faults import Faults
from monitor.rules.ready import Rule, Said
from monitor.rules.schema import validate


def article(text: str = "", title: str = "", **more: Any) -> Article:
    """An article with these words."""
    return Article(id="a1", source=more.pop("source", ""), title=title, text=text, **more)


def load(folder: Path, text: str, **options: Any) -> Ruleset:
    """The rules of one file."""
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    return load_rules(file, **options)


def problems(folder: Path, text: str, **options: Any) -> list[str]:
    """What is wrong with one file, as `line:column: message`."""
    with pytest.raises(RuleError) as caught:
        load(folder, text, **options)
    return [str(problem).removeprefix(f"{folder}/rules.yaml:") for problem in caught.value.problems]


def warnings(folder: Path, text: str, **options: Any) -> list[str]:
    """What is warned of in one file, as `line:column: message`."""
    return [str(one).removeprefix(f"{folder}/rules.yaml:") for one in load(folder, text, **options).warnings]


def lint(folder: Path, text: str) -> list[str]:
    """What lint warns of in one file, as `line:column: message`."""
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    found = load_pack(file, strict_examples=False).lint()
    return [str(one).replace(f"{file}:", "") for one in found]


def compiled(rules: dict[str, Any], **sections: Any) -> Compiled:
    """Matches by rule id, compiled; no fault is allowed."""
    faults = {0: Faults()}
    data = {**sections, "rules": {id: {"match": match} for id, match in rules.items()}}
    catalog = Catalog()
    catalog.add(0, validate(data, faults[0]), frozenset(), faults)
    result = compile_rules(catalog, list(rules), faults)
    assert [fault for fault in faults[0].items if fault.level == "error"] == []
    return result


def ruleset(rules: dict[str, Any], **sections: Any) -> Ruleset:
    """Rules by id that only have a match."""
    made = compiled(rules, **sections)
    return Ruleset(
        rules={id: Rule(card=card(id), body=Said(node)) for id, node in made.matches.items()},
        compiled=made,
    )


def card(id: str) -> RuleCard:
    """A card that says as little as possible."""
    return RuleCard(id=id, hash="0" * 16, title="", severity=Severity.MEDIUM, notify=())


def holds(match: Any, text: str, title: str = "", **sections: Any) -> bool:
    """Whether an article with these words matches an expression."""
    return bool(ruleset({"r": match}, **sections).match(article(text, title)))


def found(match: Any, text: str, title: str = "", **sections: Any) -> list[str]:
    """The words of the evidence, in order; [] without a match."""
    at = article(text, title)
    return [
        getattr(at, span.field)[span.start : span.end]
        for one in ruleset({"r": match}, **sections).match(at)
        for span in one.spans
    ]


def because(match: Any, text: str, title: str = "", **sections: Any) -> set[str]:
    """The kinds of clause that fail."""
    return set(ruleset({"r": match}, **sections).explain(article(text, title), "r").because)
