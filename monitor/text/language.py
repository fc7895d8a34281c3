"""Name the language of a text: declared, then script, then telling letters and little words (MATCHING 5).

A declared language is believed unless the script contradicts it: many sites declare the language of their template.
A wrong answer may lose an inflected form, never a plain hit.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from monitor.text.little_words import LETTERS, WORDS

_SAMPLE = 2_000
"""Letters of a text that are looked at: two or three paragraphs tell as much as ten."""

_SCRIPTS = (
    ("arabic", re.compile("[\u0620-\u064a\u066e-\u06ff\u0750-\u077f]")),
    ("hebrew", re.compile("[\u05d0-\u05ea]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("cjk", re.compile("[\u3041-\u30ff\u4e00-\u9fff]")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]")),
)
_WRITTEN_IN = {
    "arabic": ("ar", "fa", "ur", "ps", "ckb", "ku", "sd", "ug", "ks", "pa"),
    "hebrew": ("he", "yi"),
    "cyrillic": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn"),
    "cjk": ("zh", "ja"),
}
_OWN_SCRIPT = frozenset(lang for langs in _WRITTEN_IN.values() for lang in langs)
_TELLING = {
    "arabic": {
        "ar": ("ةؤإ", "في من على إلى التي الذي هذا هذه أن عن مع كان"),
        "ur": ("ٹڈڑںے", ""),
        "ps": ("ټډړښ", ""),
        "ckb": ("ێۆڕڵ", ""),
        "fa": ("پچژگ", "در به از که این را است های می كه اين"),
    },
    "cyrillic": {"uk": ("іїєґІЇЄҐ", ""), "ru": ("ыэёъЫЭЁЪ", "")},
}
_KANA = re.compile("[\u3041-\u30ff]")
_ELSE = {"arabic": "ar", "hebrew": "he", "cjk": "zh"}
"""What a script is where no letter tells."""

_WORD = re.compile("[^\\W\\d_]+")


def detect(text: str, declared: str = "") -> str:
    """Return the language of `text` as a two- or three-letter code, or "" where nothing tells."""
    language = re.split("[-_]", declared.strip().lower(), maxsplit=1)[0]
    sample = text[:_SAMPLE]
    letters = Counter(sample)
    script = _script(letters)
    if language and (not script or language in _WRITTEN_IN.get(script, ()) or _is_latin(script, language)):
        return language
    if script == "latin":
        return _first(_vote(sample))
    if script == "cjk" and _KANA.search(sample):
        return "ja"
    return _first(_tell(letters, sample, script)) or _ELSE.get(script, "")


def _script(letters: Counter[str]) -> str:
    """Return the script that most letters belong to, "" where there are none."""
    counts: Counter[str] = Counter()
    for letter, count in letters.items():
        counts[_script_of(letter)] += count
    del counts[""]
    return counts.most_common(1)[0][0] if counts else ""


@cache
def _script_of(letter: str) -> str:
    return next((name for name, letters in _SCRIPTS if letters.match(letter)), "")


def _is_latin(script: str, language: str) -> bool:
    return script == "latin" and language not in _OWN_SCRIPT


def _tell(letters: Counter[str], sample: str, script: str) -> Counter[str]:
    """Count the letters and words that each language of a script has for itself."""
    if script not in _TELLING:
        return Counter()
    words = Counter(sample.split())
    return Counter(
        {
            code: sum(letters[letter] for letter in own) + sum(words[word] for word in listed.split())
            for code, (own, listed) in _TELLING[script].items()
        }
    )


def _vote(sample: str) -> Counter[str]:
    """Count the little words and telling letters of each language of Latin letters."""
    votes: Counter[str] = Counter()
    for word in _WORD.findall(sample.replace("İ", "i").lower()):
        for code in WORDS.get(word, ()):
            votes[code] += 1
    for letter in LETTERS.keys() & set(sample + sample.lower()):
        votes.update(LETTERS[letter])
    return votes


def _first(votes: Counter[str]) -> str:
    """Return the language with most votes, "" where two have as many or none has any."""
    ranking = [*votes.most_common(2), ("", 0), ("", 0)]
    return ranking[0][0] if ranking[0][1] > ranking[1][1] else ""
