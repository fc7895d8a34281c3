"""Which story an article joins: the one with the article most like it, within 72 hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.model import Relation, StoryDecision
from monitor.stories.placing import WINDOW, Candidate, Recent, place, story_id
from tests.stories.samples import HOUR, NOW, REWRITTEN, ROCKETS, article, candidate, of

ALONE = StoryDecision(story_id=story_id("a-1"), joined=False, reason="the first of its story")
OTHER = "The cabinet met in Sarvan to speak about next year's budget and the price of bread in the provinces."
UPDATED = ROCKETS.replace("five soldiers", "six soldiers") + " A unit of 40 men was sent at 09:30."
SHORT = ROCKETS.partition("military")[0]


def placed(*candidates: Candidate, text: str = ROCKETS) -> StoryDecision:
    return place(article(text=text), of(text), candidates, NOW)


def test_an_article_without_a_like_begins_a_story_whose_id_never_changes() -> None:
    assert placed() == placed(candidate(text=OTHER)) == ALONE
    assert place(article(), of(ROCKETS), (), NOW + WINDOW) == ALONE
    assert len(ALONE.story_id) == 17
    assert ALONE.story_id.startswith("s")


def test_the_same_text_joins_the_oldest_open_story_and_says_why() -> None:
    same = [candidate(f"a-{h}", None, story_id=f"s-{h}", ago=h * HOUR) for h in (1, 3, 73)]

    assert placed(*same) == StoryDecision(
        story_id="s-3",
        joined=True,
        reason="the same text as article a-3, 3h apart",
        relation=Relation.COPY,
        wire="a-3",
        is_known=True,
    )


def test_the_same_text_is_closer_than_any_other() -> None:
    assert placed(candidate("a-2", ROCKETS), candidate("a-3", None, story_id="s-2")).story_id == "s-2"


@pytest.mark.parametrize(
    ("text", "relation", "begins", "wire"),
    [
        (ROCKETS + " (Reuters)", Relation.COPY, "copy of article a-0: 100% of the wording", "a-0"),
        (SHORT, Relation.TRIM, "trimmed copy, of article a-0 or the other way round: 100%", "a-0"),
        (REWRITTEN, Relation.REWRITE, "rewrite of article a-0: 2 numbers and ", ""),
    ],
)
def test_what_is_like_an_article_joins_its_story(text: str, relation: Relation, begins: str, wire: str) -> None:
    decision = placed(candidate(), text=text)

    assert (decision.story_id, decision.joined, decision.relation, decision.wire) == ("s-1", True, relation, wire)
    assert decision.reason.startswith(begins)
    assert decision.reason.endswith(", 1h apart")
    assert decision.is_known is (relation is Relation.COPY)


def test_an_update_carries_on_the_text_that_a_copy_carried() -> None:
    old = UPDATED.replace("six soldiers", "seven soldiers")

    decision = placed(candidate(text=old, wire="a-wire"), text=UPDATED)

    assert (decision.relation, decision.wire, decision.is_known) == (Relation.UPDATE, "a-wire", False)


def test_a_copy_is_closer_than_a_rewrite_and_more_wording_than_less() -> None:
    copy = candidate("a-copy", ROCKETS.replace("hangar", "shed"), story_id="s-copy")
    closer = candidate("a-closer", ROCKETS + " (AP)", story_id="s-closer")

    assert placed(candidate(text=REWRITTEN), copy).story_id == "s-copy"
    assert placed(copy, closer).story_id == placed(closer, copy).story_id == "s-closer"


def test_of_equally_like_stories_the_oldest_is_joined() -> None:
    two = (candidate("a-2", story_id="s-2", ago=HOUR), candidate("a-3", story_id="s-3", ago=2 * HOUR))

    assert placed(*two).story_id == placed(*reversed(two)).story_id == "s-3"


def test_a_story_that_reads_alike_and_is_another_is_named_in_the_reason() -> None:
    decision = placed(candidate(text=ROCKETS.replace("Monday", "Thursday")))

    assert not decision.joined
    assert decision.reason == "the first of its story; article a-0 reads like it, but of another day, 1h apart"


def test_a_story_is_open_for_72_hours_from_its_first_article() -> None:
    assert placed(candidate(first_seen=NOW - WINDOW)).joined
    assert placed(candidate(first_seen=NOW - WINDOW - timedelta(seconds=1))) == ALONE


def test_a_message_that_was_overtaken_joins_the_later_copy() -> None:
    assert placed(candidate(ago=-2 * HOUR)).joined


def test_an_article_without_a_fetch_time_is_of_now() -> None:
    assert place(article(seen=None), of(ROCKETS), (candidate(),), NOW).joined
    assert not place(article(seen=None), of(ROCKETS), (candidate(),), NOW + 2 * WINDOW).joined


class TestRecent:
    """What one fetch has brought so far."""

    def test_it_gives_those_with_the_same_text_and_those_that_may_be_alike(self) -> None:
        recent = Recent()
        recent.add(candidate("a-2"), of(ROCKETS), is_known=False)

        same = list(recent.like(of(ROCKETS, "Another headline")))
        assert [(one.article_id, one.fingerprint is None) for one in same] == [("a-2", True), ("a-2", False)]
        assert [one.article_id for one in recent.like(of(REWRITTEN))] == ["a-2"]
        assert list(recent.like(of(OTHER, "Cabinet meets"))) == []

    def test_of_many_equal_articles_one_is_kept(self) -> None:
        recent = Recent()
        for number in range(1000):
            recent.add(candidate(f"a-{number}"), of(ROCKETS) if number < 2 else SAME, is_known=number > 0)

        assert [one.article_id for one in recent.like(of(ROCKETS))] == ["a-0", "a-0"]

    def test_articles_without_words_are_never_alike(self) -> None:
        recent = Recent()
        recent.add(candidate("a-2", ""), of("", "..."), is_known=False)

        assert list(recent.like(of("", "!"))) == []


SAME = of(ROCKETS)
