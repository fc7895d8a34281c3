"""The inflected forms of an English word: what simplemma lists, the irregular ones, and the regular endings.

A regular form counts unless simplemma knows it as another word: news is no plural of new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from monitor.rules.forms.inflected import Inflected
from monitor.rules.forms.tables import Table

_IRREGULAR_VERBS = """
arise arose arisen | awake awoke awoken | bear bore borne | beat beaten | become became | begin began begun
bend bent | bet | bid bade bidden | bind bound | bite bit bitten | bleed bled | blow blew blown | break broke broken
breed bred | bring brought | broadcast | build built | burn burnt | burst | buy bought | cast | catch caught
choose chose chosen | cling clung | come came | cost | creep crept | cut | deal dealt | dig dug | do did done does
draw drew drawn | drink drank drunk | drive drove driven | eat ate eaten | fall fell fallen | feed fed | feel felt
fight fought | find found | flee fled | fling flung | fly flew flown | forbid forbade forbidden | forecast
forget forgot forgotten | forgive forgave forgiven | freeze froze frozen | get got gotten | give gave given
go went gone goes | grind ground | grow grew grown | hang hung | have had has | hear heard | hide hid hidden
hit | hold held | hurt | keep kept | know knew known | lay laid | lead led | leave left | lend lent | let
lie lay lain | light lit | lose lost | make made | mean meant | meet met | mislead misled | overcome overcame
override overrode overridden | overrun overran | oversee oversaw overseen | overtake overtook overtaken
overthrow overthrew overthrown |
panic panicked panicking | pay paid | put | quit | read | rebuild rebuilt | retake retook retaken | rid
ride rode ridden | ring rang rung | rise rose risen | run ran | say said | see saw seen | seek sought | sell sold
send sent | set | shake shook shaken | shed | shine shone | shoot shot | show shown | shrink shrank shrunk | shut
sink sank sunk | sit sat | slay slew slain | sleep slept | slide slid | slit | speak spoke spoken | speed sped
spend spent | spill spilt | spin spun | split | spread | spring sprang sprung | stand stood | steal stole stolen
stick stuck | sting stung | strike struck stricken | strive strove striven | swear swore sworn | sweep swept
swell swollen | swim swam swum | swing swung | take took taken | teach taught | tear tore torn | tell told
think thought | throw threw thrown | thrust | undergo underwent undergone | understand understood
undertake undertook undertaken | uphold upheld | upset | wake woke woken | wear wore worn | weep wept | win won
wind wound | withdraw withdrew withdrawn | withhold withheld | withstand withstood | write wrote written
be am is are was were been being
"""
_IRREGULAR_NOUNS = """
child children | crisis crises | analysis analyses | thesis theses | hypothesis hypotheses | basis bases | axis axes
emphasis emphases | diagnosis diagnoses | criterion criteria | phenomenon phenomena | datum data | medium media
bacterium bacteria | memorandum memoranda | referendum referenda | foot feet | tooth teeth | goose geese
mouse mice | person people | ox oxen | knife knives | wife wives | life lives | thief thieves | half halves
wolf wolves | leaf leaves | loaf loaves | shelf shelves | self selves | calf calves | scarf scarves | hoof hooves
virus viruses | fungus fungi | nucleus nuclei | stimulus stimuli | alumnus alumni | radius radii | cactus cacti
coup coups | corps | quiz quizzes | embargo embargoes | torpedo torpedoes | veto vetoes | hero heroes | echo echoes
cargo cargoes | volcano volcanoes | tornado tornadoes | mosquito mosquitoes | potato potatoes
"""
_UNCHANGED = frozenset(("news", "aircraft", "spacecraft", "hovercraft", "series", "species", "sheep", "headquarters"))
_OTHER_WORDS = frozenset(("evening", "morning", "ceiling", "herring", "king", "ring", "wing", "thing", "string"))
"""Words that only look like an -ing of ours."""

_VOWELS = "aeiou"


def _irregular(*tables: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for group in table.replace("\n", "|").split("|"):
            words = tuple(group.split())
            if words:
                found[words[0]] = words
    return found


_VERBS = _irregular(_IRREGULAR_VERBS)
_NOUNS = _irregular(_IRREGULAR_NOUNS)
_HEADS = {form: words[0] for table in (_NOUNS, _VERBS) for words in table.values() for form in words[1:]}


def lemma(word: str, table: Table) -> str:
    """Return the lemma of a word, itself when it is one or is not known."""
    known = table.get(word)
    if known == word or word in _VERBS or word in _NOUNS:
        return word
    return _HEADS.get(word) or known or word


def inflect(word: str, lemma: str, listed: Sequence[str], table: Table) -> tuple[Inflected, ...]:
    """Return the forms of a word."""
    irregular = (*_VERBS.get(lemma, ()), *_NOUNS.get(lemma, ()))
    found = dict.fromkeys((word, lemma, *irregular, *(listed if lemma != "be" else ())))
    if lemma.endswith("man") and len(lemma) > 4:
        found[lemma[:-3] + "men"] = None
    if lemma.isalpha() and lemma not in _UNCHANGED:
        found.update(dict.fromkeys(_regular(lemma, table)))
    return tuple(Inflected(form) for form in found if "'" not in form and "’" not in form)


def _regular(lemma: str, table: Table) -> Iterator[str]:
    """The regular forms, less those that are another word."""
    past, gerund = _with("ed", lemma), _with("ing", lemma)
    verbal = gerund if lemma in _VERBS else past + gerund
    is_verb = lemma in _VERBS or any(table.get(form) == lemma for form in verbal)
    is_verb |= all(any(table.get(form) == form for form in some) for some in (past, gerund))
    if lemma not in _NOUNS and not lemma.endswith("man"):
        yield from (form for form in _plurals(lemma) if table.get(form) in (None, lemma))
    if is_verb:
        # simplemma lists killing under kill, hijacking under itself and playing under a word that is none
        yield from (form for form in verbal if form not in _OTHER_WORDS)


def _plurals(word: str) -> Iterable[str]:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return (word + "es",)
    if word[-1] == "y" and word[-2:-1] not in _VOWELS:
        return (word[:-1] + "ies",)
    return (word + "s", word + "es") if word[-1] == "o" else (word + "s",)


def _with(ending: str, word: str) -> list[str]:
    """The verb with -ed or -ing, in the spellings that its last letters allow."""
    last, before = word[-1], word[-2:-1]
    if word.endswith("ie") and ending == "ing":
        return [word[:-2] + "ying"]
    if last == "e" and before not in ("e", "o", "y"):
        return [word[:-1] + ending]
    if last == "e" and ending == "ed":
        return [word + "d"]
    if last == "y" and before not in _VOWELS and ending == "ed":
        return [word[:-1] + "ied"]
    if last == "c":
        return [word + "k" + ending]
    if last in _VOWELS + "wxyh" or before not in tuple(_VOWELS) or word[-3:-2] in tuple(_VOWELS):
        return [word + ending]
    is_short = sum(letter in _VOWELS for letter in word) == 1
    return [word + last + ending] if is_short else [word + ending, word + last + ending]
