"""Parts of a JSON Schema: how a value of each type is typed in YAML, and a model of pydantic as an object.

What people type is text to Rasid and more to an editor: `5m` is a string there, `10` a number, `true` a flag. A part
accepts whatever Rasid's reader accepts; it may accept a little more, never less.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

Schema = dict[str, Any]

_DIGIT = "[0-9٠-٩۰-۹]"
_HIDDEN = r"\$\{(file|env):"

TEXT: Schema = {"type": ["string", "number", "boolean"]}
FLAG: Schema = {"enum": [True, False, "yes", "no", "true", "false", "on", "off"]}
DURATION: Schema = {
    "type": "string",
    "pattern": rf"^\s*(none|({_DIGIT}+(\.{_DIGIT}+)?(ms|[smhdwy])\s*)+)$|{_HIDDEN}",
    "patternErrorMessage": "Write a number and a unit, such as 30s, 15m, 2h or 7d.",
}
COUNT: Schema = {
    "type": ["integer", "string"],
    "pattern": rf"^{_DIGIT}+$|{_HIDDEN}",
    "patternErrorMessage": "Write a whole number.",
}
NUMBER: Schema = {
    "type": ["number", "string"],
    "pattern": rf"^[-+−]?{_DIGIT}+([.٫]{_DIGIT}+)?$",
    "patternErrorMessage": "Write a number.",
}
MOMENT: Schema = {
    "type": "string",
    "pattern": f"^{_DIGIT}{{4}}-{_DIGIT}{{2}}-{_DIGIT}{{2}}",
    "patternErrorMessage": "Write a day such as 2026-11-01, or 2026-11-01 18:00.",
}
SIZE: Schema = {
    "type": ["integer", "string"],
    "pattern": rf"^{_DIGIT}+\s*[kKMmGg]?[bB]?$",
    "patternErrorMessage": "Write a number and a unit, such as 500kB or 10MB.",
}
_OF_TYPE: Mapping[Any, Schema] = {bool: FLAG, timedelta: DURATION, int: COUNT, float: NUMBER, datetime: MOMENT}


def several(item: Schema) -> Schema:
    """One, or a list of them."""
    return {"anyOf": [item, {"type": "array", "items": item}]}


def choice(known: tuple[str, ...]) -> Schema:
    """One of the known words."""
    return {"enum": list(known)}


def mapping(properties: Mapping[str, Schema], *, needs: tuple[str, ...] = ()) -> Schema:
    """A mapping that has these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        **({"required": list(needs)} if needs else {}),
    }


def by_id(entry: Schema) -> Schema:
    """A section: entries by id; it may be left empty."""
    return {
        "type": ["object", "null"],
        "propertyNames": {"pattern": "^[a-z][a-z0-9-]*$"},
        "additionalProperties": entry,
    }


def ref(name: str) -> Schema:
    """What is defined once under `definitions`."""
    return {"$ref": f"#/definitions/{name}"}


class Shapes:
    """Models as schemas. `special` are the fields that say more than their type does, by `Model.field`."""

    def __init__(self, special: Mapping[str, Schema], words: Mapping[str, str]) -> None:
        self._special = special
        self._words = words

    def shape(self, model: type[BaseModel], *, without: tuple[str, ...] = ()) -> Schema:
        """A model: its keys with what they hold and mean, and no others."""
        fields = {name: field for name, field in model.model_fields.items() if name not in without}
        return mapping(
            {
                field.alias or name: self.told(
                    field.alias or name, self._of(model, name, field.annotation), of=model.__name__
                )
                for name, field in fields.items()
            },
            needs=tuple(field.alias or name for name, field in fields.items() if field.is_required()),
        )

    def told(self, key: str, part: Schema, *, of: str = "") -> Schema:
        """A key's schema with its meaning, which an editor shows; KeyError for a key without one. A model that means
        something else by it (`of`) has words of its own.
        """
        words = self._words.get(f"{of}.{key}") or self._words[key]
        return {"description": words, **({"allOf": [part]} if "$ref" in part else part)}

    def _of(self, model: type[BaseModel], name: str, annotation: Any) -> Schema:
        for owner in model.__mro__:
            if (part := self._special.get(f"{owner.__name__}.{name}")) is not None:
                return part
        return self._typed(annotation)

    def _typed(self, annotation: Any) -> Schema:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._typed(arguments[0])
        if origin in (Union, types.UnionType):
            return self._typed(next(one for one in arguments if one is not types.NoneType))
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self.shape(annotation)
        if origin is list:
            return {"type": "array", "items": self._typed(arguments[0])}
        if origin is tuple:
            return several(self._typed(arguments[0]))
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": TEXT}
        if annotation in (Any, object):
            raise LookupError("a value of any type needs words of its own")
        return _OF_TYPE.get(annotation, TEXT)
