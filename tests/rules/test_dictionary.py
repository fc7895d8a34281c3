"""The dictionary that doubtful readings ask lies on the disk as it is asked, and says what simplemma's list says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rulefiles import cache, packs, words
from monitor.rules import dictionary
from monitor.rules.dictionary import Listed
from monitor.rules.forms import tables
from monitor.rules.packing import Parts
from monitor.rules.terms import Term

LEMMAS = {"وزير": "وزير", "كتابه": "كتاب", "plumless": "buckeroo", "buckeroo": "plumless", "\ud800": "x"}
"""The two English words share a checksum."""


def listed(lemmas: dict[str, str]) -> Listed:
    packing = dictionary.pack(lemmas)
    return Listed(Parts(b"".join(packing.chunks()), packing.layout()))


@given(st.dictionaries(st.text(max_size=4), st.text(max_size=4)), st.text(max_size=4))
def test_what_lies_on_the_disk_says_what_was_written(lemmas: dict[str, str], other: str) -> None:
    lemmas |= LEMMAS
    found = listed(lemmas)
    for word in (*lemmas, *lemmas.values(), other):
        assert found.get(word) == lemmas.get(word)


def test_of_words_that_share_a_checksum_each_has_its_own_lemma() -> None:
    assert crc32(b"plumless") == crc32(b"buckeroo")
    found = listed({"plumless": "plum", "buckeroo": "buck"})
    assert (found.get("plumless"), found.get("buckeroo"), found.get("plum")) == ("plum", "buck", None)
    assert listed({"plumless": "plum"}).get("buckeroo") is None


@pytest.fixture
def forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A process that has asked nothing yet, with an empty cache; its list of forms is a short one."""
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(dictionary, "_known", [])
    monkeypatch.setattr(tables, "read", lambda _: LEMMAS)
    tables.forget()
    dictionary._lemma.cache_clear()
    yield tmp_path
    tables.forget()
    dictionary._lemma.cache_clear()


def test_it_is_ready_before_an_article_is_read_and_kept_for_the_next_start(
    forgotten: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words.ready([Term("attack"), Term("وزير", clitics_always=True)])
    assert not dictionary.is_ready()

    words.ready([Term("وزير")])

    assert dictionary.is_ready()
    assert dictionary._lemma("كتابه") == "كتاب"
    kept = packs.load(cache.folder({"CACHE_DIRECTORY": str(forgotten)}), words.DICTIONARY)
    assert kept is not None
    assert Listed(kept.parts).get("كتابه") == "كتاب"
    dictionary._known.clear()
    monkeypatch.setattr(tables, "read", lambda _: pytest.fail("it is kept"))
    words.ready([Term("وزير")])
    assert dictionary._lemma("كتاب") is None


def test_a_torn_one_is_made_anew(forgotten: Path) -> None:
    words.ready([Term("وزير")])
    dictionary._known.clear()
    (forgotten / "dictionary.pack").write_bytes((forgotten / "dictionary.pack").read_bytes()[:-1])
    words.ready([Term("وزير")])
    assert dictionary._lemma("كتابه") == "كتاب"


def test_without_one_it_is_read_at_the_first_doubt(forgotten: Path) -> None:
    assert dictionary._lemma("كتابه") == "كتاب"
    assert not list(forgotten.iterdir())
