"""Find the Latin spellings of an Arabic name (MATCHING 4): Ain al-Asad, Ayn al-Assad and Ein Al Asad for عين الأسد.

A name's word is a row of letters, each with the ways it is written; a token is walked through them once, so the cost
is linear and no list of spellings exists. Which names a token can be at all is looked up by its skeleton: what is
left of it without vowels, h, w, y and doubled letters. Latin spellings are found for an Arabic name, never Arabic
ones for a Latin name: what was lost in Latin (ح or ه, ع, long or short) would have to be guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import TypeAlias

from monitor.text import arabic
from monitor.text.grammar import Ending, Reading
from monitor.text.tokens import ARABIC_FIRST

LEAST_CONSONANTS = 4
"""Consonants from which a single name is told apart from other words."""

LONGEST = 40
"""Letters of a token that may be a name."""

MOST_KEYS = 256
"""Rows of bones that the skeletons of one word are made of."""

MOST_RENDERINGS = 32
"""Ways of cutting one name into Latin words."""

_SHORT = ("", "a", "e", "i", "o", "u")
_FIRST_SHORT = (*_SHORT, "ou")
_CONSONANTS: Mapping[str, tuple[str, ...]] = {
    "ب": ("b",),
    "ت": ("t",),
    "ث": ("th", "t", "s"),
    "ج": ("j", "dj", "g"),
    "ح": ("h",),
    "خ": ("kh", "ch", "h", "x"),
    "د": ("d",),
    "ذ": ("dh", "d", "z", "th"),
    "ر": ("r",),
    "ز": ("z", "s"),
    "س": ("s",),
    "ش": ("sh", "sch", "ch"),
    "ص": ("s",),
    "ض": ("dh", "d", "z"),
    "ط": ("t",),
    "ظ": ("dh", "d", "z", "th"),
    "غ": ("gh", "g"),
    "ف": ("f", "ph", "v"),
    "ق": ("q", "k", "g", "gh", "kh", "c"),
    "ك": ("k", "c"),
    "ل": ("l",),
    "م": ("m",),
    "ن": ("n",),
    "ه": ("h",),
    "پ": ("p",),
    "چ": ("ch", "tch", "c"),
    "ژ": ("zh", "j", "z"),
    "گ": ("g", "gh"),
}
_SILENT = frozenset("عءأإآئ")
_DOUBLED_AFTER_LONG = frozenset("سص")  # Moussa; no other letter is doubled there (hottie is no حوثي)
_ALEF = ("a", "aa", "e")
_WAW = ("u", "ou", "oo", "o", "au", "w", "v", "aw", "ow", "uw", "ew")
_YEH = ("i", "y", "ee", "ie", "ei", "ai", "ay", "ey", "e", "iy", "ayy", "iyy", "eyy")
_INITIAL: Mapping[str, tuple[str, ...]] = {
    "ا": ("a", "e", "i", "o", "u"),
    "أ": ("a", "e", "i", "o", "u"),
    "إ": ("i", "e", "a"),
    "آ": ("a", "aa"),
    "ع": ("a", "e", "i", "o", "u"),
}
_INITIAL_LONG: Mapping[str, tuple[str, ...]] = {
    "ا": ("a", "aa", "e"),
    "و": ("o", "ou", "oo", "u", "aw", "au", "ow", "aou"),
    "ي": ("ai", "ay", "ei", "ey"),
}
"""The first vowel of a name in أ or ع with the long one behind it: Ain needs its diphthong, Ian is another name."""

_IYAD = ("i", "e", "iy", "y")
_WEAK_INITIAL: Mapping[str, tuple[str, ...]] = {"و": ("w", "v", "ou"), "ي": ("y", "i")}
_FINAL: Mapping[str, tuple[str, ...]] = {
    "ا": ("a", "aa", "ah"),
    "ى": ("a", "aa", "i", "ah"),
    "ة": ("a", "ah", "eh", "at", "e", ""),
    "ي": ("i", "y", "ee", "iy", "ie", "ei", "ay", "ai"),
    "و": ("u", "ou", "oo", "o", "w", "aw"),
    "ن": ("n", "nn", "ne"),
    "ه": ("h", ""),
}
_SUN = frozenset("تثدذرزسشصضطظلن")
_ARTICLES = ("al", "el", "ul")
_SERVANTS = ("abdul", "abdel", "abdal", "abdoul", "abdol")
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "الله": ("allah", "ullah", "ollah", "alla", "ulla", "lah"),
    "الدين": tuple(
        vowel + middle + end for vowel in "aeu" for middle in ("ld", "d", "dd") for end in ("in", "ine", "een", "ien")
    ),
    "بيروت": ("beirut", "beyrouth", "bayrut", "beyrut", "beirout"),
    "عمر": ("omar", "umar", "omer", "umer"),
    "علي": ("ali", "aly"),
    "خالد": ("khaled", "khalid", "chaled", "halid"),
    "عدن": ("aden", "adan"),
    "عيسى": ("isa", "issa", "eissa", "eisa", "essa", "aissa"),
    "عمرو": ("amr", "amro", "amrou"),
    "طه": ("taha",),
}
"""Names written otherwise than their letters say, and short ones that but for their vowels are other words."""

_JOINED = ("الله", "الدين")
"""Last words of a name that are often written onto the one before: Nasrallah, Salahuddin."""

_SON = ("bin", "ben", "ibn")
_PARTICLES = {"بن": _SON, "ابن": _SON, "آل": ("al", "aal")}
"""Words inside a name that are often written without a capital."""

# What a token is reduced to before it is looked up, letter by letter, so that a row of ways and their sum agree.
BONES = str.maketrans({**dict.fromkeys("aeiouyhwvf"), "p": "b", "q": "k"})
START = {**dict.fromkeys("aeiou", "a"), "y": "y", "h": "h", "w": "w", "v": "w", "f": "f"}
END = dict.fromkeys("aeiouyhwv", "-")


def is_long_enough(name: str) -> bool:
    """Tell whether a name is in Arabic and long enough to be found in Latin letters unasked: two words or four
    consonants.
    """
    words = name.split()
    if not is_arabic(name):
        return False
    rest = words[0][2:] if arabic.article(words[0]) else words[0]
    return len(words) > 1 or sum(letter in _CONSONANTS or letter == "ع" for letter in rest) >= LEAST_CONSONANTS


def is_arabic(name: str) -> bool:
    """Tell whether every word of a name is in Arabic letters, so that Latin ones can be told."""
    return bool(name.split()) and all(ARABIC_FIRST.match(word) for word in name.split())


def renderings(words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Yield the ways to write a name in Latin words: each word is what `ways` takes, or a row of fixed spellings.

    الأسد is one word, two, or one without its article; عبد الرحمن is one, two or three, صلاح الدين one or more.
    """
    choices: list[tuple[tuple[tuple[str, ...], ...], ...]] = []
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        rest = word[2:]
        if before == "عبد" and word != "الله" and arabic.article(word):
            choices[-1:] = [((("عبد" + word,),), (_SERVANTS, (rest,)), (("عبد",), _articles(rest), (rest,)))]
            continue
        if word in _PARTICLES:
            own: tuple[tuple[tuple[str, ...], ...], ...] = ((_PARTICLES[word],),)
        elif arabic.article(word):
            own = (((word,),), (_articles(rest), (rest,)), ((rest,),))
        else:
            own = (((word,),),)
        if before and word in _JOINED:
            own = (((before + word,),), *(first + second for first in choices.pop() for second in own))
        choices.append(own)
    for chosen in islice(product(*choices), MOST_RENDERINGS):
        yield tuple(word for words in chosen for word in words)


def _articles(rest: str) -> tuple[str, ...]:
    """The article by itself, also assimilated: as-Sadr, an-Nasr."""
    return (*_ARTICLES, *(vowel + way for vowel in "aeu" for way in _sun(rest)))


def _sun(rest: str) -> tuple[str, ...]:
    """The ways to write a first letter that the article is assimilated to."""
    return _CONSONANTS[rest[0]] if rest[:1] in _SUN else ()


def keys(word: str) -> frozenset[str]:
    """Return the skeletons of all spellings of one word (at most `MOST_KEYS` of them)."""
    choices = ways(word)
    starts = {START.get(letter, "") for letter in _edge(choices, 0)}
    ends = {END.get(letter, "") for letter in _edge(choices[::-1], -1)}
    bones = {""}
    for choice in choices:
        left = _bones(choice)
        if left != {""}:
            both = {rest + one[one[:1] == rest[-1:] :] for rest in bones for one in left}
            bones = both if len(both) <= MOST_KEYS else set(sorted(both)[:MOST_KEYS])
    return frozenset("".join(key) for key in product(starts, bones, ends))


@lru_cache(maxsize=1_000)
def _bones(choice: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_collapse(way.translate(BONES)) for way in choice)


def skeleton(token: str) -> str:
    """Return what is left of a Latin token by which names are looked up: how it begins, its bones, how it ends."""
    plain = token.replace("'", "")
    return START.get(plain[:1], "") + _collapse(plain.translate(BONES)) + END.get(plain[-1:], "")


def _edge(choices: Sequence[Sequence[str]], at: int) -> Iterator[str]:
    """Yield the letters that a row of choices may begin (or, turned round, end) with."""
    for choice in choices:
        yield from (way[at] for way in choice if way)
        if "" not in choice:
            return
    yield ""


def _collapse(bones: str) -> str:
    return "".join(letter for place, letter in enumerate(bones) if letter != bones[place - 1 : place])


def readings(token: str, names: Mapping[str, Sequence[tuple[int, str]]]) -> Iterator[tuple[int, Reading]]:
    """Yield the ways to read a Latin token as one of the words in `names` (skeleton -> (word, its Arabic))."""
    for core, suffix in _cores(token):
        for number, word in names.get(skeleton(core), ()):
            if is_spelling(core, word):
                yield number, _reading(core, suffix)


def readings_as(token: str, word: str) -> Iterator[Reading]:
    """Yield the ways to read a Latin token as one Arabic word."""
    return (_reading(core, suffix) for core, suffix in _cores(token) if is_spelling(core, word))


def _cores(token: str) -> Iterator[tuple[str, str]]:
    """Yield what of a token may be a name, with what stands behind it."""
    for suffix in ("", "'s"):
        core = token.removesuffix(suffix)
        if len(core) + len(suffix) == len(token) and len(core) <= LONGEST:
            yield core, suffix


def _reading(core: str, suffix: str) -> Reading:
    ending = Ending.PRONOUN if suffix else Ending.BARE
    return Reading(0, len(core), ending | Ending.DEFINITE, suffix=suffix)


def is_spelling(token: str, word: str) -> bool:
    """Tell whether a Latin token, in lower case, spells an Arabic word."""
    plain = token.replace("'", "")
    reached = {0}
    for may_skip, by_letter in _steps(word):
        further = set(reached) if may_skip else set()
        for place in reached:
            for way in by_letter.get(plain[place : place + 1], ()):
                if plain.startswith(way, place):
                    further.add(place + len(way))
        if not further:
            return False
        reached = further
    return len(plain) in reached


_Step: TypeAlias = tuple[bool, Mapping[str, tuple[str, ...]]]
"""One choice: whether it may be nothing, and what else it may be by its first letter."""


@lru_cache(maxsize=50_000)
def _steps(word: str) -> tuple[_Step, ...]:
    return tuple(map(_step, ways(word)))


@lru_cache(maxsize=10_000)
def _step(choice: tuple[str, ...]) -> _Step:
    by_letter: dict[str, tuple[str, ...]] = {}
    for way in dict.fromkeys(choice):
        if way:
            by_letter[way[0]] = (*by_letter.get(way[0], ()), way)
    return "" in choice, by_letter


def ways(word: str) -> tuple[tuple[str, ...], ...]:
    """Return a word as a row of choices: what each letter, and the vowel nobody wrote behind it, may be in Latin."""
    if word in _KNOWN:
        return (_KNOWN[word],)
    for last in _JOINED:
        if word.endswith(last):
            return (*_letters(word.removesuffix(last)), _KNOWN[last])
    if word.startswith("عبدال"):
        return (_servant(word[5:]), *_letters(word[5:]))
    if arabic.article(word):
        return (_article(word[2:]), *_letters(word[2:]))
    return tuple(_letters(word))


def _article(rest: str) -> tuple[str, ...]:
    """The article written onto its word; assimilated, it leaves its vowel and the doubled letter."""
    return (*_ARTICLES, *(vowel + way[:1] for vowel in "aeu" for way in _sun(rest)))


def _servant(rest: str) -> tuple[str, ...]:
    return tuple(f"abd{ending}" for ending in (*_article(rest), "oul", "ol"))


def _letters(word: str) -> Iterator[tuple[str, ...]]:
    """Yield the choices of a word without its article, letter by letter."""
    last = len(word) - 1
    after_long = False
    place = 0
    while place <= last:
        letter, following = word[place], word[place + 1 : place + 2]
        if not place and letter in _INITIAL:
            if following in _INITIAL_LONG and last > 1:
                yield _INITIAL_LONG[following] + (
                    ("i", "e", "iy", "y") if letter not in "عآ" and following == "ي" else ()
                )
                place += 1
                after_long = following == "ا"
            else:
                yield _INITIAL[letter]
        elif letter == "ؤ":
            yield (*_WAW, "ao", "aou")
            yield _SHORT if _is_consonant(following) else ("",)
        elif letter in _SILENT:
            yield ("", "y") if letter == "ئ" else ("",) if letter != "أ" else ("", "a")
            yield _SHORT if _is_consonant(following) or (letter == "ع" and place == last) else ("",)
        elif letter in _CONSONANTS:
            yield _consonant(letter, place, last, after_long)
            after_long = False
            if _is_consonant(following):
                yield _SHORT if place else _FIRST_SHORT
        else:
            yield _weak(letter, place, last, following)
            after_long = True
        place += 1


def _is_consonant(letter: str) -> bool:
    return letter in _CONSONANTS or letter in _SILENT


@lru_cache(maxsize=10_000)
def _consonant(letter: str, place: int, last: int, after_long: bool) -> tuple[str, ...]:
    if place == last and letter in _FINAL:
        return _FINAL[letter]
    plain = _CONSONANTS[letter]
    if not place or (after_long and letter not in _DOUBLED_AFTER_LONG):
        return plain
    return (*plain, *(way[0] + way for way in plain), *(way + way for way in plain if len(way) == 2))


@lru_cache(maxsize=10_000)
def _weak(letter: str, place: int, last: int, following: str) -> tuple[str, ...]:
    """A letter that is a long vowel, or for و and ي also a consonant between short vowels."""
    if place == last:
        return _FINAL.get(letter, _ALEF)
    if letter not in "وي":
        return _ALEF
    after = _SHORT if _is_consonant(following) else ("",)
    if not place:
        return tuple(way + vowel for way in _WEAK_INITIAL[letter] for vowel in after)
    long, consonants = (_WAW, ("w",)) if letter == "و" else (_YEH, ("y", "yy"))
    return tuple(
        dict.fromkeys(
            (*long, *(before + way + vowel for before in _SHORT for way in consonants for vowel in after[1:]))
        )
    )
