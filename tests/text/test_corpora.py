"""Hostile and real strings of the corpora: nothing raises, every offset holds."""

from __future__ import annotations

import json
from pathlib import Path

from monitor.model import Article
from monitor.rules.memo import Lexicon
from monitor.rules.terms import Mode, Term
from monitor.text.clean import clean
from monitor.text.document import prepare
from monitor.text.fold import folded


def _strings(corpora: Path) -> list[str]:
    found: list[str] = []
    for path in sorted((corpora / "naughty-strings").iterdir()):
        if path.suffix == ".json":
            found += json.loads(path.read_text("utf-8"))
    for line in (corpora / "attacks" / "titles.jsonl").read_text("utf-8").splitlines():
        found.append(json.dumps(json.loads(line), ensure_ascii=False))
    return found


def test_no_naughty_string_raises_and_every_token_maps_back(corpora: Path) -> None:
    strings = _strings(corpora)
    assert len(strings) > 400
    for string in strings:
        for text in (string, clean(string)):
            document = prepare(Article(id="", source="", title=text, text=text))
            for field in (document.title, document.text):
                for token in field.tokens:
                    start, end = field.folded.original(token.start, token.end)
                    assert token.text.replace(".", "") in folded(text[start:end]).replace(".", "")


def test_every_word_of_real_arabic_text_is_found_by_itself(corpora: Path) -> None:
    text = (corpora / "arabic-ner-wojood" / "val.txt").read_text("utf-8")[:40_000]
    words = {token.text for token in prepare(Article(id="", source="", title="", text=text)).text.tokens}
    assert len(words) > 1_000
    lexicon = Lexicon([Term(word, mode) for word in sorted(words) for mode in (Mode.EXACT, Mode.WORD)])
    assert len(lexicon.hits(prepare(Article(id="", source="", title="", text=text)))) == 2 * len(words)
