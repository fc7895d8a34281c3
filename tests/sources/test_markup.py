"""HTML to plain text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources.parsing.markup import plain, reads_as_html, to_line, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One<p>Two</p>Three</div>", "One\n\nTwo\n\nThree"),
        ("One<br>Two<br/><br/>Three", "One\nTwo\n\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("a<b>b</b>c <i> d </i> e", "abc d e"),
        ("x<script>evil()</script>y<style>p{}</style>z<!-- no --><noscript>q</noscript>", "xyz"),
        ("<head><title>t</title></head>body", "body"),
        ("AT&amp;T &#1607;&#x062C;&nbsp;&lt;b&gt;", "AT&T هج <b>"),
        ("<p>a\n  b\t c</p>", "a b c"),
        ("<p>هجوم على <a href='x'>القاعدة</a>.</p>", "هجوم على القاعدة."),
        ("<p>unclosed <b>bold<p>next", "unclosed bold\n\nnext"),
        ("no markup\n\nat all\nhere", "no markup\n\nat all\nhere"),
        ("", ""),
        ("<p></p>", ""),
        ("<p>a\x00b\x01c\x0b</p>", "abc"),
        ("<p>&#xD800;x</p>", "\ufffdx"),
    ],
)
def test_html_becomes_paragraphs(html: str, text: str) -> None:
    assert to_text(html).replace("\ufffd\ufffd\ufffd", "\ufffd") == text


def test_line_has_no_breaks() -> None:
    assert to_line("<p>One</p>\n<p>Two<br>Three</p>") == "One Two Three"


def test_plain_text_keeps_line_ends_and_blank_lines() -> None:
    assert plain("  a \r\n b\r\n \r\n\n\nc\rd ") == "a\nb\n\nc\nd"


@pytest.mark.parametrize("piece", ["<div>", "<b>", "<p>x", "</p>", "&amp;", "<!--", "<br>", "<td>", " \n", "<"])
def test_text_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    to_text("<i>" + piece * (1_000_000 // len(piece)))

    assert time.process_time() - started < 4


WORDS = st.sampled_from(
    ["a", "b c", "هجوم", " ", "\n", "x&amp;y", "&nbsp;", "1 &lt; 2", "<br>", "<br/>", "<img alt='a > b' src=x>"]
)


def _elements(tags: list[str], inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, parts: f"<{tag} class='x'>{''.join(parts)}</{tag}>",
        st.sampled_from(tags),
        st.lists(inner, max_size=4),
    )


# HTML as its rules allow it: what breaks them each parser mends in its own way.
LINES = st.recursive(WORDS, lambda inner: _elements(["b", "em", "span", "o:x"], inner), max_leaves=6)
FRAGMENTS = st.recursive(
    LINES | _elements(["p", "li", "h2"], LINES),
    lambda inner: _elements(["div", "blockquote", "figure"], inner),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.lists(FRAGMENTS, min_size=1, max_size=6))
def test_plain_html_reads_the_same_by_its_tags_and_through_a_tree(pieces: list[str]) -> None:
    html = f"<div>{''.join(pieces)}</div>"

    through_tree = to_text(html + "<svg><path/></svg>")

    assert to_text(html) == through_tree


@pytest.mark.parametrize("inside", ["script", "style", "template", "svg", "select", "textarea"])
def test_what_stands_in_an_element_that_is_no_text_is_dropped(inside: str) -> None:
    assert to_text(f"<p>a</p><{inside}>no</{inside}><p>b</p>") == "a\n\nb"


@pytest.mark.parametrize("tag", ["object", "iframe", "embed"])
def test_article_behind_an_element_that_is_never_closed_is_not_lost(tag: str) -> None:
    assert to_text(f"safe <{tag} src='x'> <b>description</b>") == "safe description"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <b>b</b>", True),
        ("AT&amp;T", True),
        ("AT&T", False),
        ("a < b", False),
        ("use <div> here", False),
        ("&nothing;", False),
        ("<script>x</script>", False),
        ("&lt;b&gt;", True),
    ],
)
def test_html_is_told_by_its_looks_and_in_doubt_it_is_plain(text: str, expected: bool) -> None:
    assert reads_as_html(text) is expected
