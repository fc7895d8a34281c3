"""Take invisible direction marks out of what refers to a name: a kind or a tag may be in Arabic."""

from __future__ import annotations

from typing import Any

from monitor.rules.faults import Faults
from monitor.rules.faults import Path as KeyPath
from monitor.yamltext import strip_marks

_REFERRING = frozenset(("kind", "country", "tags", "entity", "sources", "languages", "publishers", "notify"))


def without_marks(data: Any, path: KeyPath, faults: Faults) -> Any:
    """The document with direction marks taken out of what refers to a name, each with a warning.

    The loader takes them out of plain words and numbers; a kind or a tag may be in Arabic.
    """
    if isinstance(data, dict):
        return {key: without_marks(value, (*path, key), faults) for key, value in data.items()}
    if isinstance(data, list):
        return [without_marks(value, (*path, index), faults) for index, value in enumerate(data)]
    plain: str = strip_marks(data)
    if plain != data and not _REFERRING.isdisjoint(path):
        faults.warn(path, f"invisible direction marks in {plain!r} are ignored")
        return plain
    return data
