"""A one-line query as a ruleset of one rule, for those who ask the archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC

from monitor.errors import Level, Problem, RuleError
from monitor.rulefiles import Pack, words
from monitor.rules import policy
from monitor.rules.catalog import Catalog
from monitor.rules.compiler import compile_rules
from monitor.rules.engine import Ruleset
from monitor.rules.faults import Faults
from monitor.rules.ready import Rule, Said
from monitor.rules.schema import DefaultsSpec, validate

QUERY = "the-query"
"""The id of the one rule that a query is."""


def load_query(
    query: str, pack: Pack | None = None, *, sources: Mapping[str, Collection[str]] | None = None
) -> Ruleset:
    """A ruleset of one rule, `QUERY`, that is a one-line query. `pack` gives what `$names` in it name.

    Half a character, as a terminal passes bytes that are no UTF-8, counts as U+FFFD. Raises RuleError with the column
    of each fault; what is likely a slip is in `warnings`.
    """
    query = query.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    catalog = Catalog() if pack is None else pack.catalog
    index = 0 if pack is None else pack.size
    faults: defaultdict[int, Faults] = defaultdict(Faults)
    data = {"rules": {QUERY: {"title": query, "match": {"query": query}, "notify": []}}}
    catalog.add(index, validate(data, faults[index]), frozenset(), faults)
    entry = catalog.entries[QUERY]
    compiled = compile_rules(catalog, [QUERY], faults)
    problems = [
        Problem(
            file="query",
            line=1,
            column=fault.path[-1] + 1 if isinstance(fault.path[-1], int) else 0,
            message=fault.message.removeprefix(f"rule {QUERY!r}: "),
            level=fault.level,
        )
        for fault in faults[index].items
    ]
    if any(problem.level is Level.ERROR for problem in problems):
        raise RuleError(problems)
    assert entry.spec is not None
    words.ready(compiled.terms)
    filters = policy.filters(DefaultsSpec(), entry.narrowings, UTC)
    card = policy.card(QUERY, compiled.digest(QUERY, filters.plain()), entry.spec, DefaultsSpec())
    rule = Rule(card=card, body=Said(compiled.matches[QUERY]), filters=filters)
    return Ruleset(rules={QUERY: rule}, compiled=compiled, warnings=tuple(problems), sources=sources)
