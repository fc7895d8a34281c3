"""Run a test of rules: articles go through rules, stories and groups by a clock, and what is told is compared.

The decisions are those made in earnest; nothing is read, stored or sent. Everything told must be expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Alert, Article, Disposition, MatchState, Severity
from monitor.rehearsal import Rehearsal, candidates
from monitor.rules.engine import Ruleset
from monitor.rules.explain import Explanation
from monitor.rules.faults import Path
from monitor.rules.suite import Expected, RuleTest
from monitor.stories import placing
from monitor.stories.facts import Reader
from monitor.stories.fingerprint import fingerprint
from monitor.stories.hashing import SEED_BYTES, Hasher

SEED = bytes(SEED_BYTES)
MOST_EXPLAINED = 4
"""Articles explained for one failure."""

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class Explained:
    """A rule on one article of a test; `fates` are what became of a match that nobody was told of then."""

    article: Article
    explanation: Explanation
    fates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that does not hold, or an alert that nobody expected: where in the suite, what, and why."""

    path: Path
    message: str
    explained: tuple[Explained, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one test, and all that was told in it."""

    test: RuleTest
    failures: tuple[Failure, ...]
    alerts: tuple[Alert, ...]


def run(test: RuleTest, rules: Ruleset, floors: Mapping[str, Severity]) -> Result:
    """Run one test. `floors` are the lowest severities that channels take."""
    told, states = _rehearsed(test, rules, floors)
    return Result(test, tuple(_Comparison(test, rules, told, states).failures()), tuple(told))


def offset(moment: datetime, start: datetime) -> str:
    """A moment as a time after the start: `2h0m30s` as `2h30s`."""
    left, parts = int((moment - start) / timedelta(seconds=1)), []
    sign, left = ("-" if left < 0 else ""), abs(left)
    for unit, size in _UNITS:
        number, left = divmod(left, size)
        parts += [f"{number}{unit}"] if number else []
    return sign + ("".join(parts) or "0s")


def _rehearsed(
    test: RuleTest, rules: Ruleset, floors: Mapping[str, Severity]
) -> tuple[list[Alert], list[MatchState]]:
    """All alerts of a test in order, and every state of each match in order."""
    rehearsal = Rehearsal(rules.cards, floors=floors, begins=test.start)
    places = _Places()
    alerts: list[Alert] = []
    states: list[MatchState] = []

    def tell(until: datetime | None = None) -> None:
        for told in rehearsal.tell(until):
            alerts.append(told.alert)
            states.extend(told.states)

    for article in test.articles:
        assert article.seen is not None
        tell(article.seen)
        story_id, wire = places.of(article)
        found = candidates(article, rules.match(article), rules, story_id=story_id, wire=wire)
        states.extend(rehearsal.take(found, article.seen))
    tell()
    return alerts, states


class _Places:
    """Which story each article joins, as ingest decides it."""

    def __init__(self) -> None:
        self._reader = Reader(Hasher(SEED))
        self._recent = placing.Recent()
        self._begun: dict[str, datetime] = {}

    def of(self, article: Article) -> tuple[str, str]:
        """The story's id, and the article whose text this one carries."""
        assert article.seen is not None
        this = fingerprint(article.title, article.text, self._reader)
        placed = placing.place(article, this, self._recent.like(this), article.seen)
        candidate = placing.Candidate(
            story_id=placed.story_id,
            first_seen=self._begun.setdefault(placed.story_id, article.seen),
            article_id=article.id,
            seen=article.seen,
            wire=placed.wire,
        )
        self._recent.add(candidate, this, is_known=placed.is_known)
        return placed.story_id, placed.wire or article.id


class _Comparison:
    """What was told, held against what was expected."""

    def __init__(self, test: RuleTest, rules: Ruleset, told: Sequence[Alert], states: Sequence[MatchState]) -> None:
        self._test, self._rules, self._states = test, rules, states
        self._left = list(told)
        self._told = tuple(told)

    def failures(self) -> Iterator[Failure]:
        """Everything that is not as expected, in the order of the suite; then what nothing expects."""
        before = self._test.start
        silences = []
        for one in self._test.expected:
            if one.is_silence:
                silences.append((before, one))
            elif (failure := self._alert(one)) is not None:
                yield failure
            before = one.at
        for begins, one in silences:
            for alert in self._within(one, begins):
                self._left.remove(alert)
                message = f"told {self._words(alert)}, while silence was expected until {self._at(one.at)}"
                yield Failure(one.path, message, self._why_told(alert))
        for alert in self._left:
            message = f"told {self._words(alert)}, which nothing expects"
            yield Failure((*self._test.path, "expect"), message, self._why_told(alert))

    def _alert(self, one: Expected) -> Failure | None:
        """Why an expected alert did not come as it should; the alert that comes nearest is taken as the one meant."""
        here = [alert for alert in self._left if one.channel in ("", alert.channel)]
        then = sorted(
            (alert for alert in here if alert.created == one.at), key=lambda alert: len(self._differences(one, alert))
        )
        if then:
            self._left.remove(then[0])
            different = self._differences(one, then[0])
            if not different:
                return None
            message = f"told {self._words(then[0])}; expected {' and '.join(different)}"
            return Failure(one.path, message, self._why_not(one, but=then[0]))
        message = f"nothing was told {self._on(one.channel)}at {self._at(one.at)}"
        if late := next((alert for alert in here if not self._differences(one, alert)), None):
            self._left.remove(late)
            message = f"told {self._words(late)}; expected at {self._at(one.at)}"
            return Failure(one.path, message)
        return Failure(one.path, message, self._why_not(one))

    def _differences(self, one: Expected, alert: Alert) -> list[str]:
        """What was expected of an alert that it is not."""
        articles = len({match.article_id for match in alert.matches})
        is_other = one.rules is not None and set(one.rules) != set(alert.rules)
        found = [f"rules {', '.join(one.rules or ())}"] if is_other else []
        found += [_articles(one.articles)] if one.articles not in (None, articles) else []
        found += [f"sequence {one.sequence}"] if one.sequence not in (None, alert.sequence) else []
        if one.severity is not None and one.severity is not alert.severity:
            found.append(f"severity {one.severity.word}")
        return found

    def _within(self, one: Expected, begins: datetime) -> list[Alert]:
        return [
            alert for alert in self._left if one.channel in ("", alert.channel) and begins <= alert.created < one.at
        ]

    def _why_told(self, alert: Alert) -> tuple[Explained, ...]:
        """The first article of each rule that an alert names."""
        first = {match.rule: match.article_id for match in reversed(alert.matches)}
        return tuple(self._explained(rule, self._article(first[rule])) for rule in alert.rules)[:MOST_EXPLAINED]

    def _why_not(self, one: Expected, but: Alert | None = None) -> tuple[Explained, ...]:
        """The rules that were expected and not told, on the articles that had come by then."""
        rules = [rule for rule in one.rules or self._rules_here() if but is None or rule not in but.rules]
        came = [article for article in self._test.articles if article.seen is not None and article.seen <= one.at]
        found = [self._explained(rule, article, one) for rule in rules for article in came]
        return tuple(sorted(found, key=lambda this: this.explanation.matched))[:MOST_EXPLAINED]

    def _rules_here(self) -> list[str]:
        """The rules that the test is about: those it expects anywhere, else those that matched."""
        named = [rule for one in self._test.expected for rule in one.rules or ()]
        return list(dict.fromkeys(named or [state.rule for state in self._states]))

    def _explained(self, rule: str, article: Article, one: Expected | None = None) -> Explained:
        explanation = self._rules.explain(article, rule)
        fates = self._fates(rule, article, one) if one is not None and explanation.matched else ()
        return Explained(article, explanation, fates)

    def _fates(self, rule: str, article: Article, one: Expected) -> tuple[str, ...]:
        """What became of a match on each channel that was asked for, in the end and in words."""
        last = {
            state.channel: state
            for state in self._states
            if (state.rule, state.article_id) == (rule, article.id)
            and (not one.channel or state.channel in ("", one.channel))
        }
        return tuple(self._fate(state) for state in last.values())

    def _fate(self, state: MatchState) -> str:
        on = f"on {state.channel}: " if state.channel else ""
        if state.disposition is Disposition.ALERTED:
            alert = next(alert for alert in self._told if alert.id == state.alert_id)
            return f"{on}told at {self._at(alert.created)}: {state.reason}"
        return f"{on}{state.disposition.value}: {state.reason}"

    @staticmethod
    def _holds(alert: Alert, article: Article) -> bool:
        return any(match.article_id == article.id for match in alert.matches)

    def _article(self, article_id: str) -> Article:
        return next(article for article in self._test.articles if article.id == article_id)

    def _at(self, moment: datetime) -> str:
        return offset(moment, self._test.start)

    def _on(self, channel: str) -> str:
        return f"on {channel} " if channel else ""

    def _words(self, alert: Alert) -> str:
        numbers = [number for number, article in enumerate(self._test.articles, 1) if self._holds(alert, article)]
        which = f"{_articles(len(numbers))} ({', '.join(map(str, numbers))})"
        return (
            f"on {alert.channel} at {self._at(alert.created)}: {', '.join(alert.rules)}, {which}, "
            f"sequence {alert.sequence}, severity {alert.severity.word}"
        )


def _articles(number: int | None) -> str:
    return f"{number} article{'' if number == 1 else 's'}"
