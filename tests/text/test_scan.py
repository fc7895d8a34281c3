"""A scan finds the tokens, sentences and places that the string functions find, alone or among other articles."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.text import numbering
from monitor.text import sheet as sheets
from monitor.text.drawing import Fields
from monitor.text.fold import fold
from monitor.text.scan import Scan
from monitor.text.scan import scan as scanned
from monitor.text.sheet import Sheet
from monitor.text.tokens import MASK, Token, mask, tokenise

PIECES = (
    "قاعدة", "والأَسَد", "عـــين", "ه\u0654", "ا\u0653", "کھا", "ٹ", "می\u200cروم", "ﻻ", "أ.ف.ب", "و25", "٢٠٢٤",
    "U.S.", "U.S.'s", "Iran's", "don’t", "a.b'c", "1,000", "1,000'x", "1,000.5km", "x1,000", "3.5", "1.a", ".5",
    "Café", "e\u0301", "Straße", "Œuvre", "İstanbul", "ΟΔΟΣ", "Σ", "об'єкт", "ё", "\u0439", "и\u0306", "ו\u05b0ה",
    "北京", "。", "日本語x", "ﬁn", "Ａ１", "𝐀𝐁", "😀", "\ud800", "\udc00", "𞤀", "क्या", "१२", "²", "Ⅷ", "ʼn", "`",
    " ", " ", " ", "\n", "\n\n", "\n \n", "\t", "\x85", "\xa0", "\0", "\ufeff", "\xad", "\u0301", "\u064b", "\u0640",
    "! ", "؟ ", ". ", "... ", "…", ", ", "، ", ": ", "(", ")", "«", "»", '"', "'", "“", "_", "-", "--", "–", "&", "#",
    "Gen. ", "J. ", "mr. Smith", "https://a.example/x?y=1", "www.a.example", "@desk", "a@b.example", "b.example/c",
    "/", "://", "x/y", "Yahoo! News", "AT&T", "<", "%", "a", "b", "ب", "A", "1", "12",
)  # fmt: skip
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=20))


def tokens(text: str, *, one_unit: bool) -> tuple[Token, ...]:
    both = fold(text)
    return tokenise(both, one_unit=one_unit, masked=mask(both.text))


def by_string(title: str, text: str) -> list[tuple[str, int, int, bool]]:
    """Word, sentence, paragraph and break of every token; the first of a field has none before it to break from."""
    return [
        *((one.text, 0, 0, one.breaks_before) for one in tokens(title, one_unit=True)),
        *((one.text, one.sentence + 1, one.paragraph + 1, one.breaks_before) for one in tokens(text, one_unit=False)),
    ]


def by_scan(scan: Scan) -> list[tuple[str, int, int, bool]]:
    units = scan.units
    firsts = (0, scan.titles)
    return [
        (scan.word(at), units.sentences[at], units.paragraphs[at], at not in firsts and scan.breaks(at))
        for at in range(len(scan))
    ]


def shown(scan: Scan) -> str:
    """Words as they are read: a comma where something parts them, `/` where a sentence ends and `//` a paragraph."""
    found, before = "", (0, 0)
    for word, sentence, paragraph, breaks in by_scan(scan):
        if before[1] != paragraph:
            found += " // " if found else "// "
        elif found:
            found += " / " if before[0] != sentence else ", " if breaks else " "
        found, before = found + word, (sentence, paragraph)
    return found


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("AT&", "T", "at // t"),
        ("A raid", "It came. Then calm, (at last).\n\nMore", "a raid // it came / then calm, at last // more"),
        ("", "It cost 1,000.50 or .5 or 1,000x", "// it cost 1,000.50 or, 5 or 1, 000x"),
        ("", "The U.S. army. Mr. Smith", "// the us army / mr smith"),
        ("", "don’t rock'n'roll 'twas 5'6 8'x", "// don't rock'n'roll twas 5'6 8'x"),
        ("", "ا'ب ب'x x'ب с'с 北'b", "// ا ب ب x x ب сс 北 b"),
        ("", "قـــال. Then more", "// قال / then more"),
        ("", "قـــال. then more", "// قال, then more"),
        ("", "قُــلْ. Then هُوَ. then ﻫﻮ. Then", "// قل / then هو, then هو / then"),
        ("", "北京。东京 ﬁn", "// 北 京 / 东 京 fin"),
        ("see @desk", "see www.a.example or #tag", "see // see, or, tag"),
    ],
)
def test_a_scan_finds_words_and_what_parts_them(title: str, text: str, expected: str) -> None:
    scan = scanned(title, text)
    assert shown(scan) == expected
    assert by_scan(scan) == by_string(title, text)


def test_the_units_of_some_articles_are_asked_before_those_of_others() -> None:
    sheet = Sheet([Fields("One", "Ah. Bit by bit"), Fields("Two", "Ah so. Cut\n\nDo"), Fields("", "Ah so")])
    assert [shown(Scan(sheet, place)) for place in (1, 0, 2)] == [
        "two // ah so / cut // do", "one // ah / bit by bit", "// ah so",
    ]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(title=texts, text=texts)
@example(title="AT&", text="T")
@example(title="о", text="'о'о")
@example(title="ٹ", text="ھ")
@example(title="@ß", text="@\U0002ebe1")
def test_a_scan_finds_the_tokens_that_the_string_functions_find(title: str, text: str) -> None:
    scan = scanned(title, text)
    assert by_scan(scan) == by_string(title, text)


@settings(max_examples=300, deadline=None)
@given(articles=st.lists(st.builds(Fields, texts, texts, st.none()), min_size=2, max_size=4))
def test_articles_on_one_sheet_are_scanned_as_each_by_itself(articles: list[Fields]) -> None:
    sheet = Sheet(articles)
    for place, (title, text, _) in enumerate(articles):
        one, alone = Scan(sheet, place), scanned(title, text)
        assert by_scan(one) == by_scan(alone)
        assert [sheet.word(one.first + at) for at in range(len(one))] == [alone.word(at) for at in range(len(alone))]
        assert (one.starts == alone.starts).all() and (one.ends == alone.ends).all()
        assert (one.shift, one.titles) == (alone.shift, alone.titles)
        own = sheet.numbers[one.first : one.first + len(one)]
        assert (own == Sheet([Fields(title, text)]).numbers).all()


@settings(max_examples=400, deadline=None)
@given(title=texts, text=texts)
@example(title="A.\u30a0", text="A.\U0002ebe1")  # in the blocks of Chinese and Japanese, and no letters
def test_places_capitals_and_gaps_are_those_of_the_folded_fields(title: str, text: str) -> None:
    scan = scanned(title, text)
    first = 0
    for field, shift in ((title, 1), (text, scan.shift)):
        both = fold(field)
        masked = mask(both.text)
        own = tokens(field, one_unit=True)
        for at, token in enumerate(own, first):
            start, end = int(scan.starts[at]), int(scan.ends[at])
            assert (start - shift, end - shift) == (token.start, token.end)
            for cut in range(token.start, token.end):
                assert scan.original(cut + shift, end) == both.original(cut, token.end)
                assert scan.original(start, cut + 1 + shift) == both.original(token.start, cut + 1)
            assert scan.cased(start, end) == both.cased[token.start : token.end]
            if at > first:
                gap = masked[own[at - first - 1].end : token.start]
                assert scan.gap(at) == gap or MASK in gap
                assert (MASK in scan.gap(at)) is (MASK in gap)
        first += len(own)


@settings(max_examples=200, deadline=None)
@given(title=texts, text=texts)
def test_equal_words_have_equal_numbers_and_others_do_not(title: str, text: str) -> None:
    fields = Fields(title, f"{text} {title} {text}")
    sheet, scan = Sheet([fields]), scanned(fields.title, fields.text)
    numbers: dict[str, set[int]] = {}
    for at in range(len(scan)):
        written = scan._text(int(scan.starts[at]), int(scan.ends[at]))
        numbers.setdefault(written, set()).add(int(sheet.numbers[at]))
    assert all(len(own) == 1 for own in numbers.values())
    assert len(set.union(set(), *numbers.values())) == len(numbers)


@settings(max_examples=100, deadline=None)
@given(base=st.text("ab北ʬ", min_size=1, max_size=300), at=st.integers(0, 299), letter=st.sampled_from("ab北ʬ"))
def test_one_other_letter_is_another_number_up_to_the_longest_token(base: str, at: int, letter: str) -> None:
    other = base[: at % len(base)] + letter + base[at % len(base) + 1 :]
    one, two = Sheet([Fields("", base)]), Sheet([Fields("", other)])
    assert (one.numbers[one.ends - one.starts > numbering.LONGEST] == 0).all()
    if (one.ends - one.starts).max() <= numbering.LONGEST and (two.ends - two.starts).max() <= numbering.LONGEST:
        assert (one.numbers.tolist() == two.numbers.tolist()) is (base == other)


def test_long_articles_have_sheets_of_their_own() -> None:
    short, long = Fields("", "a b"), Fields("", "a " * sheets.ROOM)
    assert [len(sheet.drawn) for sheet in sheets.sheets([short, short, long, short])] == [2, 1, 1]
    assert list(sheets.sheets([])) == []


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "ا" + "\u064b\u0301" * 5_000,
        "ab " * 300_000,
        "a.b." * 200_000,
        "1,2" * 200_000,
        "'x" * 200_000,
        "\n \n" * 100_000,
        "@" * 200_000,
        "http://" * 100_000,
        "北" * 200_000,
    ],
    ids=["one token", "marks", "words", "initials", "numbers", "apostrophes", "lines", "at", "addresses", "chinese"],
)
def test_hostile_megabytes_are_scanned(text: str) -> None:
    sheet = Sheet([Fields("", text)])
    assert len(sheet.numbers) == len(sheet.starts)
