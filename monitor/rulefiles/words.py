"""Have ready, before an article is read, what the words of rules ask: their inflected forms, and the dictionary that
says whether a token is another word. Both are kept on disk between two starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from monitor.rulefiles import cache, packs
from monitor.rules import dictionary
from monitor.rules.forms import tables
from monitor.rules.packing import Parts
from monitor.rules.wording import Term

DICTIONARY = "dictionary"
"""What the pack of the dictionary is called."""


def ready(terms: Iterable[Term]) -> None:
    """Have ready what these terms ask."""
    terms = tuple(terms)
    if dictionary.may_be_asked(terms):
        _ready()
    cache.expand(terms)
    tables.forget()


def ready_of(pack: Parts) -> None:
    """Have ready what the terms of a pack of rules ask, whose forms it has."""
    if pack.raw("cores/arabic/words"):
        _ready()
        tables.forget()


def _ready() -> None:
    """Map the dictionary; a second when it is not kept yet."""
    if dictionary.is_ready():
        return
    folder = cache.folder(os.environ)
    kept = packs.load(folder, DICTIONARY)
    if kept is None:
        kept = packs.keep(folder, DICTIONARY, {}, dictionary.pack(tables.table(dictionary.LANGUAGE).lemmas))
    dictionary.learn(dictionary.Listed(kept.parts))
