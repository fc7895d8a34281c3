"""Which entities the terms of a leaf stand for."""

from __future__ import annotations

from monitor.rules.expression import Leaf
from monitor.rules.named import Named


def test_a_term_stands_for_all_its_entities_of_that_leaf_and_for_none_of_another() -> None:
    leaves = (
        Leaf("$bases", (4, 2, 9), ((9, "taji"), (2, "balad"), (2, "assad"), (4, "balad")), 0),
        Leaf("$attack", (2, 5), (), 1),
        Leaf("$ports", (2,), ((2, "umm-qasr"),), 2),
    )
    named = Named.of(leaves)

    assert [named.by(0, term) for term in (2, 4, 9, 3)] == [("assad", "balad"), ("balad",), ("taji",), ()]
    assert [named.by(leaf, 2) for leaf in (1, 2)] == [(), ("umm-qasr",)]
