"""Tokens, sentences, paragraphs and masks."""

from __future__ import annotations

import pytest

from monitor.text.fold import fold
from monitor.text.tokens import MASK, mask, tokenise


def words(text: str) -> list[str]:
    return [token.text for token in tokenise(fold(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#عين_الأسد", ["عين", "الاسد"]),
        ("Iran's 'boss' rock'n'roll", ["iran's", "boss", "rock'n'roll"]),
        ("The U.S. and e.g. J.K. in a.b", ["the", "us", "and", "eg", "jk", "in", "ab"]),
        ("أ.ف.ب قالت", ["افب", "قالت"]),
        ("1,000 and 3.5 or 12.5.2024, 7.", ["1,000", "and", "3.5", "or", "12.5.2024", "7"]),
        ("الـFBI كوفيد19 F16", ["ال", "fbi", "كوفيد", "19", "f16"]),
        ("发射导弹", ["发", "射", "导", "弹"]),
        ("site.a.com x.y2", ["site", "a", "com", "x", "y2"]),
        ("«» -- ...", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def sentences(text: str) -> list[str]:
    """Return the words of each sentence, joined by spaces."""
    found: dict[int, list[str]] = {}
    for token in tokenise(fold(text)):
        found.setdefault(token.sentence, []).append(token.text)
    assert list(found) == list(range(len(found)))
    return [" ".join(part) for part in found.values()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four… Five", ["one", "two", "three", "four", "five"]),
        ("أولا. ثانيا؟ ثالثا۔ رابعا", ["اولا", "ثانيا", "ثالثا", "رابعا"]),
        ("一。二！三？四", ["一", "二", "三", "四"]),
        ("One\nTwo", ["one", "two"]),
        ("قال: نعم، ثم؛ مضى", ["قال نعم ثم مضى"]),
        ("At 3.5 km", ["at 3.5 km"]),
        ("Mr. Smith and Gen. Jones met د. محمد", ["mr smith and gen jones met د محمد"]),
        ("J. Smith", ["j smith"]),
        ("He said so. and left", ["he said so and left"]),
        ('He said "so." Then left', ["he said so", "then left"]),
        ("قال «نعم.» ثم مضى", ["قال نعم", "ثم مضي".replace("مضي", "مضى")]),
        ("a.bc Word.Word", ["a bc word word"]),
        ("In the U.S. They", ["in the us they"]),
        ("It was 7. Then", ["it was 7", "then"]),
        ("Mme. Dupont et Mgr. Blanc", ["mme dupont et mgr blanc"]),
        ("Nr. 5 kostet 3 Mrd. Euro", ["nr 5 kostet 3 mrd euro"]),
        ("на ул. Ленина живут 5 тыс. Людей", ["на ул ленина живут 5 тыс людей"]),
        ("Doç. Yılmaz", ["doc yilmaz"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_blank_line_ends_a_paragraph_and_a_title_is_one_unit() -> None:
    both = fold("One.\nTwo\n \nThree. Four!\n\n\nFive")
    assert [(token.sentence, token.paragraph) for token in tokenise(both)] == [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2)]
    assert {(token.sentence, token.paragraph) for token in tokenise(both, one_unit=True)} == {(0, 0)}


@pytest.mark.parametrize("gap", [" ", "  ", "-", "_", "\u200c", " «", "» ", "' '", " -", "     ", '"', "’ ‘", " “"])
def test_separators_and_quotes_do_not_break_a_phrase(gap: str) -> None:
    first, second = tokenise(fold(f"ab{gap}cd"))
    assert not first.breaks_before
    assert not second.breaks_before


@pytest.mark.parametrize(
    "gap", [", ", ". ", ": ", " (", ") ", "\n", " - ", "---", "؛ ", "، ", "/", "&", " … ", f" {MASK} "]
)
def test_commas_stops_colons_brackets_and_lines_break_a_phrase(gap: str) -> None:
    assert [token.breaks_before for token in tokenise(fold(f"ab{gap}cd"))] == [False, True]


def test_the_stop_of_a_title_does_not_break_a_phrase() -> None:
    assert [token.breaks_before for token in tokenise(fold("Gen. Smith. Jones"))] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see https://a.example/attack-report today", "see  today"),
        ("see http://a.example/هجوم، ثم", "see ، ثم"),
        ("(www.a.example/attack).", "()."),
        ("mail a.b+c@d-e.example now", "mail  now"),
        ("by @attack_daily, @عين_الأسد and @me@their.example.", "by ,  and ."),
        ("on t.me/attack or x.example/a/b?c=attack", "on  or "),
        ("and/or 3/4 attack.example u.s./iran", "and/or 3/4 attack.example u.s./iran"),
        ("a @ b", "a @ b"),
    ],
)
def test_addresses_and_mentions_are_masked_at_equal_length(text: str, left: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert masked.replace(MASK, "") == left


def test_masking_and_cutting_stay_linear_on_hostile_text() -> None:
    for unit in ("a", "a.", "@", "a@", "www.", "a-", "http://", "1,", "a'", ".\n", "a.b.c/"):
        text = unit * 20_000
        assert len(mask(text)) == len(text)
        tokenise(fold(text))
