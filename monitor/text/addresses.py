"""Addresses of articles: one form for comparing, one for showing, both without what only tells who sent the reader.

Pure. Nothing here is fetched, and nothing says whether an address may be.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

_PORTS = {"http": 80, "https": 443}
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "hsa_", "_hs", "ns_", "at_", "oly_", "wt_", "guce_")
_TRACKING = {
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "li_fat_id", "yclid",
    "ysclid", "igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "vero_id", "_openstat", "__twitter_impression",
    "xtor", "cmp", "cmpid", "icid", "ocid", "s_cid", "smid", "maca", "guccounter",
}  # fmt: skip


def canonical_url(url: str) -> str:
    """One form of an address for comparing: no scheme, `www.`, port, fragment, tracking or trailing slash.

    Only for comparing, never for fetching. An address that is not http(s), or unreadable, stays as it is.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    if parts.scheme not in _PORTS or not parts.hostname:
        return url.strip()
    host = parts.hostname.removeprefix("www.").rstrip(".")
    if port is not None and port != _PORTS[parts.scheme]:
        host += f":{port}"
    path = quote(
        unquote(parts.path, errors="surrogateescape").rstrip("/"), safe="/:@!$&'()*+,;=~", errors="surrogateescape"
    )
    pairs = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    query = urlencode(sorted(pair for pair in pairs if not _is_tracking(pair[0])), errors="surrogateescape")
    route = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""  # pages of one-page sites
    return f"//{host}{path}" + (f"?{query}" if query else "") + route


def is_root(canonical: str) -> bool:
    """Whether a canonical address is a site's front page, which many articles may name as theirs."""
    return canonical.startswith("//") and not set(canonical[2:]) & set("/?#")


def without_tracking(url: str) -> str:
    """An address without tracking parameters, everything else as it was written: it leads to the same page."""
    address, _, fragment = url.partition("#")
    path, _, query = address.partition("?")
    kept = [pair for pair in query.split("&") if not _is_tracking(pair.partition("=")[0])]
    if any(kept):
        path += "?" + "&".join(kept)
    if fragment and not _is_tracking(fragment.partition("=")[0]):
        path += "#" + fragment
    return path


def _is_tracking(name: str) -> bool:
    name = name.lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
