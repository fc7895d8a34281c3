"""A term as it is written: bare, with a mark (`~ = * /re/`) or spelt out; and the slips that YAML lets through.

Knows nothing of how a term is found; whether it can be found at all is asked of `terms`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.rules import faults as read
from monitor.rules import translit
from monitor.rules.faults import Faults, Path, one_of, shape
from monitor.rules.patterns import PatternError, check_pattern, is_entered
from monitor.rules.terms import Mode, Term, term_problems

REFERENCE = re.compile(r"\$([a-z][a-z0-9-]*)")
_NEAR_REFERENCE = re.compile(r"\$[^\W\d][\w-]*")
IN_A_CELL = "in a cell names are separated by '|'"
_ARABIC_SEPARATOR = re.compile("[،؛，、；]")
_COMMA = re.compile(r"(?<![0-9]),|,(?![0-9])")
_SEMICOLON = re.compile(r";\s")
_DASH = re.compile(r"[-–—][^\W\d]")
_FLAGS = re.compile(r"/.+/[a-zA-Z]{1,3}")
_HASH = re.compile(r"(?:\s|\w\w)#\s|[^\W\x00-\x7f]#\s")
_REGEX_SIGNS = re.compile(r"[\\()|?+*\[\]{}^$]")
TERM_KEYS = ("term", "mode", "lang", "cased", "name", "translit", "fold", "clitics", "not_part_of")
MODES = tuple(mode.value for mode in Mode)


@dataclass(slots=True)
class TermReader:
    """Reads terms and notes what is wrong with them. `flow` are the paths of texts without quotes inside brackets;
    `is_yaml` says that YAML may have cut or glued a text, which a cell or line of another file is not.
    """

    faults: Faults
    flow: Collection[Path] = ()
    is_yaml: bool = True

    def marked(self, data: str, path: Path) -> Term | None:
        """A term with its mark."""
        text = data.strip()
        if self._is_cut_regex(text, path):
            return None
        if len(text) > 1 and text[0] == text[-1] == "/":
            return self.term(text[1:-1], Mode.PATTERN, path, 1)
        if text[:1] == "~":
            return self.term(text[1:], Mode.FORMS, path)
        if text[:1] == "=":
            return self.term(text[1:], Mode.EXACT, path)
        if len(text) > 1 and text[-1] == "*":
            return self.term(text[:-1], Mode.STARTS, path)
        return self.term(text, Mode.WORD, path)

    def keyed(self, data: Any, mode: Mode, path: Path) -> Term | None:
        """A term that stands under a key which says its mode, so that it takes no mark."""
        try:
            text = read.text(data)
        except ValueError as error:
            self.faults.add(path, _item(error, data))
            return None
        if mode is Mode.PATTERN:
            if path in self.flow and _REGEX_SIGNS.search(text):
                self.faults.add(path, _IN_FLOW.format(text))
                return None
            if len(text) > 1 and text[0] == text[-1] == "/":
                self.faults.add(path, f"{text!r}: under 'patterns' an expression stands without the slashes")
                return None
        elif hint := _mark_in(text, mode):
            self.faults.add(path, f"{text!r}: {hint}")
            return None
        return self.term(text, mode, path)

    def spelt(self, data: Mapping[str, Any], path: Path) -> Term | None:
        """A term with its options: `{term: قمة, mode: word, cased: true}`. Other keys are not looked at."""
        before = len(self.faults.items)
        text = self._option(data, "term", path, read.text, "")
        mode = Mode(
            self._option(data, "mode", path, lambda value: read.choice(value, MODES, "mode"), Mode.WORD.value)
        )
        options = Term(
            text=text,
            mode=mode,
            lang=self._option(data, "lang", path, read.word, ""),
            cased=self._option(data, "cased", path, read.flag, None),
            name=self._option(data, "name", path, read.flag, False),
            translit=self._option(data, "translit", path, read.flag, False),
            strict=self._option(data, "fold", path, _strict, False),
            clitics_always=self._option(data, "clitics", path, _always, False),
            not_part_of=self.guards(data.get("not_part_of", []), (*path, "not_part_of")),
        )
        if options.translit:
            self._transliterable(text, (*path, "translit"))
        if len(self.faults.items) > before and any(fault.level == "error" for fault in self.faults.items[before:]):
            return None
        return self.checked(options, (*path, "term"))

    def _transliterable(self, text: str, path: Path) -> None:
        """Warn where a `translit` that was asked for finds nothing, or too much."""
        if not translit.is_arabic(text):
            self.faults.warn(
                path,
                f"{text!r} is not in Arabic letters: translit finds the Latin spellings of an Arabic name, so write "
                "that name instead",
                at_key=True,
            )
        elif not translit.is_long_enough(text):
            self.faults.warn(
                path,
                f"{text!r} is short: in Latin letters it may be another word (hottie is nearly حوثي); two words or "
                f"{translit.LEAST_CONSONANTS} consonants are safe",
                at_key=True,
            )

    def guards(self, data: Any, path: Path) -> tuple[Term, ...]:
        """The terms of a `not_part_of`."""
        items = data if isinstance(data, list) else [data]
        found = []
        for index, item in enumerate(items):
            where = (*path, index) if isinstance(data, list) else path
            if isinstance(item, str) and REFERENCE.fullmatch(item.strip()):
                self.faults.add(where, f"{item!r}: not_part_of takes terms, not references")
            elif isinstance(item, dict) and "term" in item:
                self.only(item, TERM_KEYS, where)
                found.append(self.spelt(item, where))
            else:
                try:
                    found.append(self.marked(read.text(item), where))
                except ValueError as error:
                    self.faults.add(where, _item(error, item))
        return tuple(term for term in found if term is not None)

    def term(self, text: str, mode: Mode, path: Path, at: int | None = None) -> Term | None:
        """A term of this text and mode, or None with a fault. `at`: where in the text at `path` it begins."""
        return self.checked(Term(text=text.strip(), mode=mode), path, at)

    def checked(self, term: Term, path: Path, at: int | None = None) -> Term | None:
        """The term, or None with a fault when it can never be found as it was meant."""
        here = path if at is None else (*path, at)
        if not term.text:
            self.faults.add(here, "nothing stands behind the mark")
            return None
        if term.mode is Mode.PATTERN:
            return self._pattern(term, path, here, at or 0)
        slip = _slip(term.text, self.is_yaml)
        problems = (slip,) if slip else term_problems(term)
        for problem in problems:
            self.faults.add(here, f"{term.text!r}: {problem}")
        return None if problems else term

    def _pattern(self, term: Term, path: Path, here: Path, at: int) -> Term | None:
        try:
            check_pattern(term.text)
        except PatternError as error:
            self.faults.add((*path, at + error.place), f"{_short(term.text)}: the pattern {error}")
            return None
        if not is_entered(term.text):
            self.faults.warn(
                here,
                f"{_short(term.text)}: no word must stand in what this finds, so every article is searched for it",
            )
        return term

    def only(self, data: Mapping[str, Any], known: Collection[str], path: Path) -> None:
        """Note every key that is not known."""
        for key in data:
            if key not in known:
                self.faults.add((*path, key), f"unknown key {key!r}{one_of(key, known)}", at_key=True)

    def _option(self, data: Mapping[str, Any], key: str, path: Path, reader: Any, default: Any) -> Any:
        if key not in data:
            return default
        try:
            return reader(data[key])
        except ValueError as error:
            self.faults.add((*path, key), f"{key}: {error}")
            return default

    def _is_cut_regex(self, text: str, path: Path) -> bool:
        if text[:1] != "/":
            return False
        if path in self.flow:
            self.faults.add(path, _IN_FLOW.format(text))
            return True
        if _FLAGS.fullmatch(text):
            self.faults.add(path, f"{text!r}: nothing stands behind the second slash; capitals make no difference")
            return True
        if len(text) < 3 or text[-1] != "/":
            self.faults.add(path, f"{text!r} begins a regular expression that does not end with '/'")
            return True
        return False


_IN_FLOW = (
    "{!r}: a regular expression inside [...] must be in single quotes, because YAML splits it at , [ ] {{ }}; or "
    "write one "
    "item a line"
)


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:80]}...")


def is_near_reference(text: str) -> bool:
    """Whether a text looks like a reference that is none: `$Attack`, `$attack_words`."""
    return _NEAR_REFERENCE.fullmatch(text) is not None


def _item(error: ValueError, data: Any) -> str:
    return "an empty item (a text that begins with '#' must be in quotes)" if data in ("", None) else str(error)


def _mark_in(text: str, mode: Mode) -> str:
    """Why a text under a key that says its mode must not carry a mark; "" when it carries none."""
    if REFERENCE.fullmatch(text):
        return "a reference stands under 'terms' or in 'match', not here"
    if text[0] in "~=":
        return f"marks such as {text[0]!r} stand under 'terms' or in 'match'; write the word without it"
    if text[-1] == "*":
        return "under 'starts' a beginning stands without '*'" if mode is Mode.STARTS else "'*' stands under 'terms'"
    if len(text) > 2 and text[0] == text[-1] == "/":
        return "a regular expression stands under 'patterns', without the slashes"
    return ""


def _slip(text: str, is_yaml: bool) -> str:
    """What YAML silently made of a term, "" when nothing."""
    if separator := _ARABIC_SEPARATOR.search(text):
        what = f"the sign '{separator[0]}' separates nothing, this is one term"
        return f"{what}; {'write an English comma or one a line' if is_yaml else IN_A_CELL}"
    if not is_yaml:
        return ""
    if _COMMA.search(text):
        return "a phrase never crosses a comma; write one term a line"
    if _SEMICOLON.search(text):
        return "a phrase never crosses a semicolon; write one term a line"
    if _DASH.match(text):
        return "the dash is part of this term; behind the '-' of an item stands a space"
    if _HASH.search(text):
        return "'#' is part of this term; a comment needs a space before its '#', and no quotes around both"
    return ""


def _strict(data: Any) -> bool:
    if read.text(data) != "strict":
        raise ValueError(f"expected 'strict', not {shape(data)}")
    return True


def _always(data: Any) -> bool:
    if read.text(data) != "always":
        raise ValueError(f"expected 'always', not {shape(data)}")
    return True
