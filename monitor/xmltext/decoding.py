"""Bytes to text by an allowlist of codecs, and text to bytes for a parser.

Decides which encoding a document is really in; never guesses wildly.

Declarations lie: servers send `charset=iso-8859-1` before UTF-8. Text that decodes as strict UTF-8 is UTF-8,
whatever is declared, since other text almost never does; only then do the declarations count.
"""

from __future__ import annotations

import codecs
import re

from monitor.errors import SourceError

# The label's Python codec -> the codec used, a superset of it where browsers use one too (WHATWG Encoding).
_ALLOWED = {
    "utf-8": "utf-8",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
} | {
    name: name
    for name in [
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "iso8859-2",
        "iso8859-3",
        "iso8859-4",
        "iso8859-5",
        "iso8859-6",
        "iso8859-7",
        "iso8859-8",
        "iso8859-10",
        "iso8859-13",
        "iso8859-14",
        "iso8859-15",
        "iso8859-16",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "cp874",
        "cp866",
        "cp932",
        "cp949",
        "koi8-r",
        "koi8-u",
        "gb18030",
        "big5hkscs",
        "euc_jp",
        "iso2022_jp",
        "mac-roman",
        "mac-cyrillic",
    ]
}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';]+)", re.I)
_XML_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{1,40})[\"']", re.I)
_META_DECLARED = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_PROBE = 4096
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_CHARACTER = re.compile("\ufffe|\uffff".encode())
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


def decode(body: bytes, content_type: str = "", *, strict: bool = False) -> str:
    """The text of a marked-up document (XML or HTML).

    `strict` refuses what fits neither UTF-8 nor a declared encoding; otherwise such text is read as Windows-1252
    or, where most of it is UTF-8, with replacement characters. Raises SourceError.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    if body[:200].lstrip().startswith(b"<\0") or body.startswith(b"\0<"):
        return body.decode("utf-16-be" if body.startswith(b"\0") else "utf-16-le", "replace")
    declared = _declared(body, content_type)
    if "iso2022_jp" in declared:  # made of ASCII bytes, so it would pass as UTF-8
        return body.decode("iso2022_jp", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = error
    for name in declared:
        if name != "utf-8":
            try:
                return body.decode(name)
            except UnicodeDecodeError:
                # A few bytes that the declared encoding leaves undefined do not make it another one.
                if name.startswith("cp") and name != "cp932":
                    return body.decode(name, "replace")
    if strict:
        raise SourceError(f"not UTF-8 at byte {fault.start}, and no other encoding declared that fits")
    loose = body.decode("utf-8", "replace")
    bad = loose.count("\ufffd")
    good = sum(1 for character in loose if character > "\x7f") - bad
    return loose if good > bad else body.decode("cp1252", "replace")


def decode_plain(body: bytes) -> str:
    """The text of a file that declares nothing: UTF-8, or UTF-16 with its mark. Raises SourceError."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            try:
                return body[len(bom) :].decode(name)
            except UnicodeDecodeError as error:
                raise SourceError(f"not {name.upper()} at byte {error.start + len(bom)}") from error
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"not UTF-8 at byte {error.start}") from error


def encoded(text: str) -> bytes:
    """`text` as UTF-8 without what no parser of markup takes: C0 controls (tab and line ends stay), U+FFFE, U+FFFF.

    Lone surrogates become U+FFFD.
    """
    try:
        found = text.encode()
    except UnicodeEncodeError:
        found = _SURROGATE.sub("\ufffd", text).encode()
    return _sifted(found)


def cleaned(text: str) -> str:
    """`encoded` as text, which mostly is `text` itself."""
    try:
        found = text.encode()
    except UnicodeEncodeError:
        return encoded(text).decode()
    kept = _sifted(found)
    return text if len(kept) == len(found) else kept.decode()


def _sifted(found: bytes) -> bytes:
    found = found.translate(None, _CONTROLS)
    return _NO_CHARACTER.sub(b"", found) if b"\xef" in found and b"\xef\xbf" in found else found


def _declared(body: bytes, content_type: str) -> list[str]:
    """The allowed codecs that the server, the XML declaration and a meta element name, in this order."""
    labels = [match.group(1) for match in [_CHARSET.search(content_type)] if match]
    head = body[:_PROBE]
    labels += [
        m.group(1).decode("ascii", "replace") for m in (_XML_DECLARED.search(head), _META_DECLARED.search(head)) if m
    ]
    return [codec for codec in map(_codec, labels) if codec]


def _codec(label: str) -> str:
    if not re.fullmatch(r"[\w.:-]{1,40}", label, re.ASCII):
        return ""
    try:
        return _ALLOWED.get(codecs.lookup(label).name, "")
    except LookupError:
        return ""
