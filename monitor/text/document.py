"""An article prepared for matching: a scan of its fields, and a view of each as words. Derived, never stored."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Literal, TypeAlias, overload

from monitor.model import Article
from monitor.text.drawing import Fields
from monitor.text.fold import Folded, fold, reads_as_urdu
from monitor.text.scan import Scan
from monitor.text.sheet import Sheet, sheets
from monitor.text.tokens import Token, mask

FieldName: TypeAlias = Literal["title", "text"]


class Tokens(Sequence[Token]):
    """The tokens of one field, each made when it is looked at; offsets are those of the field's folded text."""

    def __init__(self, scan: Scan, first: int, last: int, base: int, unit: int) -> None:
        """Tokens `first` to `last` (exclusive) of a scan; `base` and `unit` go off its places and its units."""
        self._scan, self._first, self._count, self._base, self._unit = scan, first, last - first, base, unit

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Token: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Token, ...]: ...
    def __getitem__(self, at: int | slice) -> Token | tuple[Token, ...]:
        if isinstance(at, slice):
            return tuple(map(self.__getitem__, range(*at.indices(self._count))))
        if not -self._count <= at < self._count:
            raise IndexError(at)
        place = at % self._count
        token = self._first + place
        scan, units = self._scan, self._scan.units
        return Token(
            scan.word(token),
            int(scan.starts[token]) - self._base,
            int(scan.ends[token]) - self._base,
            units.sentences[token] - self._unit,
            units.paragraphs[token] - self._unit,
            place > 0 and scan.breaks(token),
        )


class Field:
    """A field of an article: its text as it came, folded, and cut into tokens."""

    def __init__(self, name: FieldName, raw: str, tokens: Tokens, is_urdu: bool) -> None:
        self.name: FieldName = name
        self.raw = raw
        self.tokens = tokens
        self._is_urdu = is_urdu

    @cached_property
    def folded(self) -> Folded:
        """The folded text, which knows its original."""
        return fold(self.raw, is_urdu=self._is_urdu)

    @cached_property
    def masked(self) -> str:
        """The folded text with addresses and mentions blanked out."""
        return mask(self.folded.text)


class Document:
    """What rules are judged on. Positions of tokens in `scan` count through both fields, the title's first."""

    def __init__(self, article: Article, sheet: Sheet, place: int) -> None:
        """The article at a place of a sheet."""
        self.article = article
        self._is_urdu = bool(sheet.drawn[place].fields.is_urdu)
        self.sheet, self.place = sheet, place

    @cached_property
    def scan(self) -> Scan:
        """Its tokens."""
        return Scan(self.sheet, self.place)

    @cached_property
    def title(self) -> Field:
        """The title: one sentence and one paragraph."""
        tokens = Tokens(self.scan, 0, self.scan.titles, 1, 0)
        return Field("title", self.article.title, tokens, self._is_urdu)

    @cached_property
    def text(self) -> Field:
        """The text."""
        tokens = Tokens(self.scan, self.scan.titles, len(self.scan), self.scan.shift, 1)
        return Field("text", self.article.text, tokens, self._is_urdu)

    @cached_property
    def lead_tokens(self) -> int:
        """How many tokens the first paragraph of the text has."""
        return bisect_right(self.scan.units.paragraphs, 1) - self.scan.titles


def prepare(article: Article) -> Document:
    """Scan the title and the text of an article. Boilerplate is not matched, so it is not prepared."""
    return Document(article, Sheet([_fields(article)]), 0)


def prepare_all(articles: Sequence[Article]) -> Iterator[list[Document]]:
    """Scan articles in their order, several on a sheet. Gives the documents of each sheet."""
    done = 0
    for sheet in sheets(map(_fields, articles)):
        count = len(sheet.drawn)
        yield [Document(article, sheet, place) for place, article in enumerate(articles[done : done + count])]
        done += count


def _fields(article: Article) -> Fields:
    return Fields(article.title, article.text, reads_as_urdu(article.title, article.text, article.language))
