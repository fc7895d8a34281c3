"""An article prepared for matching: its fields folded, masked and cut into tokens. Derived, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from monitor.model import Article
from monitor.text.fold import Folded, fold, reads_as_urdu
from monitor.text.tokens import Token, mask, tokenise

FieldName: TypeAlias = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an article. `masked` is the folded text with addresses and mentions blanked out."""

    name: FieldName
    folded: Folded
    masked: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What rules are judged on. The first `lead_tokens` tokens of the text are its first paragraph."""

    article: Article
    title: Field
    text: Field
    lead_tokens: int


def prepare(article: Article) -> Document:
    """Fold and cut the title and the text of an article. Boilerplate is not matched, so it is not prepared."""
    is_urdu = reads_as_urdu(article.title, article.text, article.language)
    text = field("text", article.text, is_urdu)
    lead = next((place for place, token in enumerate(text.tokens) if token.paragraph), len(text.tokens))
    return Document(article, field("title", article.title, is_urdu), text, lead)


def field(name: FieldName, text: str, is_urdu: bool | None = None) -> Field:
    """Prepare one text; a title is one sentence and one paragraph. `is_urdu` as `fold` asks it."""
    folded = fold(text, is_urdu=is_urdu)
    masked = mask(folded.text)
    return Field(name, folded, masked, tokenise(folded, one_unit=name == "title", masked=masked))
