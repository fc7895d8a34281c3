"""Which story an article joins: the same text within 72 hours, the oldest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.model import Article, StoryDecision
from monitor.stories.placing import WINDOW, Candidate, place, story_id

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ARTICLE = Article(id="a-1", source="wire", title="Rockets", text="Two rockets fell.", seen=NOW)
ALONE = StoryDecision(story_id=story_id("a-1"), joined=False, reason="the first of its story")


def began(hours_ago: float, story: str = "s-1") -> Candidate:
    return Candidate(story_id=story, head="a-0", first_seen=NOW - timedelta(hours=hours_ago))


def test_an_article_without_a_copy_begins_a_story_whose_id_never_changes() -> None:
    assert place(ARTICLE, "key", (), NOW) == place(ARTICLE, "key", (), NOW + WINDOW) == ALONE
    assert len(ALONE.story_id) == 17
    assert ALONE.story_id.startswith("s")


def test_a_copy_joins_the_oldest_open_story_and_says_why() -> None:
    decision = place(ARTICLE, "key", (began(1, "s-2"), began(3, "s-1"), began(73, "s-0")), NOW)

    assert decision == StoryDecision(story_id="s-1", joined=True, reason="the same text as article a-0, 3h apart")


def test_a_story_is_open_for_72_hours() -> None:
    assert place(ARTICLE, "key", (began(72),), NOW).joined
    assert place(ARTICLE, "key", (began(72.001),), NOW) == ALONE


def test_a_message_that_was_overtaken_joins_the_later_copy() -> None:
    assert place(ARTICLE, "key", (began(-2),), NOW).joined


def test_articles_without_words_never_join() -> None:
    assert place(ARTICLE, "", (began(1),), NOW) == ALONE


def test_an_article_without_a_fetch_time_is_of_now() -> None:
    unseen = Article(id="a-1", source="wire", title="Rockets", text="Two rockets fell.")

    assert place(unseen, "key", (began(1),), NOW).joined
