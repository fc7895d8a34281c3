"""Small articles, rules, matches and silences for the tests of telling; every test says only what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.alerting.groups import Told
from monitor.alerting.routing import Candidate
from monitor.model import AlertPolicy, Article, Match, RuleCard, Severity, Silence, Span

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def code_of(key: str) -> str:
    """A short code for a key; the store has real ones."""
    return f"C{len(key):03d}"


def an_article(article_id: str = "a1", **fields: object) -> Article:
    """An article seen at noon."""
    told = {"source": "wire", "title": "Rockets hit the base", "text": "Rockets hit the base at dawn.", "seen": NOON}
    return Article(id=article_id, **{**told, **fields})  # type: ignore[arg-type]


def a_card(
    rule: str = "attack", severity: Severity = Severity.HIGH, *, notify: tuple[str, ...] = ("desk",), **alert: object
) -> RuleCard:
    """A rule's card; keywords go into its alert policy."""
    policy = AlertPolicy(**alert)  # type: ignore[arg-type]
    return RuleCard(id=rule, hash="h", title=f"Title of {rule}", severity=severity, notify=notify, alert=policy)


def a_match(card: RuleCard, article_id: str = "a1", version: int = 1, entities: tuple[str, ...] = ()) -> Match:
    """A match of a rule, with one span in the text."""
    span = Span(field="text", start=0, end=7, term="rockets", core=(0, 7))
    return Match(
        article_id=article_id,
        version=version,
        rule=card.id,
        rule_hash=card.hash,
        severity=card.severity,
        entities=entities,
        spans=(span,),
    )


def a_candidate(
    card: RuleCard,
    article: Article | None = None,
    *,
    story: str = "s1",
    entities: tuple[str, ...] = (),
    baseline: str = "",
) -> Candidate:
    """A new match of a rule on an article."""
    article = article or an_article()
    match = a_match(card, article.id, article.version, entities)
    return Candidate(match=match, article=article, story_id=story, card=card, baseline=baseline)


def told_of(*candidates: Candidate) -> dict[tuple[str, int], Told]:
    """What `flush` is given of the articles of candidates."""
    return {(c.article.id, c.article.version): Told(article=c.article, story_id=c.story_id) for c in candidates}


def a_silence(*matchers: tuple[str, str], ends: datetime = NOON + DAY) -> Silence:
    """A silence that began an hour before noon."""
    return Silence(id="x1", matchers=matchers, starts=NOON - HOUR, ends=ends, author="huda", reason="exercise")
