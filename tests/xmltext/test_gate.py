"""What passes to the XML parser."""

from __future__ import annotations

import contextlib
import time

import pytest

from monitor.errors import SourceError
from monitor.xmltext.gate import admit

BAD_SUBSET = "refused: the document has an internal DTD subset, as no real feed does"


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE rss [<!ENTITY a 'b'>]>",
        "<!doctype rss[]>",
        "<?xml version='1.0'?>\n<!-- <rss> --><!DOCTYPE rss [ ]>",
        "<!DOCTYPE rss PUBLIC 'a>b' \"c>d\" [<!ENTITY a 'b'>]>",
        "<?pi <rss> ?><!DOCTYPE rss SYSTEM 'x' [<!ENTITY a 'b'>]>",
        "junk < <!DOCTYPE rss [<!ENTITY a 'b'>]>",
    ],
)
def test_internal_subset_is_refused(prolog: str) -> None:
    with pytest.raises(SourceError) as caught:
        admit(prolog + "<rss></rss>")

    assert caught.value.reason == BAD_SUBSET


def test_entity_hidden_in_a_comment_of_the_prolog_is_refused() -> None:
    with pytest.raises(SourceError, match="defines entities"):
        admit("<!--\n<!ENTITY a 'bbb'>\n--><rss>&a;</rss>")


def test_plain_doctype_and_talk_about_doctypes_pass() -> None:
    text = (
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD [0.91]//EN" "http://x.example/y.dtd">'
        "<rss><![CDATA[<!DOCTYPE a [<!ENTITY b 'c'>]>]]></rss>"
    )

    assert admit(text).text == text


def test_declaration_mark_and_controls_are_removed() -> None:
    admitted = admit("\ufeff \n<?xml version='1.0' encoding='x'?>\n<rss>a\x00\x0b\ufffeb</rss>")

    assert (admitted.text, admitted.root, admitted.complete) == ("<rss>ab</rss>", "rss", True)


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("<rss><item>", False),
        ("<rss><item></item></rss", False),
        ("<rss></rss>", True),
        ("<rss></RSS\n>", True),
        ("<rss></rss><!-- cached -->", True),
        ("<rdf:RDF xmlns:rdf='x'></rdf:RDF>", True),
        ("<rdf:RDF xmlns:rdf='x'></rss>", False),
        ("<rss version='2.0'/>", True),
        ("<rss version='2.0'><a/>", False),
        ("<rss", False),
    ],
)
def test_document_is_complete_when_its_root_ends(text: str, complete: bool) -> None:
    assert admit(text).complete is complete


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&#xD83D;&#xDE00;", "😀"),
        ("&#55357;&#56832;", "😀"),
        ("&#xd83d;&#56832;", "😀"),
        ("&#xD83D;", "&#xD83D;"),
        ("&#55357;&#57344;", "&#55357;&#57344;"),
        ("&#55000;&#56832;", "&#55000;&#56832;"),
    ],
)
def test_surrogate_references_are_joined_when_they_are_a_pair(written: str, read: str) -> None:
    assert admit(f"<a>{written}</a>").text == f"<a>{read}</a>"


@pytest.mark.parametrize("text", ["", "  \n", "<?xml version='1.0'?>", "hello", "< 1 & 2", "<!-- <rss>"])
def test_text_without_markup_is_no_feed(text: str) -> None:
    with pytest.raises(SourceError):
        admit(text)


@pytest.mark.parametrize("piece", ["<", "<!", "<!--", "<?", "<a ", "<!DOCTYPE '", "&#xD83D;", "<![CDATA["])
def test_gate_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    with contextlib.suppress(SourceError):
        admit(piece * (2_000_000 // len(piece)))

    assert time.process_time() - started < 3
