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


def gives_no_hits(data: Any) -> bool:
    """Points, and what only says what must not be there: nothing that `within` could combine."""
    if isinstance(data, str):
        return False
    if isinstance(data, list):
        return all(map(gives_no_hits, data))
    children = [child for key in ("all", "any", "of") for child in data.get(key, [])]
    return all(map(gives_no_hits, children))


# --- truth -------------------------------------------------------------------------------------------------


def true(data: Any, region: Region, doc: Words) -> bool:
    """Whether an expression holds by hits in a region."""
    if isinstance(data, str):
        return any(map(region.holds, occurrences(data, doc)))
    if isinstance(data, list):
        return any(true(child, region, doc) for child in data)
    if "within" in data:
        return bool(combos(data, region, doc))
    inner = narrowed(data, region, doc)
    return conditions(data, doc) and all(
        (
            all(true(child, inner, doc) for child in data.get("all", [])),
            "any" not in data or any(true(child, inner, doc) for child in data["any"]),
            "of" not in data or any(True for _ in chosen([(data["of"], int(data["at_least"]))], inner, doc)),
            "points" not in data or points(data, inner, doc) >= int(data["at_least"]),
            "mentions" not in data or most_apart(of_children(data, inner, doc)) >= int(data["mentions"]),
        )
    )


def points(data: dict[str, Any], region: Region, doc: Words) -> int:
    return sum(int(earned) for earned, items in data["points"].items() for item in items if true(item, region, doc))


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


# --- combinations ------------------------------------------------------------------------------------------


def groups(data: dict[str, Any]) -> list[tuple[list[Any], int]]:
    """The things wanted that give hits, in written order, and how many of each group."""
    made: list[tuple[list[Any], int]] = []
    for key in data:
        if key == "all":
            made += [([child], 1) for child in data["all"] if not gives_no_hits(child)]
        elif key == "any":
            made.append(([data["any"]], 1))
        elif key == "of":
            made.append((data["of"], int(data["at_least"])))
    return made


def without_hits(data: dict[str, Any]) -> list[Any]:
    """The things wanted that give no hits."""
    own = [{"at_least": data["at_least"], "points": data["points"]}] if "points" in data else []
    return own + [child for child in data.get("all", []) if gives_no_hits(child)]


def chosen(wanted: list[tuple[list[Any], int]], region: Region, doc: Words) -> Iterator[list[Combo]]:
    """Every choice of as many children as each group needs, with a combination each, no two hits overlapping."""
    for picked in product(*(combinations(children, need) for children, need in wanted)):
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
    if "within" not in data:
        if not true(data, region, doc):
            return set()
        return {frozenset().union(*choice) for choice in chosen(groups(data), narrowed(data, region, doc), doc)}
    if not conditions(data, doc):
        return set()
    found = set()
    for unit in units(data, doc):
        inner = narrowed(data, region, doc).cut(unit)
        for choice in chosen(groups(data), inner, doc):
            if fits(data, choice) and stands(data, choice, unit, inner, doc):
                found.add(frozenset().union(*choice))
    return found


def units(data: dict[str, Any], doc: Words) -> list[set[int]]:
    numbers = doc.sentence if data["within"] == "sentence" else doc.paragraph
    return [{at for at, own in enumerate(numbers) if own == number} for number in sorted(set(numbers))]


def hull(combo: Combo) -> Hit:
    return min(hit[0] for hit in combo), max(hit[1] for hit in combo)


def width(data: dict[str, Any]) -> int | None:
    return int(data["within"].split()[0]) if data["within"].endswith("words") else None


def fits(data: dict[str, Any], choice: list[Combo]) -> bool:
    hulls = [hull(combo) for combo in choice]
    if data.get("ordered") == "true" and any(a[1] >= b[0] for a, b in pairwise(hulls)):
        return False
    gap = width(data)
    return gap is None or hulls_linked(hulls, gap)


def hulls_linked(hulls: list[Hit], gap: int) -> bool:
    """Whether at most `gap` words lie between the nearest edges of each neighbouring pair."""
    end = None
    for first, last in sorted(hulls):
        if end is not None and first - end - 1 > gap:
            return False
        end = last if end is None else max(end, last)
    return True


def stands(data: dict[str, Any], choice: list[Combo], unit: set[int], inner: Region, doc: Words) -> bool:
    """Whether the reach of a combination holds its points and mentions, and nothing of `none`."""
    own = hull(frozenset().union(*choice))
    gap, reach = width(data), unit
    if gap is not None:
        reach = unit & set(range(own[0] - gap, own[1] + gap + 1))
    if any(true(child, Region(frozenset(reach), True), doc) for child in data.get("none", [])):
        return False
    if not all(true(child, inner.cut(reach), doc) for child in without_hits(data)):
        return False
    if "mentions" not in data:
        return True
    hits = of_children(data, inner, doc)
    if gap is not None:
        hits = chain(hits, own, gap)
    return most_apart(hits) >= int(data["mentions"])


# --- mentions ----------------------------------------------------------------------------------------------


def most_apart(hits: set[Hit]) -> int:
    """The most hits of which no two overlap."""
    return max(
        size
        for size in range(len(hits) + 1)
        for some in combinations(hits, size)
        if all(apart(frozenset({a}), frozenset({b})) for a, b in combinations(some, 2))
    )


def chain(hits: set[Hit], own: Hit, gap: int) -> set[Hit]:
    """The hits that hang together with a hull through others, none further than the gap."""
    found: set[Hit] = set()
    while more := {hit for hit in hits - found if any(hulls_linked([hit, near], gap) for near in (*found, own))}:
        found |= more
    return found


def evidence(data: Any, region: Region, doc: Words) -> set[Hit]:
    """The hits by which an expression that holds in a region does so."""
    if isinstance(data, str):
        return {hit for hit in occurrences(data, doc) if region.holds(hit)}
    if isinstance(data, list):
        return of_those_that_hold(data, region, doc)
    inner = narrowed(data, region, doc)
    if "within" not in data:
        return of_children(data, inner, doc)
    found = set()
    for unit in units(data, doc):
        satisfying = combos(data, region.cut(unit), doc)
        if satisfying and width(data) is None:
            found |= of_children(data, inner.cut(unit), doc)
        elif satisfying:
            found |= set().union(*satisfying)
            found |= set().union(*(evidence(child, inner.cut(unit), doc) for child in without_hits(data)))
    return found


def of_children(data: dict[str, Any], region: Region, doc: Words) -> set[Hit]:
    children = [child for key in ("all", "any", "of") for child in data.get(key, [])]
    earning = [item for earned, items in data.get("points", {}).items() if int(earned) > 0 for item in items]
    bare = [hit for child in children if gives_no_hits(child) for hit in evidence(child, region, doc)]
    return of_those_that_hold([*children, *earning], region, doc) | set(bare)


def of_those_that_hold(children: list[Any], region: Region, doc: Words) -> set[Hit]:
    return {hit for child in children if true(child, region, doc) for hit in evidence(child, region, doc)}
