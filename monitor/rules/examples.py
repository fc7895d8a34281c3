"""The examples of a rule: articles that it must hit or miss, what is expected of each, and whether that holds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from monitor.model import Article, Match
from monitor.rules import faults as read
from monitor.rules.explain import Explanation
from monitor.rules.faults import Faults, Path, one_of, shape
from monitor.rules.marks import TermReader
from monitor.rules.schema import ExampleSpec, check

KINDS = ("hit", "miss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example: the article, what is expected, and where it stands in its file. `group` is compared with the
    values under the one key `group_by`.
    """

    kind: str
    index: int
    article: Article
    entities: tuple[str, ...] | None = None
    group: str = ""
    group_by: str = ""
    because: str = ""
    file: int = 0
    path: Path = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """What came of an example; `reason` says what was expected and what was found instead, "" when it holds."""

    rule: str
    example: Example
    holds: bool
    reason: str = ""


def read_examples(
    data: Any, path: Path, terms: TermReader, about: str, file: int, timezone: tzinfo, group_by: tuple[str, ...]
) -> tuple[Example, ...]:
    """The examples of one rule; faults are told under `about`. `group_by` is the rule's."""
    faults = terms.faults
    faults.about = about
    if not isinstance(data, dict):
        faults.add(path, f"examples: expected the keys hit and miss, not {shape(data)}")
        return ()
    found = []
    for kind, items in data.items():
        where = (*path, kind)
        if kind not in KINDS:
            faults.add(where, f"unknown key {kind!r}{one_of(kind, KINDS)}", at_key=True)
            continue
        listed = items if isinstance(items, list) else [items]
        split = [
            index for index, item in enumerate(listed) if isinstance(item, str) and (*where, index) in terms.flow
        ]
        if len(split) > 1:
            faults.add(
                (*where, split[1]),
                f"a new example begins at {listed[split[1]]!r}, because YAML splits [...] at commas; write one "
                f"example a line",
            )
        for index, item in enumerate(listed):
            at = (*where, index) if isinstance(items, list) else where
            example = _example(kind, index, item, at, about, faults, file, timezone)
            if example is not None:
                found.append(_grouped(example, group_by, faults))
    return tuple(found)


def _example(
    kind: str, index: int, item: Any, path: Path, about: str, faults: Faults, file: int, timezone: tzinfo
) -> Example | None:
    faults.about = about
    if isinstance(item, str):
        try:
            item = {"text": read.text(item)}
        except ValueError:
            faults.add(path, f"an empty {kind} example (a text that begins with '#' must be in quotes)")
            return None
    if isinstance(item, dict) and len(item) == 1 and not item.keys() & ExampleSpec.model_fields.keys():
        (key,) = item
        faults.add(
            path, f"an example is a text; ': ' turned it into a mapping with the key {key!r}. Put it in quotes"
        )
        return None
    spec = check(ExampleSpec, item, path, f"{about}example: ", faults)
    if spec is None:
        return None
    faults.about = about
    if not spec.title and not spec.text:
        faults.add(path, "an example needs a text or a title")
        return None
    for key, right in (("because", "miss"), ("entities", "hit"), ("group", "hit")):
        if key in item and kind != right:
            faults.add((*path, key), f"{key!r} belongs to a {right}", at_key=True)
            return None
    published = spec.published
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=timezone)
    article = Article(
        id=f"example-{kind}-{index + 1}",
        source=spec.source,
        title=spec.title,
        text=spec.text.strip(),
        publisher=spec.publisher,
        language=spec.language,
        published=published,
        seen=published,
    )
    return Example(
        kind=kind,
        index=index,
        article=article,
        entities=spec.entities,
        group=spec.group or "",
        because=spec.because or "",
        file=file,
        path=path,
    )


def _grouped(example: Example, group_by: tuple[str, ...], faults: Faults) -> Example:
    """An example with the key whose values its `group` is compared with; a story has no value before it is placed."""
    if not example.group or (len(group_by) == 1 and group_by[0] != "story"):
        return replace(example, group_by="".join(group_by))
    faults.warn(
        (*example.path, "group"),
        "the expected 'group' is not compared: that needs one key in 'group_by', and not the story",
        at_key=True,
    )
    return replace(example, group="")


def judge(
    rule: str, example: Example, match: Match | None, groups: Collection[str], explain: Callable[[], Explanation]
) -> ExampleResult:
    """Hold an example against what the rule made of it; `groups` are the values of its group key."""
    reason = ""
    if example.kind == "hit":
        if match is None:
            reason = f"expected a hit, found none, because of {explain().summary()}"
        elif example.entities is not None and set(example.entities) != set(match.entities):
            reason = f"expected the entities {_listed(example.entities)}, found {_listed(match.entities)}"
        elif example.group and example.group not in groups:
            reason = f"expected the group {example.group!r}, found {_listed(groups)}"
    elif match is not None:
        words = ", ".join(dict.fromkeys(_cut(example.article, span) for span in match.spans))
        reason = f"expected a miss, found a hit by: {words}"
    elif example.because:
        explanation = explain()
        if example.because not in explanation.because:
            reason = (
                f"expected a miss because of {example.because}, but it is a miss because of {explanation.summary()}"
            )
    return ExampleResult(rule=rule, example=example, holds=not reason, reason=reason)


def _listed(ids: Collection[str]) -> str:
    return ", ".join(sorted(ids)) or "none"


def _cut(article: Article, span: Any) -> str:
    text = article.title if span.field == "title" else article.text
    return text[span.start : span.end]
