"""HTML to plain text."""

from __future__ import annotations

import time

import pytest

from monitor.sources.parsing.markup import plain, to_line, to_text


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
