"""Fill templates: those shipped in `templates/`, or the operator's own of the same name in `config/templates/`.

`NAME.LANGUAGE.ENDING` goes before `NAME.ENDING`. What an article says is always a value, already in the markup of its
kind: no template can turn it into more. A template of the operator's that cannot be filled gives way to the shipped
one. The sandbox refuses attributes, methods and repetition; nothing but the values can be read.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from monitor.alerting.wording import LANGUAGES
from monitor.errors import Level, Problem
from monitor.model import Place

LARGEST = 100_000
"""Bytes of a template, and characters of what it gives."""

_log = logging.getLogger(__name__)


class Html(str):
    """HTML whose texts are escaped: templates put it in as it is. Whatever a filter makes of it is escaped again."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return isinstance(obj, LoopContext) and not attr.startswith("_")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"{operator} is not allowed")


def fill(folder: Path | None, name: str, language: str, values: Mapping[str, Any]) -> str:
    """The text of the template `name` for a reader of `language`; `folder` holds the operator's own."""
    for path in _own(folder, name, language):
        try:
            return _filled(path, values)
        except (OSError, ValueError, TemplateError, TypeError, ArithmeticError, LookupError) as error:
            _log.warning("a template cannot be filled", extra={"template": path.name, "why": type(error).__name__})
    return _shipped(name).render(values)


def check(folder: Path | None, name: str, samples: Mapping[str, Mapping[str, Any]]) -> tuple[Problem, ...]:
    """A warning for each of the operator's templates `name` that cannot be filled. `samples`: values by language."""
    found = {}
    for language in LANGUAGES:
        for path in _own(folder, name, language):
            try:
                _filled(path, samples[language])
            except (OSError, ValueError, TemplateError, TypeError, ArithmeticError, LookupError) as error:
                line = getattr(error, "lineno", None) or 0
                message = f"template is left aside, the shipped one takes its place: {error}"
                found[path] = Problem(file=str(path), line=line, message=message, level=Level.WARNING)
    return tuple(found.values())


def folder_of(where: Place) -> Path | None:
    """The folder of the operator's templates: beside the file in which the channel is configured."""
    return Path(where.file).parent / "templates" if where.file else None


def _own(folder: Path | None, name: str, language: str) -> list[Path]:
    """The operator's templates for `name` that exist, the best first."""
    if folder is None:
        return []
    stem, _, ending = name.rpartition(".")
    paths = (folder / f"{stem}.{language}.{ending}", folder / name)
    return [path for path in paths if path.is_file()]


def _filled(path: Path, values: Mapping[str, Any]) -> str:
    """Read anew each time, so that an edit counts at once."""
    with path.open("rb") as file:
        source = file.read(LARGEST + 1)
    if len(source) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST} bytes")
    parts = []
    size = 0
    for part in _compiled(source.decode("utf-8"), is_html=path.suffix == ".html").generate(values):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise ValueError(f"it gives more than {LARGEST} characters")
    return "".join(parts)


@lru_cache(maxsize=64)
def _compiled(source: str, *, is_html: bool) -> Template:
    return _environment(is_html=is_html).from_string(source)


@cache
def _shipped(name: str) -> Template:
    folder = files("monitor.channels").joinpath("templates")
    own, common = folder.joinpath(name), folder.joinpath(f"message.{name.rpartition('.')[2]}")
    source = (own if own.is_file() else common).read_text(encoding="utf-8")
    return _compiled(source, is_html=name.endswith(".html"))


@cache
def _environment(*, is_html: bool) -> _Sandbox:
    made = _Sandbox(
        autoescape=is_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # `safe` would undo the escaping; `range` and `lipsum` make much of little.
    del made.filters["safe"]
    made.globals.clear()
    return made
