"""Why a rule matches an article and why not, as a tree of findings and in words.

Every clause is judged by itself; what fails is told with the nearest thing that would have done: the hit in another
field, the gap that is too wide, the word that stood in the way. `because` names the kinds of clause that fail, as
examples do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from monitor.rules.evaluate import Scope, Sight, reach
from monitor.rules.expression import All, Any, AtLeast, Clause, Leaf, Node, Points, Unit, Within
from monitor.rules.memo import Lexicon
from monitor.rules.proximity import Found, clusters, count_apart, count_linked
from monitor.rules.terms import Term

MOST_PLACES = 3
MOST_NAMED = 5
MOST_TRIED = 300
"""Combinations looked at to find the nearest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A hit: the words as they stand in the article, in which field (title, lead, body), and their sentence."""

    text: str
    field: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One clause of a rule: whether it holds, on what hits, and if not, what came nearest.

    `kind` is the key of the clause (all, any, at_least, points, mentions, within, none, query, sources ...) or
    `term`. `reasons` are the kinds that explain why it fails, its children's included.
    """

    kind: str
    label: str
    holds: bool
    note: str = ""
    hits: tuple[Seen, ...] = ()
    children: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The finding and those below it, indented."""
        note = f" -- {self.note}" if self.note else ""
        yield f"{'  ' * depth}{'✓' if self.holds else '✗'} {self.label}{note}"
        for hit in self.hits[:MOST_PLACES]:
            yield f"{'  ' * (depth + 2)}{hit.field}: {hit.sentence}"
        if len(self.hits) > MOST_PLACES:
            yield f"{'  ' * (depth + 2)}and {len(self.hits) - MOST_PLACES} more"
        for child in self.children:
            yield from child.lines(depth + 1)

    def failures(self) -> Iterator[str]:
        """What fails at the bottom of the tree; a child that fails where its clause holds is no reason."""
        if self.holds:
            return
        if self.note:
            yield f"{self.label}: {self.note}"
        for child in self.children:
            yield from child.failures()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One rule on one article: every clause with its finding, and the kinds of clause that fail."""

    rule: str
    matched: bool
    clauses: tuple[Finding, ...]
    because: tuple[str, ...] = ()

    def text(self) -> str:
        """The explanation in words, a line for each clause."""
        verdict = "matches" if self.matched else f"does not match, because of: {', '.join(self.because)}"
        return "\n".join((f"{self.rule} {verdict}", *(line for one in self.clauses for line in one.lines(1))))

    def summary(self) -> str:
        """Why it does not match, in one line."""
        notes = dict.fromkeys(note for one in self.clauses for note in one.failures())
        return f"{', '.join(self.because)} ({'; '.join(notes)})"


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains nodes of the match tree on one document."""

    sight: Sight
    terms: Sequence[Term]

    def rule(self, id: str, node: Node, refusals: Iterator[tuple[str, str]]) -> Explanation:
        """A whole rule; `refusals` are its filters that refuse the article."""
        refused = [
            Finding(kind=kind, label=kind, holds=False, note=reason, reasons=(kind,)) for kind, reason in refusals
        ]
        finding = self.finding(node, self.sight.whole)
        reasons = finding.reasons if finding.holds or finding.reasons else ("all", "any")
        because = dict.fromkeys((*reasons, *(one.kind for one in refused)))
        return Explanation(
            rule=id,
            matched=finding.holds and not refused,
            clauses=(finding, *refused),
            because=tuple(sorted(because)),
        )

    def finding(self, node: Node, scope: Scope, fields: tuple[str, ...] = ()) -> Finding:
        """One node, judged in a scope, which `fields` may have narrowed."""
        holds = self.sight.holds(node, scope)
        if isinstance(node, Leaf):
            return self._leaf(node, scope, holds, fields)
        if isinstance(node, Clause):
            return self._clause(node, scope, holds, fields)
        if isinstance(node, Points):
            return self._points(node, scope, holds)
        kind, label = _title(node)
        children = tuple(self.finding(child, scope, fields) for child in _below(node))
        note = ""
        if isinstance(node, AtLeast) and not holds:
            there = [_name(child) for child, one in zip(node.children, children, strict=True) if one.holds]
            note = f"found {len(there)} of {node.count}" + (f": {', '.join(there[:MOST_NAMED])}" if there else "")
            if len(there) >= node.count:
                note = "found, but only in overlapping words"
        reasons = () if holds else (kind, *_reasons(children))
        return Finding(kind=kind, label=label, holds=holds, note=note, children=children, reasons=reasons)

    def _points(self, node: Points, scope: Scope, holds: bool) -> Finding:
        """The items that count, and what they come to."""
        found = [(f"{points:+} {_name(child)}", self.finding(child, scope)) for points, child in node.items]
        children = tuple(replace(one, label=label) for label, one in found if one.holds)
        sums = " ".join(child.label for child in children[:MOST_NAMED])
        note = _figure(self.sight.points(node, scope), node.count, " points") + (f": {sums}" if sums else "")
        reasons = () if holds else ("points",)
        label = f"at least {node.count} points"
        return Finding(kind="points", label=label, holds=holds, note=note, children=children, reasons=reasons)

    def _leaf(self, leaf: Leaf, scope: Scope, holds: bool, fields: tuple[str, ...]) -> Finding:
        label = leaf.label
        if holds:
            return Finding(
                kind="term", label=label, holds=True, hits=self._seen(self.sight.inside(leaf.index, scope))
            )
        elsewhere = sorted(self.sight.inside(leaf.index, self.sight.whole))
        if elsewhere:
            places = sorted({self._field(item) for item in elsewhere})
            note = f"only found in {' and '.join(places)}"
            if fields:
                note = f"in {' or '.join(fields)} only, found in {' and '.join(places)}"
            hits = self._seen(elsewhere)
            return Finding(kind="term", label=label, holds=False, note=note, hits=hits, reasons=("fields",))
        note, reason = self._near(leaf)
        return Finding(kind="term", label=label, holds=False, note=note, reasons=(reason,) if reason else ())

    def _near(self, leaf: Leaf) -> tuple[str, str]:
        """What almost hit: a name without its company, inside a longer phrase that does not count, in other
        capitals.
        """
        own = [self.terms[term] for term in leaf.terms]
        bare = [replace(term, not_part_of=()) for term in own]
        document = self.sight.document
        needy = [term for term in own if term.needs is not None]
        if alone := _lexicon(*needy).hits(document):
            term = needy[min(alone)]
            return f"{term.text!r} counts only beside one of: {term.needs}", "needs"
        if bare != own and (guarded := _lexicon(*bare).hits(document)):
            term = own[min(guarded)]
            names = [term.not_part_of[index].text for index in sorted(_lexicon(*term.not_part_of).hits(document))]
            return f"{term.text!r} only stands inside not_part_of: {', '.join(names)}", "not_part_of"
        if other := _lexicon(*(replace(term, cased=False) for term in bare)).hits(document):
            return f"{own[min(other)].text!r} is only found in other capitals", "cased"
        return "not found", ""

    def _clause(self, node: Clause, scope: Scope, holds: bool, fields: tuple[str, ...]) -> Finding:
        inner = self.sight.narrowed(node, scope)
        parts = tuple(self.finding(part, inner, node.fields or fields) for part in node.parts)
        if node.is_query:
            reasons = () if holds else tuple(dict.fromkeys(("query", *_reasons(parts))))
            return Finding(kind="query", label="query", holds=holds, children=parts, reasons=reasons)
        reasons = _reasons(parts)
        findings = [one for part in parts for one in (part.children if part.kind == "all" else (part,))]
        has_combination = all(part.holds for part in parts)
        if has_combination and node.parts:
            steps = list(self._steps(node, inner))
            has_combination = all(step.holds for step in steps)
            findings += steps
        if node.none:
            findings.append(self._none(node, inner, has_combination))
        if node.nowhere:
            findings.append(self._absent("nowhere", node.nowhere, self.sight.whole, "in the article"))
        reasons = tuple(dict.fromkeys((*reasons, *_reasons(findings))))
        names = [f"within {node.within}"] if node.within else []
        names += ["ordered"] if node.ordered else []
        names += [f"in {' or '.join(node.fields)}"] if node.fields else []
        label = "all of these" + (f", {', '.join(names)}" if names else "")
        return Finding(kind="clause", label=label, holds=holds, children=tuple(findings), reasons=reasons)

    def _steps(self, node: Clause, scope: Scope) -> Iterator[Finding]:
        """What the parts of a clause, which all hold, must be besides: close together, with their points and mentions
        there. Ends at the first that fails.
        """
        free = replace(node, none=(), also=(), mentions=0)
        if node.within is not None:
            yield self._within(free, scope)
            if not self._some(free, scope):
                return
        if node.also:
            around = self._around(node, scope)
            yield from (self.finding(part, scope.cut([around])) for part in node.also)
            if not self._some(replace(free, also=node.also), scope):
                return
        if node.mentions:
            count = self._mentions(replace(free, also=node.also), scope)
            holds = count >= node.mentions
            note, reasons = f"found {_figure(count, node.mentions)}", () if holds else ("mentions",)
            yield Finding(
                kind="mentions", label=f"mentions: {node.mentions}", holds=holds, note=note, reasons=reasons
            )

    def _some(self, node: Clause, scope: Scope) -> bool:
        return next(self.sight.combinations(node, scope, some=True), None) is not None

    def _around(self, node: Clause, scope: Scope) -> tuple[int, int]:
        """The reach of the combination that comes nearest to what stands in `also`."""
        assert node.within is not None
        best, most = (0, -1), -1
        for piece in islice(self.sight.combinations(replace(node, none=(), also=(), mentions=0), scope), MOST_TRIED):
            around = reach(node.within, piece, self.sight.unit(_container(node.within), piece.first))
            holding = sum(self.sight.holds(part, scope.cut([around])) for part in node.also)
            best, most = (around, holding) if holding > most else (best, most)
        return best

    def _mentions(self, node: Clause, scope: Scope) -> int:
        """The most hits that `mentions` may count: of one combination's surroundings beside `within`."""
        if node.within is None:
            return count_apart(self.sight.mentioned(node, scope))
        counts = []
        for piece in islice(self.sight.combinations(node, scope), MOST_TRIED):
            unit = self.sight.unit(_container(node.within), piece.first)
            hits, gap = self.sight.mentioned(node, scope.cut([unit])), node.within.words
            if node.within.unit is Unit.WORDS:
                counts.append(count_linked(clusters(hits, gap), (piece.first, piece.last), gap))
            else:
                counts.append(count_apart(hits))
        return max(counts)

    def _within(self, free: Clause, scope: Scope) -> Finding:
        """Whether a combination lies close enough, whatever else is asked; else how near it came."""
        holds = self._some(free, scope)
        note = "" if holds else self._nearest(free, scope)
        label = f"within {free.within}" + (", in this order" if free.ordered else "")
        return Finding(kind="within", label=label, holds=holds, note=note, reasons=() if holds else ("within",))

    def _nearest(self, node: Clause, scope: Scope) -> str:
        """How near a clause came whose parts hold and do not combine."""

        def fits(within: Within) -> bool:
            return self._some(replace(free, within=within), scope)

        assert node.within is not None
        free = replace(node, ordered=False)
        if node.ordered and fits(node.within):
            return "found, but in another order"
        if not fits(Within(Unit.PARAGRAPH)):
            if self.sight.meets(replace(free, within=Within(Unit.PARAGRAPH)), scope):
                return "found, but only in overlapping words"
            apart = "the title and the text are apart" if self._only_across() else "never in one paragraph"
            return f"found, but {apart}"
        if node.within.unit is Unit.SENTENCE:
            return "found in one paragraph, but not in one sentence"
        low, high = node.within.words, self.sight.whole.ranges[0][1] + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if fits(Within(Unit.WORDS, middle)) else (middle, high)
        return f"gap {high} > {node.within}"

    def _only_across(self) -> bool:
        numbers = self.sight.numbers(Unit.PARAGRAPH)
        return bool(numbers) and numbers[-1] == 1 and numbers[0] == 0

    def _none(self, node: Clause, scope: Scope, has_combination: bool) -> Finding:
        """Whether `none` takes the match away, and by what."""
        if node.within is None:
            where = f"in {' or '.join(node.fields)}" if node.fields else "in the article"
            return self._absent("none", node.none, self.sight.around(node), where)
        label = f"none within {node.within}: {_names(node.none)}"
        if not has_combination:
            return Finding(kind="none", label=label, holds=True, note="nothing to look around")
        if self._some(node, scope):
            return Finding(kind="none", label=label, holds=True)
        piece = next(self.sight.combinations(replace(node, none=()), scope, some=True))
        around = reach(node.within, piece, self.sight.unit(_container(node.within), piece.first))
        return replace(self._absent("none", node.none, Scope((around,), touching=True), "there"), label=label)

    def _absent(self, kind: str, nodes: tuple[Node, ...], scope: Scope, where: str) -> Finding:
        label = f"{kind}, {where}: {_names(nodes)}"
        there = [node for node in nodes if self.sight.holds(node, scope)]
        if not there:
            return Finding(kind=kind, label=label, holds=True)
        hits = self._seen(sorted(item for node in there for item in self.sight.evidence(node, scope)))
        words = ", ".join(dict.fromkeys(hit.text for hit in hits)) or _names(tuple(there))
        return Finding(
            kind=kind, label=label, holds=False, note=f"blocked by {kind}: {words}", hits=hits, reasons=(kind,)
        )

    def _seen(self, items: Iterator[Found] | list[Found]) -> tuple[Seen, ...]:
        return tuple(dict.fromkeys(self._one(item) for item in items))

    def _one(self, item: Found) -> Seen:
        document, scan = self.sight.document, self.sight.document.scan
        original = document.article.title if item.first < scan.titles else document.article.text
        unit = self.sight.unit(Unit.SENTENCE, item.first)
        start, end = (
            scan.original(scan.starts.item(a), scan.ends.item(b)) for a, b in ((item.first, item.last), unit)
        )
        return Seen(
            text=original[slice(*start)], field=self._field(item), sentence=" ".join(original[slice(*end)].split())
        )

    def _field(self, item: Found) -> str:
        names = (name for name, (low, high) in self.sight.fields.items() if low <= item.first <= high)
        return next(names)


@lru_cache(maxsize=256)
def _lexicon(*terms: Term) -> Lexicon:
    """The same for every article: building one costs more than asking it."""
    return Lexicon(terms)


def _figure(count: int, wanted: int, what: str = "") -> str:
    return f"{count} of {wanted}{what}" if count < wanted else f"{count}{what}, {wanted} are enough"


def _container(within: Within) -> Unit:
    return Unit.SENTENCE if within.unit is Unit.SENTENCE else Unit.PARAGRAPH


def _below(node: Node) -> tuple[Node, ...]:
    return node.children if isinstance(node, (All, Any, AtLeast)) else ()


def _title(node: Node) -> tuple[str, str]:
    if isinstance(node, AtLeast):
        return "at_least", f"at least {node.count} of these"
    return ("all", "all of these") if isinstance(node, All) else ("any", "any of these")


def _reasons(findings: tuple[Finding, ...] | list[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for one in findings if not one.holds for reason in one.reasons))


def _names(nodes: tuple[Node, ...]) -> str:
    """What a few nodes look for, in a line."""
    return ", ".join(_name(node) for node in nodes)


def _name(node: Node) -> str:
    if isinstance(node, Leaf):
        return node.label
    if isinstance(node, Points):
        return f"({node.count} points of {_names(tuple(child for _, child in node.items))})"
    if isinstance(node, AtLeast):
        return f"({node.count} of {_names(node.children)})"
    if isinstance(node, Clause):
        rest = f" in {' or '.join(node.fields)}" if node.fields else ""
        return f"({_names(node.parts)}{rest})" if node.parts else "(nothing)"
    joint = " and " if isinstance(node, All) else " or "
    return f"({joint.join(_name(child) for child in _below(node))})"
