"""Terms: what may be looked for, why one cannot be, and `find`, which looks for one term in one text."""

from __future__ import annotations

from functools import lru_cache

from monitor.model import Article, Span
from monitor.rules.memo import Lexicon
from monitor.rules.patterns import pattern_problem
from monitor.rules.wording import Mode, Term
from monitor.text.document import prepare
from monitor.text.fold import fold
from monitor.text.tokens import tokenise

__all__ = ["Mode", "Term", "find", "term_problems"]

LEAST_STARTS = 4
"""Letters a `starts` term has at least."""


def term_problems(term: Term) -> tuple[str, ...]:
    """Return why a term cannot be used; nothing when it can. Each reason reads after "term '...': "."""
    if term.mode is Mode.PATTERN:
        problem = pattern_problem(term.text)
        return (f"the pattern {problem}",) if problem else ()
    words = tokenise(fold(term.text), one_unit=True)
    if not words:
        return ("holds no letter or digit, so it can never be found",)
    if term.mode is Mode.STARTS and len(words[-1].text) < LEAST_STARTS:
        return (
            f"{words[-1].text!r} is too short: a beginning needs at least {LEAST_STARTS} letters; write them out",
        )
    return ()


def find(
    term: str, text: str, *, mode: str = "word", lang: str | None = None, translit: bool = False
) -> tuple[Span, ...]:
    """Find a literal term in a text.

    Returns spans of the field `text`, in code points of `text`, sorted and not overlapping (leftmost, then longest):
    the same as a rule with this one term. `mode` is exact, word, forms, starts or pattern; `lang` the term's language
    (None: by its script). Raises ValueError for an unknown mode and for a beginning or pattern that cannot be used.
    """
    wanted = Term(term, Mode(mode), lang or "", translit=translit)
    lexicon = _lexicon(wanted)
    document = prepare(Article(id="", source="", title="", text=text))
    return tuple(lexicon.span(document, hit) for hit in lexicon.hits(document).get(0, ()))


@lru_cache(maxsize=256)
def _lexicon(term: Term) -> Lexicon:
    problems = term_problems(term)
    if problems and term.mode in (Mode.STARTS, Mode.PATTERN):
        raise ValueError(f"{term.text!r}: {problems[0]}")
    return Lexicon((term,))
