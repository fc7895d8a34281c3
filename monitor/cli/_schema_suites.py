"""The JSON Schema of suites of rule tests, from the models that read them."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.cli._schema_parts import DURATION, MOMENT, TEXT, Schema, Shapes, by_id, choice, mapping, several
from monitor.rules.conditions import SEVERITIES
from monitor.rules.suite import ArticleSpec, ChannelSpec, ExpectSpec

_AT: Schema = {"anyOf": [DURATION, MOMENT]}

_SPECIAL: Mapping[str, Schema] = {
    "ExpectSpec.severity": choice(SEVERITIES),
    "ChannelSpec.from_severity": choice(SEVERITIES),
    "ArticleSpec.at": _AT,
    "ArticleSpec.published": _AT,
    "ExpectSpec.at": _AT,
    "ExpectSpec.silent_until": _AT,
}

SUITE_WORDS: Mapping[str, str] = {
    "version": "The form of this file: 1.",
    "rules": "The rule files and folders that are tested, by paths relative to this file.",
    "defaults": "What the rules inherit, as in the configuration's defaults.",
    "channels": "What channels take: {desk: {from_severity: high}}.",
    "from_severity": "The lowest severity that the channel takes.",
    "timezone": "Of the times in this file and the days in rules, such as Asia/Baghdad; UTC by default.",
    "tests": "The tests by id.",
    "title": "What the test shows.",
    "start": "When the test begins: a day and time (2026-01-05 08:00 by default).",
    "articles": "The articles, each with when it comes.",
    "expect": "All that is told, in order of time; [] expects silence.",
    "at": "A time after the start, such as 30s or 2h, or a day and time.",
    "source": "The source it comes from.",
    "publisher": "Who published it.",
    "text": "What it says, paragraphs apart by a blank line.",
    "url": "Its address.",
    "language": "Its language, such as ar or en.",
    "tags": "The tags of its source.",
    "published": "When it was published, by default when it comes.",
    "silent_until": "Nothing is told after the item before this one until then.",
    "channel": "The channel that is told; any, by default.",
    "ExpectSpec.rules": "All rules that the alert names.",
    "ExpectSpec.articles": "How many articles are in it.",
    "sequence": "1 is the first alert of its group, 2 the first update.",
    "severity": "How severe it is.",
    "ArticleSpec.title": "The headline.",
}


def suite_schema() -> Schema:
    """The schema of one suite."""
    shapes = Shapes(_SPECIAL, SUITE_WORDS)
    test = {
        "title": TEXT,
        "start": _AT,
        "articles": {"type": "array", "items": shapes.shape(ArticleSpec)},
        "expect": {"type": "array", "items": shapes.shape(ExpectSpec)},
    }
    sections: dict[str, Schema] = {
        "version": {"enum": [1, "1"]},
        "rules": several(TEXT),
        "defaults": {"type": "object"},
        "channels": {"type": "object", "additionalProperties": shapes.shape(ChannelSpec)},
        "timezone": TEXT,
        "tests": by_id(mapping(_told(shapes, test), needs=("articles", "expect"))),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A suite of rule tests of Rasid",
        **mapping(_told(shapes, sections), needs=("rules", "tests")),
    }


def _told(shapes: Shapes, parts: Mapping[str, Schema]) -> dict[str, Schema]:
    return {key: shapes.told(key, part) for key, part in parts.items()}
