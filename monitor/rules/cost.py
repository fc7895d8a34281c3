"""What a rule may cost: how many parts its resolved match has and how deep they are nested, with all it names.

The other budgets stand where their subjects do: what one `within` combines in `query`, patterns in `patterns`.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.rules.expression import Clause, Node, Points, children_of

MOST_PARTS = 10_000
"""Nodes of a match. A rule is tried as a whole, so each may be looked at for every article that enters it."""
MOST_DEPTH = 40
"""Nodes within nodes: evaluating and explaining recurse."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The size of a match: nodes, counted as often as they are reached, and the depth of the deepest."""

    parts: int
    depth: int

    def problem(self) -> str:
        """Why it is too much, with its figure; "" within the budget."""
        if self.parts > MOST_PARTS:
            return (
                f"its match has {self.parts:,} parts (at most {MOST_PARTS:,}) with all it names; write several rules"
            )
        if self.depth > MOST_DEPTH:
            return f"its match is nested {self.depth:,} deep (at most {MOST_DEPTH}) with all it names"
        return ""


def measure(node: Node, known: dict[int, tuple[Node, Cost]]) -> Cost:
    """The cost of a resolved node. `known` keeps what was measured, so that shared nodes are walked once."""
    if id(node) not in known:
        below = [*children_of(node)]
        if isinstance(node, Clause):
            below += [*node.none, *node.nowhere]
        if isinstance(node, Points):
            below = [child for _, child in node.items]
        costs = [measure(child, known) for child in below]
        parts = 1 + sum(cost.parts for cost in costs)
        known[id(node)] = node, Cost(parts, 1 + max((cost.depth for cost in costs), default=0))
    return known[id(node)][1]
