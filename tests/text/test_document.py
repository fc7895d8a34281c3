"""Documents: what of an article is read, and how."""

from __future__ import annotations

from monitor.model import Article
from monitor.text.document import prepare


def test_title_is_one_unit_and_the_lead_is_the_first_paragraph() -> None:
    article = Article(id="1", source="s", title="One. Two", text="Three four. Five\n\nSix", boilerplate="Seven")
    document = prepare(article)
    assert document.article is article
    assert [(token.text, token.sentence) for token in document.title.tokens] == [("one", 0), ("two", 0)]
    assert [token.text for token in document.text.tokens] == ["three", "four", "five", "six"]
    assert document.lead_tokens == 3


def test_a_text_of_one_paragraph_is_all_lead() -> None:
    document = prepare(Article(id="1", source="s", title="", text="One two"))
    assert (document.lead_tokens, len(document.title.tokens), len(document.text.tokens)) == (2, 0, 2)


def test_a_short_urdu_title_is_known_by_its_text_or_its_language() -> None:
    title = "بھارت"
    for article in (
        Article(id="1", source="s", title=title, text="خبر یہ ہے"),
        Article(id="1", source="s", title=title, text="", language="ur"),
    ):
        assert prepare(article).title.folded.text == title
    assert prepare(Article(id="1", source="s", title=title, text="خبر")).title.folded.text == "بهارت"


def test_masked_words_are_no_tokens_and_offsets_hold() -> None:
    document = prepare(Article(id="1", source="s", title="", text="See HTTPS://A.example/attack and @attack, attack"))
    field = document.text
    assert [token.text for token in field.tokens] == ["see", "and", "attack"]
    last = field.tokens[-1]
    assert field.folded.raw[slice(*field.folded.original(last.start, last.end))] == "attack"
