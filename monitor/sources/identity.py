"""Which article an item is: its key within one source, and the id made of it. Pure.

The guid; a guid that repeats within one document is joined by the url, then by a hash of title and text; without
guid the canonical url, without url the hash. Never the position. Aliases and edits are decided elsewhere.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from monitor.sources.parsing.items import Item
from monitor.text.addresses import canonical_url, is_root


def keys(items: Sequence[Item]) -> tuple[str, ...]:
    """The identity key of every item of one document, in order. Equal keys mean the same article twice."""
    first = [_first(item) for item in items]
    counts = Counter(first)
    second = [
        key if counts[key] == 1 or not item.guid else f"guid+url:{item.guid}\0{canonical_url(item.url)}"
        for key, item in zip(first, items, strict=True)
    ]
    counts = Counter(second)
    return tuple(
        key if counts[key] == 1 or key.startswith("text:") else f"{key}\0{_digest(item)}"
        for key, item in zip(second, items, strict=True)
    )


def article_id(source: str, key: str) -> str:
    """The id of the article with this key in this source."""
    return "a" + hashlib.sha256(f"{source}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _first(item: Item) -> str:
    if item.guid:
        return f"guid:{item.guid}"
    url = canonical_url(item.url)
    # The front page is no article's own address, though some feeds link to nothing else.
    return f"url:{url}" if url and not is_root(url) else f"text:{_digest(item)}"


def _digest(item: Item) -> str:
    content = "\0".join(" ".join(part.split()) for part in (item.title, item.text))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
