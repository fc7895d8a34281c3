"""Name the language of a text: declared, then script, then telling letters and words (MATCHING 5).

A declared language is believed unless the script contradicts it: many sites declare the language of their template.
A wrong answer may lose an inflected form, never a plain hit.
"""

from __future__ import annotations

import re
from collections import Counter

_SAMPLE = 4_000
_ARABIC_SCRIPT = ("ar", "fa", "ur", "ps", "ckb", "ku", "sd", "ug", "ks", "pa")
_SCRIPTS = (
    ("arabic", re.compile("[\u0620-\u064a\u066e-\u06ff\u0750-\u077f]"), _ARABIC_SCRIPT),
    ("hebrew", re.compile("[\u05d0-\u05ea]"), ("he", "yi")),
    ("cyrillic", re.compile("[\u0400-\u052f]"), ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn")),
    ("cjk", re.compile("[\u3041-\u30ff\u4e00-\u9fff]"), ("zh", "ja")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]"), ()),
)
_TELLING = {
    "arabic": (
        ("ur", re.compile("[ٹڈڑںے]")),
        ("ps", re.compile("[ټډړښ]")),
        ("ckb", re.compile("[ێۆڕڵ]")),
        ("fa", re.compile("[پچژگ]|(?<!\\w)(?:در|به|از|که|این|را)(?!\\w)")),
    ),
    "hebrew": (("he", re.compile("")),),
    "cyrillic": (("uk", re.compile("[іїєґІЇЄҐ]")), ("ru", re.compile("[ыэёъЫЭЁЪ]"))),
    "cjk": (("ja", re.compile("[\u3041-\u30ff]")), ("zh", re.compile(""))),
    "latin": (("en", re.compile("(?<!\\w)(?:the|of|and|was|with|for|from|by)(?!\\w)", re.I)),),
}
_ENOUGH = {"fa": 2, "en": 1}


def detect(text: str, declared: str = "") -> str:
    """Return the language of `text` as a two- or three-letter code, or "" where nothing tells."""
    language = re.split("[-_]", declared.strip().lower(), maxsplit=1)[0]
    sample = text[:_SAMPLE]
    script, codes = _script(sample)
    if language and (not script or language in codes or (script == "latin" and not _has_own_script(language))):
        return language
    for code, sign in _TELLING.get(script, ()):
        if len(sign.findall(sample)) >= _ENOUGH.get(code, 1):
            return code
    return "ar" if script == "arabic" else ""


def _script(sample: str) -> tuple[str, tuple[str, ...]]:
    """Return the script most letters of the sample belong to and its languages."""
    counts = Counter({name: len(letters.findall(sample)) for name, letters, _ in _SCRIPTS})
    (name, count), *_ = counts.most_common(1)
    return next((name, codes) for own, _, codes in _SCRIPTS if own == name) if count else ("", ())


def _has_own_script(language: str) -> bool:
    return any(language in codes for _, _, codes in _SCRIPTS)
