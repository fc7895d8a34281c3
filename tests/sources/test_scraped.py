"""Which line of a scraped page is what."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.sources.parsing.items import Item
from monitor.sources.parsing.scraped import read_page
from tests.conftest import require

BODY = "وقع الهجوم فجر الأحد وأسفر عن إصابة خمسة جنود بحسب بيان صدر عن خلية الإعلام الأمني في العاصمة بغداد مساء أمس."


def test_real_page_has_publisher_title_text_and_leftovers(shared: Path) -> None:
    page = next(require(shared / "seeds", "the real page").glob("*.txt"))

    item = read_page(page.read_text("utf-8"))

    assert item.publisher == "الخليج"
    assert item.title.startswith("إحباط هجمات") and item.title.endswith("واشنطن وبغداد")
    assert item.text.startswith("أعلنت السلطات العراقية") and item.text.endswith("الأمن القومي.")
    assert item.text.count("\n\n") == 9
    assert item.boilerplate.startswith("مقالات ذات صلة\n\nاترك تعليقاً") and "الأعلى" in item.boilerplate


def test_english_page_is_taken_apart() -> None:
    page = "Gulf Daily\nBase attacked\n\n" + "word " * 30 + "\n\nRelated articles\nOther news\n\nLeave a comment\n"

    item = read_page(page)

    assert item == Item(
        publisher="Gulf Daily",
        title="Base attacked",
        text=("word " * 30).strip(),
        boilerplate="Related articles\nOther news\n\nLeave a comment",
    )


def test_long_line_after_a_marker_means_that_the_article_goes_on() -> None:
    item = read_page(f"موقع\nعنوان\n\nنص\n\nاقرأ أيضا\n\n{BODY}\n\nمقالات ذات صلة\nخبر")

    assert item.text.endswith(BODY)
    assert item.boilerplate == "مقالات ذات صلة\nخبر"


@pytest.mark.parametrize(
    "line",
    [
        "مقالات ذات صلة",
        "مَقالات ذات صِلة:",
        "اقرأ أيضاً",
        "إقرأ أيضا",
        "إقــرأ أيضاً: خبر",
        "RELATED POSTS",
        "Read more »",
        "Читайте также",
    ],
)
def test_marker_is_known_however_it_is_spelt(line: str) -> None:
    assert read_page(f"موقع\nعنوان\n\n{BODY}\n\n{line}").boilerplate == line


@pytest.mark.parametrize(
    "line", ["Shareholders met.", "Tagsüber warm.", "ذات صلةٍه", "Relatedness counts.", "شاركهالناس"]
)
def test_word_that_only_begins_like_a_marker_is_text(line: str) -> None:
    assert read_page(f"موقع\nعنوان\n\n{BODY}\n\n{line}").boilerplate == ""


@pytest.mark.parametrize(
    ("page", "publisher", "title", "text"),
    [
        ("موقع\nعنوان\nنص", "موقع", "عنوان", "نص"),
        ("Headline of two lines\nThe body.", "", "Headline of two lines", "The body."),
        ("Only one line", "", "", "Only one line"),
        ("One two three four five\nTitle\nBody", "", "One two three four five", "Title\nBody"),
        ("Really?\nTitle\nBody", "", "Really?", "Title\nBody"),
        (f"Name\n{'long ' * 60}\nBody", "", "Name", f"{('long ' * 60).strip()}\n\nBody"),
        (f"{'long ' * 60}\n\nBody", "", "", f"{('long ' * 60).strip()}\n\nBody"),
        ("\n\n  \n", "", "", ""),
        ("", "", "", ""),
        ("\r\nName\r\n\r\nTitle\r\n\r\nOne\r\n\r\nTwo\r\n", "Name", "Title", "One\n\nTwo"),
    ],
)
def test_lines_find_their_places(page: str, publisher: str, title: str, text: str) -> None:
    assert read_page(page) == Item(publisher=publisher, title=title, text=text)


def test_long_lines_without_blank_ones_are_paragraphs() -> None:
    assert read_page(f"موقع\nعنوان\n{BODY}\n{BODY}").text == f"{BODY}\n\n{BODY}"


def test_page_that_begins_with_a_marker_keeps_its_title() -> None:
    assert read_page("Related\nRead more\nBody of it.").title == "Read more"
