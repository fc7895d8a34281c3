"""The meaning of expressions, spelt out by brute force over every combination: what the engine is held against.

Works on words in a list, knows nothing of the engine, and is only fit for a few words. Expressions are as typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Any

Hit = tuple[int, int]
Combo = frozenset[Hit]
NEGATIVE = {"none", "nowhere"}


@dataclass(frozen=True)
class Words:
    """A document: words with the number of their sentence and paragraph; the title's are 0, the text's from 1."""

    words: tuple[str, ...]
    sentence: tuple[int, ...]
    paragraph: tuple[int, ...]

    @property
    def everywhere(self) -> Region:
        return Region(frozenset(range(len(self.words))))


@dataclass(frozen=True)
class Region:
    positions: frozenset[int]
    touching: bool = False

    def holds(self, hit: Hit) -> bool:
        inside = [position in self.positions for position in range(hit[0], hit[1] + 1)]
        return any(inside) if self.touching else all(inside)

    def cut(self, positions: set[int]) -> Region:
        return Region(self.positions & positions, self.touching)


def occurrences(term: str, doc: Words) -> list[Hit]:
    """Every place of a term, leftmost first, not overlapping itself; never across sentences."""
    wanted, places, at = tuple(term.split()), [], 0
    while at <= len(doc.words) - len(wanted):
        last = at + len(wanted) - 1
        if doc.words[at : last + 1] == wanted and doc.sentence[at] == doc.sentence[last]:
            places.append((at, last))
            at = last + 1
        else:
            at += 1
    return places


def is_negative(data: Any) -> bool:
    if isinstance(data, dict) and not NEGATIVE.isdisjoint(data) and not {"all", "any", "at_least"} & set(data):
        return True
    return isinstance(data, dict) and set(data) == {"all"} and all(map(is_negative, data["all"]))


def true(data: Any, region: Region, doc: Words) -> bool:
    """Whether an expression holds by hits in a region."""
    if is_negative(data) and "all" not in data:
        return conditions(data, doc)
    if isinstance(data, dict) and "within" not in data:
        inner = narrowed(data, region, doc)
        parts = ("all" not in data or all(true(child, inner, doc) for child in data["all"])) and (
            "any" not in data or any(true(child, inner, doc) for child in data["any"])
        )
        if "at_least" in data:
            parts = parts and any(True for _ in chosen([(data["of"], int(data["at_least"]))], inner, doc))
        return parts and conditions(data, doc)
    return any(True for _ in combos(data, region, doc))


def conditions(data: dict[str, Any], doc: Words) -> bool:
    around = narrowed(data, doc.everywhere, doc)
    blocked = "within" not in data and any(true(child, around, doc) for child in data.get("none", []))
    return not blocked and not any(true(child, doc.everywhere, doc) for child in data.get("nowhere", []))


def narrowed(data: dict[str, Any], region: Region, doc: Words) -> Region:
    if "fields" not in data:
        return region
    numbers = {
        "title": {at for at, number in enumerate(doc.paragraph) if number == 0},
        "lead": {at for at, number in enumerate(doc.paragraph) if number == 1},
        "body": {at for at, number in enumerate(doc.paragraph) if number > 0},
    }
    return region.cut(set().union(*(numbers[name] for name in data["fields"])))


def groups(data: dict[str, Any]) -> list[tuple[list[Any], int]]:
    """The things wanted, in written order, and how many of each group."""
    made: list[tuple[list[Any], int]] = []
    for key in data:
        if key == "all":
            made += [([child], 1) for child in data["all"]]
        elif key == "any":
            made.append(([data["any"]], 1))
        elif key == "at_least":
            made.append((data["of"], int(data["at_least"])))
    return made


def chosen(wanted: list[tuple[list[Any], int]], region: Region, doc: Words) -> Iterator[list[Combo]]:
    """Every choice of as many children as each group needs, with a combination each, no two hits overlapping."""
    ways = []
    for children, need in wanted:
        if len(children) == 1 and is_negative(children[0]):
            if not true(children[0], doc.everywhere, doc):
                return
            continue
        ways.append(list(combinations(children, need)))
    for picked in product(*ways):
        children = [child for group in picked for child in group]
        for choice in product(*(combos(child, region, doc) for child in children)):
            if all(apart(a, b) for a, b in combinations(choice, 2)):
                yield list(choice)


def apart(one: Combo, other: Combo) -> bool:
    return all(a[1] < b[0] or b[1] < a[0] for a in one for b in other)


def combos(data: Any, region: Region, doc: Words) -> set[Combo]:
    """Every combination of hits by which an expression holds in a region."""
    if isinstance(data, str):
        return {frozenset({hit}) for hit in occurrences(data, doc) if region.holds(hit)}
    if isinstance(data, list):
        return {combo for child in data for combo in combos(child, region, doc)}
    if not conditions(data, doc):
        return set()
    inner = narrowed(data, region, doc)
    if "within" not in data:
        return {frozenset().union(*choice) for choice in chosen(groups(data), inner, doc)}
    found = set()
    numbers = doc.sentence if data["within"] == "sentence" else doc.paragraph
    for number in set(numbers):
        unit = {at for at, own in enumerate(numbers) if own == number}
        for choice in chosen(groups(data), inner.cut(unit), doc):
            if fits(data, choice) and not blocked(data, choice, unit, doc):
                found.add(frozenset().union(*choice))
    return found


def hull(combo: Combo) -> Hit:
    return min(hit[0] for hit in combo), max(hit[1] for hit in combo)


def fits(data: dict[str, Any], choice: list[Combo]) -> bool:
    hulls = [hull(combo) for combo in choice]
    if data.get("ordered") == "true" and any(a[1] >= b[0] for a, b in pairwise(hulls)):
        return False
    if not data["within"].endswith("words"):
        return True
    width = int(data["within"].split()[0])
    end = None
    for first, last in sorted(hulls):
        if end is not None and first - end - 1 > width:
            return False
        end = last if end is None else max(end, last)
    return True


def blocked(data: dict[str, Any], choice: list[Combo], unit: set[int], doc: Words) -> bool:
    positions = unit
    if data["within"].endswith("words"):
        width = int(data["within"].split()[0])
        first, last = hull(frozenset().union(*choice))
        positions = unit & set(range(first - width, last + width + 1))
    return any(true(child, Region(frozenset(positions), True), doc) for child in data.get("none", []))
