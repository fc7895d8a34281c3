"""The JSON Schema of the configuration: sections as `monitor.config` reads them, channels and sources from the models
of their kinds. A kind of another distribution may hold anything.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from monitor import channels, sources
from monitor.alerting.wording import LANGUAGES
from monitor.cli._schema_parts import (
    COUNT,
    DURATION,
    FLAG,
    SIZE,
    TEXT,
    Schema,
    Shapes,
    by_id,
    choice,
    mapping,
    several,
)
from monitor.cli._schema_rules import SPECIAL as RULE_SPECIAL
from monitor.cli._schema_words import CONFIGURATION_WORDS, RULE_WORDS
from monitor.rules.conditions import SEVERITIES
from monitor.rules.schema import DefaultsSpec

_CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NETWORKS = several(TEXT)
_DAILY: Schema = {
    "type": "string",
    "pattern": rf"^\s*(hourly|daily(\s+{_CLOCK},?)+)\s*$",
    "patternErrorMessage": "Write daily 07:30, daily 07:30 18:00 or hourly.",
    "defaultSnippets": [{"label": "daily 07:30", "body": "daily 07:30"}, {"label": "hourly", "body": "hourly"}],
}
_DRILL: Schema = {
    "type": "string",
    "pattern": rf"^\s*daily\s+{_CLOCK}\s*$",
    "patternErrorMessage": "Write daily 09:00.",
    "defaultSnippets": [{"label": "daily 09:00", "body": "daily 09:00"}],
}
_HOURS: Schema = {
    "type": "string",
    "pattern": rf"^{_CLOCK}\s*[-–]\s*{_CLOCK}$",
    "patternErrorMessage": 'Write a span such as "22:00-06:00".',
}
_QUIET = mapping({"days": several(TEXT), "hours": several(_HOURS)})
_AT_MOST: Schema = {
    "type": "string",
    "pattern": r"^\s*[0-9٠-٩۰-۹]+\s+per\s+\S+",
    "patternErrorMessage": "Write a bound such as 20 per 1h.",
}

CALM: dict[str, Schema] = {
    "from_severity": choice(SEVERITIES),
    "at_most": _AT_MOST,
    "quiet": several(_QUIET),
    "quiet_lets_through": choice(SEVERITIES),
    "digest": _DAILY,
    "catch_up": choice(("digest", "each")),
}
FETCH: dict[str, Schema] = {
    "contact": TEXT,
    "timeout": DURATION,
    "max_size": SIZE,
    "private_networks": _NETWORKS,
    "fastest": DURATION,
    "slowest": DURATION,
    "per_host": COUNT,
    "proxy": TEXT,
}
OPS: dict[str, Schema] = {
    "notify": several(TEXT),
    "source_silent_for": DURATION,
    "delivery_failing_for": DURATION,
}
_KEPT: Schema = {"anyOf": [choice(("forever",)), DURATION]}
KEEP: dict[str, Schema] = {"articles": _KEPT, "matches": _KEPT, "free": SIZE}
_SPECIAL: dict[str, Schema] = {
    "FeedOptions.keep": _KEPT,
    "FolderOptions.keep": {"anyOf": [FLAG, *_KEPT["anyOf"]]},
    "FeedOptions.since": {"anyOf": [choice(("all",)), DURATION]},
    "FeedOptions.backoff_scope": choice(("source", "host", "domain")),
    "FeedOptions.tags": several(TEXT),
    "FolderOptions.tags": several(TEXT),
    "FolderOptions.since": TEXT,
    "FolderOptions.max_size": SIZE,
    "EmailOptions.starttls": choice(("required", "off")),
    "WebhookOptions.signing_secret": several(TEXT),
    "PostOptions.private_networks": _NETWORKS,
    "TellOptions.language": choice(LANGUAGES),
    "EmailOptions.language": choice(LANGUAGES),
    "AppriseOptions.language": choice(LANGUAGES),
}
_EVERY_SOURCE: dict[str, Schema] = {
    "tags": several(TEXT),
    "enabled": FLAG,
    "keep": _KEPT,
}
_NOT_THERE = ("auth",)
"""Options that are known only to say what to write instead."""


def configuration_schema() -> Schema:
    """The schema of `monitor.yaml`."""
    shapes = Shapes(_SPECIAL, CONFIGURATION_WORDS)
    sections: dict[str, Schema] = {
        "version": {"enum": [1, "1"]},
        "timezone": TEXT,
        "language": choice(LANGUAGES),
        "database": TEXT,
        "rules": several(TEXT),
        "defaults": {**Shapes(RULE_SPECIAL, RULE_WORDS).shape(DefaultsSpec), "type": ["object", "null"]},
        "fetch": _told(shapes, FETCH),
        "sources": by_id({"anyOf": _sources(shapes)}),
        "channels": by_id({"anyOf": _channels(shapes)}),
        "ops": _told(shapes, OPS),
        "heartbeat": _told(shapes, {"url": TEXT, "every": DURATION}),
        "keep": _told(shapes, KEEP),
        "web": _told(shapes, {"listen": TEXT}),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The configuration of Rasid",
        **mapping({key: shapes.told(key, part) for key, part in sections.items()}),
    }


def _told(shapes: Shapes, parts: dict[str, Schema]) -> Schema:
    return {**mapping({key: shapes.told(key, part) for key, part in parts.items()}), "type": ["object", "null"]}


def _model(kind: Any) -> type[BaseModel] | None:
    found = getattr(kind, "options", None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _sources(shapes: Shapes) -> list[Schema]:
    """A feed, a folder, a list of feeds; kinds of others by their name."""
    common = {key: shapes.told(key, part) for key, part in _EVERY_SOURCE.items()}
    found = []
    for name, kind in sources.kinds().items():
        if (model := _model(kind)) is None:
            found.append({"required": ["kind"], "properties": {"kind": {"const": name}, **common}})
            continue
        shape = shapes.shape(model, without=_NOT_THERE)
        keys = {**common, **shape["properties"], "kind": shapes.told("kind", {"const": name})}
        found.append({**shape, "properties": keys})
        if name == "feed":
            listed = {key: part for key, part in keys.items() if key not in ("url", "kind")}
            found.append(mapping({"opml": shapes.told("opml", TEXT), **listed}, needs=("opml",)))
    return found


def _channels(shapes: Shapes) -> list[Schema]:
    """One shape for each kind, told apart by `kind`."""
    common = {key: shapes.told(key, part) for key, part in {**CALM, "drill": _DRILL, "enabled": FLAG}.items()}
    found = []
    for name, kind in channels.kinds().items():
        which = {"kind": shapes.told("kind", {"const": name})}
        if (model := _model(kind)) is None:
            found.append({"required": ["kind"], "properties": {**which, **common}})
            continue
        shape = shapes.shape(model)
        keys = {**which, **shape["properties"], **common}
        found.append(mapping(keys, needs=("kind", *shape.get("required", ()))))
    return found
