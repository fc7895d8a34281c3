"""The cleaning at the door."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.text.clean import MARKS_IN_A_ROW, clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\n\td", "a\nb\nc\n\td"),
        ("a\x00b\x07c\x7fd\x80e", "abcde"),
        ("a\x0bb\x85c\u2028d\u2029e", "a b c d e"),
        ("a\ud800b", "a\ufffdb"),
        ("\u202eevil\u202c \u2066x\u2069 \U000e0041", "evil x "),
        ("\u200eعين\u200f می\u200cخواهم 👩\u200d🚀", "\u200eعين\u200f می\u200cخواهم 👩\u200d🚀"),
        ("e" + "\u0301" * 20 + "x", "e" + "\u0301" * 8 + "x"),
        ("قَاعِدَةٌ", "قَاعِدَةٌ"),
        ("…………………………", "…………………………"),
    ],
)
def test_harm_goes_and_writing_stays(text: str, expected: str) -> None:
    assert clean(text) == expected


@settings(deadline=None)
@given(st.text(st.characters() | st.sampled_from("\r\n\x85\ud800\u202e\u0301\u0488"), max_size=40))
def test_nothing_harmful_is_left_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert all(unicodedata.category(letter) not in ("Cc", "Cs") or letter in "\n\t" for letter in cleaned)
    cleaned.encode()
    height = 0
    for letter in cleaned:
        height = height + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        assert height <= MARKS_IN_A_ROW


CLEANED = {  # by the name of the title; every other one stays as it is
    "csv_cr": "\n=1+1",
    "mail_crlf": "Hi\nBcc: x@evil.example\n\nbody",
    "mail_ls": "Hi Bcc: x@evil.example",
    "mail_nel": "Hi Bcc: x",
    "mail_nul": "ab",
    "lone_surrogate": "a\ufffdb",
    "bidi_rlo": "invoicegpj.exe",
    "bidi_isolate": "user // admin x",
    "tags_block": "hello",
    "ansi": "[31mred[0m ]0;pwn",
    "combining": "a" + "\u0301" * 8,
    "url_crlf": "https://news.example/\nX: y",
}


def test_titles_made_to_harm_a_sink_lose_what_harms_and_nothing_else(corpora: Path) -> None:
    lines = (corpora / "attacks" / "titles.jsonl").read_text("utf-8").splitlines()
    titles = {line["id"]: line["text"] for line in map(json.loads, lines)}

    assert {name: clean(text) for name, text in titles.items()} == titles | CLEANED
