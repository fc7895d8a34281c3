"""The JSON Schema of rule files, from the models that read them; the match tree from the keys its reader knows."""

from __future__ import annotations

from monitor.cli._schema_parts import (
    COUNT,
    FLAG,
    TEXT,
    Schema,
    Shapes,
    by_id,
    choice,
    mapping,
    ref,
    several,
)
from monitor.cli._schema_words import RULE_WORDS
from monitor.rules.conditions import SEVERITIES
from monitor.rules.examples import KINDS
from monitor.rules.lists import FILED
from monitor.rules.marks import MODES
from monitor.rules.querytokens import FIELDS
from monitor.rules.reading import SELECTORS
from monitor.rules.schema import (
    BECAUSE,
    GROUP_KEYS,
    STATUSES,
    DefaultsSpec,
    EntitySpec,
    ExampleSpec,
    ListSpec,
    RuleSpec,
    TableSpec,
)

_WITHIN: Schema = {
    "anyOf": [
        choice(("sentence", "paragraph")),
        {
            "type": "string",
            "pattern": r"^\s*([0-9٠-٩۰-۹]+\s*words?|[Ss]entence|[Pp]aragraph)\s*$",
            "patternErrorMessage": "Write sentence, paragraph or a number of words, such as 10 words.",
        },
    ],
    "defaultSnippets": [{"label": "10 words", "body": "10 words"}],
}
_TERMS = {"type": "array", "items": {"anyOf": [TEXT, ref("term")]}}
_FILTER = mapping({key: several(TEXT) for key in ("any", "all", "none")})
_ENTITY: Schema = ref("entity")

SPECIAL: dict[str, Schema] = {
    "DefaultsSpec.severity": choice(SEVERITIES),
    "DefaultsSpec.status": choice(STATUSES),
    **{f"DefaultsSpec.{key}": {"anyOf": [several(TEXT), _FILTER]} for key in ("sources", "languages", "publishers")},
    "AlertSpec.group_by": several({"anyOf": [choice((*GROUP_KEYS, "none")), {"type": "string", "pattern": r"^\$"}]}),
    "WhenSpec.new": choice(("entity",)),
    "EscalateSpec.to": choice(SEVERITIES),
    "RuleSpec.match": ref("expression"),
    "RuleSpec.examples": mapping({kind: several(ref("example")) for kind in KINDS}),
    "ExampleSpec.because": choice(BECAUSE),
    **{f"ListSpec.{key}": {"anyOf": [several(TEXT), mapping({"file": TEXT}, needs=("file",))]} for key in FILED},
    "ListSpec.terms": {"anyOf": [TEXT, _TERMS]},
    "ListSpec.not_part_of": several(TEXT),
    "EntitySpec.names": {"anyOf": [TEXT, _TERMS]},
    "EntitySpec.needs": mapping({"any": ref("expressions"), "within": _WITHIN}, needs=("any",)),
    "EntitySpec.not_part_of": several(TEXT),
    "TableSpec.set": _ENTITY,
    "TableSpec.override": {"type": "object", "additionalProperties": _ENTITY},
}


def rules_schema() -> Schema:
    """The schema of one rule file."""
    shapes = Shapes(SPECIAL, RULE_WORDS)
    sections = {
        "version": {"enum": [1, "1"]},
        "defaults": shapes.shape(DefaultsSpec),
        "lists": by_id(shapes.shape(ListSpec)),
        "entities": by_id(ref("entity")),
        "entities_from": by_id(shapes.shape(TableSpec)),
        "rules": by_id(shapes.shape(RuleSpec)),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A rule file of Rasid",
        **mapping({key: shapes.told(key, part) for key, part in sections.items()}),
        "definitions": {
            "entity": shapes.shape(EntitySpec),
            "example": {"anyOf": [TEXT, shapes.shape(ExampleSpec)]},
            "expression": {"anyOf": [TEXT, {"type": "array", "items": ref("expression")}, ref("clause")]},
            "expressions": {"anyOf": [{"type": "array", "items": ref("expression")}, TEXT, ref("clause")]},
            "term": _spelt(shapes),
            "clause": _clause(shapes),
        },
    }


def _spelt(shapes: Shapes) -> Schema:
    """A term with options of its own."""
    parts = _term_parts()
    return mapping({key: shapes.told(key, part) for key, part in parts.items()}, needs=("term",))


def _term_parts() -> dict[str, Schema]:
    return {
        "term": TEXT,
        "mode": choice(MODES),
        "lang": TEXT,
        "cased": FLAG,
        "name": FLAG,
        "translit": FLAG,
        "fold": choice(("strict",)),
        "clitics": choice(("always",)),
        "not_part_of": several(TEXT),
    }


def _clause(shapes: Shapes) -> Schema:
    """A mapping inside a match."""
    points = {
        "type": "object",
        "propertyNames": {"pattern": r"^\s*[-+]?[0-9٠-٩۰-۹]{1,4}\s*$"},
        "additionalProperties": ref("expressions"),
    }
    parts = {
        **{key: ref("expressions") for key in ("all", "any", "none", "nowhere", "of")},
        "at_least": COUNT,
        "points": points,
        "mentions": COUNT,
        "entity": mapping({key: several(TEXT) for key in SELECTORS}),
        "query": TEXT,
        "within": _WITHIN,
        "ordered": FLAG,
        "fields": several(choice(FIELDS)),
        **_term_parts(),
    }
    needed = {"ordered": "within", "of": "at_least", "points": "at_least"}
    needed |= dict.fromkeys([key for key in _term_parts() if key != "term"], "term")
    return {
        **mapping({key: shapes.told(key, part) for key, part in parts.items()}),
        "minProperties": 1,
        "dependencies": {key: [other] for key, other in needed.items()},
    }
