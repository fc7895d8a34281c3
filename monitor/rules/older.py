"""Rules of which some go on as they last were, since an example of their new form fails.

Each set keeps the words of its own files, so that a rule matches exactly what it matched until now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from monitor.model import Article, Match, RuleCard
from monitor.rules.engine import Ruleset
from monitor.rules.explain import Explanation

MOST_OLDER = 4
"""Older sets that are kept beside the newest: each holds its own words in memory."""


@dataclass(frozen=True, kw_only=True)
class WithOlder(Ruleset):
    """A ruleset and older ones, each of a few other rules. `cards` has the rules of all."""

    older: tuple[Ruleset, ...]

    @cached_property
    def cards(self) -> Mapping[str, RuleCard]:
        """What telling needs to know of every active rule."""
        every = {id: part._card(id) for part in (self, *self.older) for id in part.rules}
        return MappingProxyType(every)

    def match_each(self, articles: Sequence[Article]) -> list[tuple[Match, ...]]:
        """What each article matches, the most severe first, then by id."""
        each = zip(*(part.match_each(articles) for part in self.older), super().match_each(articles), strict=True)
        return [
            tuple(
                sorted((match for some in found for match in some), key=lambda match: (-match.severity, match.rule))
            )
            for found in each
        ]

    def terms(self, article: Article, match: Match, keys: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """What a match hit of lists, by `$list`."""
        part = self._part(match.rule)
        return super().terms(article, match, keys) if part is None else part.terms(article, match, keys)

    def candidates(self, article: Article) -> tuple[str, ...]:
        """The rules that the article is judged by."""
        older = (id for part in self.older for id in part.candidates(article))
        return (*super().candidates(article), *older)

    def explain(self, article: Article, rule_id: str) -> Explanation:
        """Why a rule matches an article, or why not. Raises KeyError for a rule that is not active."""
        part = self._part(rule_id)
        return super().explain(article, rule_id) if part is None else part.explain(article, rule_id)

    def _part(self, rule: str) -> Ruleset | None:
        return next((part for part in self.older if rule in part.rules), None)


def only(ruleset: Ruleset, rules: Iterable[str]) -> tuple[Ruleset, ...]:
    """The sets that these rules are active in, each without its others."""
    wanted = set(rules)
    parts = (ruleset, *ruleset.older) if isinstance(ruleset, WithOlder) else (ruleset,)
    found = []
    for part in parts:
        if wanted & part.rules.keys():
            rest = dict.fromkeys(part.rules.keys() - wanted, "")
            plain = {name: getattr(part, name) for name in Ruleset.__dataclass_fields__}
            found.append(replace(Ruleset(**plain).without(rest), inactive={}, warnings=()))
    return tuple(found)


def keep_older(new: Ruleset, running: Ruleset, rules: Collection[str]) -> Ruleset:
    """`new` with those of `rules` that are at work in `running`, as they are there.

    Of more than `MOST_OLDER` older forms only the latest are kept; rules of the others stay inactive.
    """
    older = only(running, rules)[:MOST_OLDER]
    if not older:
        return new
    kept = {id for part in older for id in part.rules}
    plain = {name: getattr(new, name) for name in Ruleset.__dataclass_fields__}
    plain["inactive"] = {id: why for id, why in new.inactive.items() if id not in kept}
    plain["entities"] = {id: card for part in older for id, card in part.entities.items()} | dict(new.entities)
    return WithOlder(**plain, older=older)
