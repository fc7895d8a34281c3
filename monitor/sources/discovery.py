"""Find the feeds of a site by its address: what its page declares, else what lies where feeds usually lie.

Looks only at addresses of the site itself and at those its page names, few of each, through the guarded session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from monitor.errors import HttpError, SourceError
from monitor.http.session import Response, Session, url_problem
from monitor.sources.parsing import challenge
from monitor.text.clean import clean
from monitor.xmltext.decoding import decode, encoded
from monitor.xmltext.gate import admit

MOST = 20
"""Feeds that are told of one page."""

USUAL = (
    "feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds/posts/default", "?feed=rss2", "feed.json",
)  # fmt: skip
"""Where feeds lie, beside the page and at the root of the site."""

_KINDS = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/rdf+xml": "RDF",
    "application/feed+json": "JSON Feed",
    "application/xml": "RSS",
    "text/xml": "RSS",
}
_ROOTS = {"rss": "RSS", "feed": "Atom", "rdf": "RDF", "urlset": "news sitemap"}
_NEWS = "http://www.google.com/schemas/sitemap-news/"
_HEAD = 1_000_000  # characters of a page that are looked at
_PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, collect_ids=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A feed: its address, the title that the page gives it (or ""), and its kind in words."""

    url: str
    title: str
    kind: str


def discover(url: str, session: Session) -> tuple[Found, ...]:
    """The feeds of the site at `url`, in the order of its page; the address itself when a feed lies there.

    What the page declares is not fetched; what it does not declare is looked for in the usual places. Raises
    SourceError when the address cannot be fetched, and an empty tuple says that there is none.
    """
    try:
        response = session.get(url)
    except HttpError as error:
        raise SourceError(error.reason) from error
    if response.status != 200:
        raise SourceError(f"the server answered {response.status}")
    if kind := feed_kind(response):
        return (Found(url, "", kind),)
    if asker := challenge.asked_by(_text(response)):
        raise SourceError(f"a challenge page of {asker} instead of the site")
    declared = tuple(_declared(response))
    return declared or tuple(_usual(response.url, session))


def feed_kind(response: Response) -> str:
    """The kind of feed that a response holds, in words, or "". Judged by its beginning, not parsed."""
    text = _text(response)
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return "JSON Feed" if "https://jsonfeed.org/version/" in text[:2000].replace("\\/", "/") else ""
    try:
        document = admit(text)
    except SourceError:
        return ""
    kind = _ROOTS.get(document.root, "")
    return kind if document.root != "urlset" or _NEWS in text else ""


def _text(response: Response) -> str:
    return decode(response.body, response.headers.get("Content-Type", ""))


def _declared(response: Response) -> Iterator[Found]:
    """What <link rel="alternate"> of the page names, each address once."""
    try:
        tree: Any = etree.fromstring(encoded(_text(response)[:_HEAD]), _PARSER)
    except etree.XMLSyntaxError:
        return
    if tree is None:
        return
    base = _joined(response.url, str(tree.xpath("string(//base/@href)")))
    seen: set[str] = set()
    for link in tree.iter("link"):
        relations = str(link.get("rel", "")).lower().split()
        kind = _KINDS.get(str(link.get("type", "")).partition(";")[0].strip().lower())
        url = _joined(base, str(link.get("href", "")).strip())
        if kind and "alternate" in relations and url not in seen and not url_problem(url) and len(seen) < MOST:
            seen.add(url)
            yield Found(url, " ".join(clean(str(link.get("title", ""))).split()), kind)


def _usual(url: str, session: Session) -> Iterator[Found]:
    """The first feed that lies in a usual place."""
    parts = urlsplit(url)
    beside = parts._replace(path=parts.path.rpartition("/")[0] + "/", query="", fragment="").geturl()
    root = parts._replace(path="/", query="", fragment="").geturl()
    for place in dict.fromkeys(urljoin(start, name) for start in (beside, root) for name in USUAL):
        try:
            response = session.get(place)
        except HttpError:
            continue
        if response.status == 200 and (kind := feed_kind(response)):
            yield Found(place, "", kind)
            return


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link) if link else base
    except ValueError:
        return base
