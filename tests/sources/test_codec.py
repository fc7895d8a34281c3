"""A fetch as bytes and back."""

from __future__ import annotations

import pytest

from monitor.model import Article, Fetched, TakenFile
from monitor.sources.codec import decode, encode
from tests.sources.conftest import NOW


def test_fetch_comes_back_as_it_was() -> None:
    article = Article(
        id="a1", source="s", title="هجوم 😀", text="x\n\ny", url="u", author="a", publisher="p", language="ar",
        tags=("a", "b"), published=NOW, seen=NOW, version=3, boilerplate="b",
    )  # fmt: skip
    fetched = Fetched(
        source="s", key="k", at=NOW, articles=(article, Article(id="a2", source="s", title="", text="")),
        cursor={"etag": 'W/"x"', "growing": {"a": [1, 2**62, "x"]}}, unchanged=True, complete=False,
        files=(TakenFile(name="a", sha256="f", articles=("a1",)), TakenFile(name="b", sha256="e", reason="r")),
        present=("a0",), warnings=("w",),
    )  # fmt: skip

    assert decode(encode(fetched)) == fetched


def test_message_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="a message of form 9"):
        decode(encode(Fetched(source="s", key="k", at=NOW)).replace(b'"form":2', b'"form":9'))
