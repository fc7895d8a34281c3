"""The piece of a text that an alert shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.excerpt import Excerpt, excerpt

NEWS = (
    "The ministry met on Sunday. Rockets hit the base at dawn. Five soldiers were hurt. Nothing else is known.\n\n"
    "An inquiry began."
)


def _at(text: str, word: str) -> tuple[int, int]:
    start = text.index(word)
    return start, start + len(word)


def _shown(piece: Excerpt) -> list[str]:
    return [piece.text[start:end] for start, end in piece.hits]


def test_the_sentence_of_the_first_hit_is_shown_whole() -> None:
    piece = excerpt(NEWS, [_at(NEWS, "Rockets")])

    assert piece.text == "…Rockets hit the base at dawn.…"
    assert _shown(piece) == ["Rockets"]


def test_sentences_with_further_hits_follow_as_far_as_they_fit() -> None:
    hits = [_at(NEWS, "inquiry"), _at(NEWS, "Rockets"), _at(NEWS, "soldiers")]

    assert excerpt(NEWS, hits, longest=60).text == "…Rockets hit the base at dawn. Five soldiers were hurt.…"
    assert excerpt(NEWS, hits).text == (
        "…Rockets hit the base at dawn. Five soldiers were hurt. Nothing else is known.  An inquiry began."
    )
    assert _shown(excerpt(NEWS, hits)) == ["Rockets", "soldiers", "inquiry"]


def test_without_hits_the_beginning_is_shown() -> None:
    assert excerpt(NEWS, [], longest=60) == Excerpt(text="The ministry met on Sunday. Rockets hit the base at dawn.…")


def test_blanks_around_a_text_are_not_shown() -> None:
    piece = excerpt(" \n The base was hit. \n", [(7, 11)])

    assert piece == Excerpt(text="The base was hit.", hits=((4, 8),))
    assert _shown(piece) == ["base"]


def test_a_long_sentence_is_cut_at_words_on_both_sides_of_the_hit() -> None:
    text = "alpha " * 30 + "ROCKET " + "omega " * 30

    piece = excerpt(text, [_at(text, "ROCKET")], longest=40)

    assert piece.text == "…alpha alpha ROCKET omega omega omega…"
    assert _shown(piece) == ["ROCKET"]


def test_a_hit_near_the_end_of_a_long_sentence_is_followed_by_its_end() -> None:
    text = "alpha " * 30 + "ROCKET end."

    assert excerpt(text, [_at(text, "ROCKET")], longest=40).text == "…alpha alpha ROCKET end."


def test_a_word_longer_than_an_excerpt_is_cut() -> None:
    text = "x" * 1000

    assert excerpt(text, [], longest=40).text == "x" * 40 + "…"
    assert excerpt(text, [(500, 510)], longest=40).text == "…" + "x" * 40 + "…"


def test_a_hit_longer_than_an_excerpt_is_cut_with_it() -> None:
    text = "a b " * 100

    piece = excerpt(text, [(0, 400)], longest=40)

    assert piece == Excerpt(text="a b a b a b a b a b a b a b a b a b a b…", hits=((0, 39),))


def test_an_arabic_question_ends_a_sentence() -> None:
    text = "من أطلق الصواريخ؟ سقط صاروخان على قاعدة عين الأسد. لا إصابات."

    assert excerpt(text, [_at(text, "عين الأسد")], longest=40).text == "…سقط صاروخان على قاعدة عين الأسد.…"


def test_hits_that_overlap_are_one() -> None:
    assert excerpt("Rockets hit the base", [(8, 15), (0, 11), (16, 20), (16, 20)]).hits == ((0, 15), (16, 20))


@pytest.mark.parametrize("text", ["", "   \n\n ", "."])
def test_a_text_of_nothing_gives_nothing_or_itself(text: str) -> None:
    assert excerpt(text, []) == Excerpt(text=text.strip())


@given(data=st.data(), text=st.text(st.sampled_from("ab .؟\nش"), max_size=400), longest=st.integers(20, 80))
def test_hits_stand_where_the_excerpt_says(data: st.DataObject, text: str, longest: int) -> None:
    words = [position for position, letter in enumerate(text) if not letter.isspace()]
    ends = st.sampled_from(words or [0])
    drawn = data.draw(st.lists(st.tuples(ends, ends), max_size=5)) if words else []
    ranges = [(start, end + 1) for start, end in drawn if start <= end < start + 15]  # hits are whole words

    piece = excerpt(text, ranges, longest)

    assert len(piece.text) <= longest + 2
    assert "\n" not in piece.text
    for shown in _shown(piece):
        assert " ".join(shown.split()) in " ".join(text.split())
    assert bool(piece.hits) == bool(ranges)
    assert all(0 <= start < end <= len(piece.text) for start, end in piece.hits)
