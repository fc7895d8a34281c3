"""Made-up news and rules for the benchmark: frequent words are frequent, most words are rare, names rarer still.

Half the articles are Arabic with clitics, endings and vowel signs, half English, every sixteenth in one of eight
other languages. All is drawn from one seed, so that two machines measure the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from monitor.model import Article

ARABIC, ENGLISH, OTHERS = 12_000, 30_000, 4_000
"""Lemmas of each language. Clitics and endings make many times as many distinct tokens of the Arabic ones: five
thousand articles hold some 200,000 distinct tokens, about as many as newspapers do.
"""

ENTITIES = 120_000
"""Persons, places and companies that the news may mention."""


def _listed(words: str) -> list[str]:
    return words.split()


_ROOT = "بتثجحخدذرزسشصضطعغفقكلمنهوي"
_WEIGHTS = (8, 4, 1, 4, 5, 3, 7, 1, 9, 3, 6, 4, 4, 2, 3, 7, 2, 6, 6, 4, 9, 8, 8, 4, 5, 4)
_PATTERNS = "123 1ا23 12ا3 م12و3 ت12ي3 م12ا3 ا12ا3 12ي3 م1ا23 ا1ت2ا3 م12 1و2ا3 12ان م1ت23 ا123 12و3 است12ا3 م123"
_PREFIXES = ("", "ال", "و", "ب", "ل", "وال", "بال", "لل", "ف", "ك", "وب", "ول")
_PREFIX_ODDS = (48, 30, 5, 3, 3, 4, 2, 2, 0.7, 0.3, 0.6, 0.6)
_SUFFIXES = ("ة", "ات", "ها", "ه", "هم", "ين", "ان", "ي", "ا", "اً", "ية", "نا")
_SUFFIX_ODDS = (9, 4, 4, 4, 2, 3, 1, 2, 1, 2, 2, 0.5)
_ARABIC_SMALL = _listed(
    "في من على إلى أن التي عن مع الذي هذا هذه كان بعد قد بين ما لا خلال كما ذلك وقال وأضاف حيث إن لم ولا أو عند"
)
_ENGLISH_SMALL = _listed(
    "the of and to in a for on that is was with as by at from it said he has be are his an not have were who but"
)
_ONSETS = _listed("b c d f g h j k l m n p r s t v w br ch cl cr dr fl fr gr pl pr sh sl sp st th tr")
_VOWELS = _listed("a e i o u ai ea ee io ou a e i o")
_CODAS = ("", "", "", "n", "r", "s", "t", "l", "d", "m", "ng", "nt", "st", "ck")
_ALPHABETS = {
    "fa": "ابپتجچخدرزسشعغفقکگلمنوهی",
    "ur": "ابپتٹجچخدڈرڑزسشعغفقکگلمنںوہیے",
    "he": "אבגדהוזחטיכלמנסעפצקרשת",
    "ru": "абвгдежзиклмнопрстуфхцчшыэюя",
    "uk": "абвгґдеєжзиіїклмнопрстуфхцчшюя",
    "tr": "abcçdefgğhıijklmnoöprsştuüvyz",
    "fr": "aàbcdeéèêfghilmnoôpqrstuvxyz",
    "de": "aäbcdefghiklmnoöprsßtuüvwz",
    "zh": "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说",
}
_AR_KEY = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
_LATIN = dict(zip(_AR_KEY, _listed("a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h u i"), strict=True))


@dataclass(frozen=True, slots=True)
class Named:
    """One entity of the made-up world: its name in three scripts, each as usual and spelt another way."""

    arabic: tuple[str, str]
    english: tuple[str, str]
    cyrillic: str


class World:
    """Vocabularies and names. `phrases` are word pairs that occur in the articles made so far."""

    def __init__(self, seed: int = 4) -> None:
        self.chance = random.Random(seed)
        self.arabic = self._arabic(ARABIC)
        self._endings = {word: self.chance.choices(_SUFFIXES, _SUFFIX_ODDS, k=2) for word in self.arabic}
        self.english = self._english(ENGLISH)
        self.others = {lang: self._letters(letters, OTHERS) for lang, letters in _ALPHABETS.items()}
        self.entities = [self._named() for _ in range(ENTITIES)]
        zipf = list(accumulate(1 / (rank + 2.7) for rank in range(ENGLISH)))
        self._rarer = list(accumulate((rank + 30) ** -0.9 for rank in range(ENTITIES)))
        self._watched = list(accumulate((rank + 200) ** -0.5 for rank in range(ENTITIES)))
        self._ar, self._en, self._few = zipf[:ARABIC], zipf, zipf[:OTHERS]
        self.pairs: list[str] = []

    # --- words -------------------------------------------------------------------------------------------

    def _arabic(self, count: int) -> list[str]:
        patterns = _PATTERNS.split()
        found = dict.fromkeys(_ARABIC_SMALL)
        while len(found) < count:
            root = self.chance.choices(_ROOT, _WEIGHTS, k=3)
            pattern = self.chance.choice(patterns)
            found[pattern.replace("1", root[0]).replace("2", root[1]).replace("3", root[2])] = None
        return list(found)

    def _english(self, count: int) -> list[str]:
        found = dict.fromkeys(_ENGLISH_SMALL)
        while len(found) < count:
            size = self.chance.choices((1, 2, 3, 4), (3, 8, 6, 2))[0]
            word = "".join(
                self.chance.choice(_ONSETS) + self.chance.choice(_VOWELS) + self.chance.choice(_CODAS)
                for _ in range(size)
            )
            found[word] = None
        return list(found)

    def _letters(self, letters: str, count: int) -> list[str]:
        least, most = (2, 3) if letters[0] == "的" else (2, 9)
        return ["".join(self.chance.choices(letters, k=self.chance.randint(least, most))) for _ in range(count)]

    def _named(self) -> Named:
        arabic = [self._name_word() for _ in range(self.chance.choices((1, 2, 3), (2, 6, 2))[0])]
        english = " ".join(map(_latin, arabic))
        if self.chance.random() < 0.4:
            arabic[-1] = "ال" + arabic[-1]
        other = [*arabic[:-1], arabic[-1] + self.chance.choice("ايوهة")]
        cyrillic = "".join(self.chance.choices(_ALPHABETS["ru"], k=self.chance.randint(5, 9))).capitalize()
        return Named((" ".join(arabic), " ".join(other)), (english, f"Al-{english}"), cyrillic)

    def _name_word(self) -> str:
        """A few words are parts of many names; most are parts of a few."""
        made = random.Random(int(20 * 3_000 ** self.chance.random()))
        return "".join(made.choices(_ROOT, _WEIGHTS, k=made.randint(3, 6)))

    # --- articles ----------------------------------------------------------------------------------------

    def articles(self, count: int) -> Iterator[Article]:
        """Make up articles of about 3,000 characters."""
        for number in range(count):
            lang = self.chance.choice(list(_ALPHABETS)) if number % 16 == 15 else ("ar", "en")[number % 2]
            yield self._article(number, lang)

    def _article(self, number: int, lang: str) -> Article:
        topic = self.chance.choices(self.entities, cum_weights=self._rarer, k=self.chance.randint(2, 7))
        title = " ".join(self._sentence(lang, topic, 8))
        paragraphs, size, wanted = [], 0, self.chance.randint(2_000, 4_000)
        while size < wanted:
            sentences = [
                " ".join(self._sentence(lang, topic, self.chance.randint(12, 32)))
                + self.chance.choices((".", "؟" if lang == "ar" else "?", "!"), (30, 1, 1))[0]
                for _ in range(self.chance.randint(1, 4))
            ]
            paragraphs.append(" ".join(one[0].upper() + one[1:] for one in sentences))
            size += len(paragraphs[-1]) + 2
        if number % 33 == 0:
            paragraphs.append(f"See https://news.example/{number}/story?id={number} or write to desk@news.example")
        return Article(id=str(number), source="", title=title, text="\n\n".join(paragraphs), language=lang)

    def _sentence(self, lang: str, topic: Sequence[Named], size: int) -> list[str]:
        if lang == "ar":
            words = self._clitics(self.chance.choices(self.arabic, cum_weights=self._ar, k=size))
        elif lang == "en":
            words = self.chance.choices(self.english, cum_weights=self._en, k=size)
        else:
            words = self.chance.choices(self.others[lang], cum_weights=self._few, k=size)
        at = self.chance.randrange(size)
        if size > 10 and len(self.pairs) < 400_000:
            self.pairs.append(f"{_bare(words[at - 1])} {_bare(words[at])}" if at else "")
        if self.chance.random() < 0.4:
            words[at] = self._mention(lang, self.chance.choice(topic))
        return self._punctuated(lang, words)

    def _clitics(self, words: list[str]) -> list[str]:
        """A word takes any prefix, but of the endings only its own two: nouns and verbs are inflected differently."""
        prefixes = self.chance.choices(_PREFIXES, _PREFIX_ODDS, k=len(words))
        endings = self.chance.choices((0, 1, 2), (66, 20, 14), k=len(words))
        return [
            word if word in _SMALL else prefix + word + (self._endings[word][ending - 1] if ending else "")
            for prefix, word, ending in zip(prefixes, words, endings, strict=True)
        ]

    def _mention(self, lang: str, one: Named) -> str:
        """A name as it is written: the usual way, another way, or its last word only."""
        way = self.chance.random()
        if lang in ("ru", "uk"):
            return one.cyrillic
        names = one.arabic if lang in ("ar", "fa", "ur") else one.english
        name = names[0].split()[-1] if way < 0.3 else names[way > 0.9]
        if lang == "ar":
            return self.chance.choices(("", "و", "ل", "ب"), (12, 2, 2, 2))[0] + name
        return name + self.chance.choices(("", "'s", "’s"), (12, 1, 1))[0] if lang == "en" else name

    def _punctuated(self, lang: str, words: list[str]) -> list[str]:
        for _ in range(len(words) // 9):
            at = self.chance.randrange(len(words))
            kind = self.chance.random()
            if kind < 0.55:
                words[at] += "،" if lang in ("ar", "fa", "ur") else ","
            elif kind < 0.7:
                words[at] = f"«{words[at]}»" if lang in ("ar", "fa", "ur") else f'"{words[at]}"'
            elif kind < 0.8:
                words[at] = str(self.chance.randint(2, 2026))
            elif kind < 0.85:
                words[at] = f"{self.chance.randint(1, 90)},{self.chance.randint(100, 999)}"
            elif kind < 0.9:
                words[at] = f"{words[at]}-{words[at - 1]}"
            elif kind < 0.94:
                words[at] = "U.S." if lang == "en" else f"({words[at]})"
            elif kind < 0.97 and lang == "ar":
                words[at] = words[at][:1] + "ـ" + words[at][1:]
            else:
                words[at] += ":"
        return words

    # --- rules -------------------------------------------------------------------------------------------

    def rules(self, count: int, folder: Path, *, phrases: float = 0.0) -> list[str]:
        """Write `count` rules into files: entity (5 names) and list (20 terms) within a sentence or 10 words, with a
        `none`. `phrases` is the share of the lists' terms that are word pairs of the articles. Returns all terms.
        """
        chance = random.Random(count)
        folder.mkdir(parents=True, exist_ok=True)
        entities = dict.fromkeys(
            chance.choices(range(ENTITIES), cum_weights=self._watched, k=max(1, int(count * 0.75)))
        )
        pairs = [pair for pair in self.pairs if pair]
        terms: list[str] = []
        named, listed = [], []
        for entity in entities:
            one = self.entities[entity]
            names = [*one.arabic, *one.english, one.cyrillic]
            terms += names
            named.append(f"  e{entity}:\n    kind: watched\n    names:\n" + _lines(names))
        lists = int(4 * count**0.5)
        words = [self._words(chance, which) for which in (self.arabic, self.english)]
        none = [some[:200] for some in words]
        for number in range(lists):
            chosen = [chance.choice(pairs if chance.random() < phrases else words[place % 2]) for place in range(20)]
            terms += chosen
            listed.append(f"  l{number}:\n    words:\n" + _lines(dict.fromkeys(chosen)))
        watched = list(entities)
        made = [self._rule(number, watched, lists, none, chance) for number in range(count)]
        for key, items in (("entities", named), ("lists", listed), ("rules", made)):
            for start in range(0, len(items), 1_000):
                (folder / f"{key}-{start:06}.yaml").write_text(f"{key}:\n{''.join(items[start : start + 1_000])}")
        return terms

    def _words(self, chance: random.Random, vocabulary: Sequence[str]) -> list[str]:
        """The words that lists are made of: of middling frequency, so that a list stands in every second article."""
        return [vocabulary[int(200 * 45 ** chance.random())] for _ in range(3_000)]

    def _rule(
        self, number: int, watched: Sequence[int], lists: int, none: list[list[str]], chance: random.Random
    ) -> str:
        within = "sentence" if chance.random() < 0.7 else "10 words"
        unwanted = [chance.choice(words) for words in none]
        return (
            f"  r{number}:\n    severity: high\n    notify: [desk]\n    match:\n      all:\n"
            f"        - $e{chance.choice(watched)}\n        - $l{chance.randrange(lists)}\n"
            f"      within: {within}\n      none:\n" + _lines(unwanted, 8)
        )


_SMALL = frozenset(_ARABIC_SMALL)


def _lines(items: Sequence[str] | dict[str, None], indent: int = 6) -> str:
    return "".join(f'{" " * indent}- "{item}"\n' for item in items)


def _bare(word: str) -> str:
    return word.strip('«»",،:().')


def _latin(word: str) -> str:
    return "".join(_LATIN.get(letter, "a") for letter in word).capitalize()
