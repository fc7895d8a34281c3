"""Which encoding a document is really in."""

from __future__ import annotations

import pytest

from monitor.errors import SourceError
from monitor.xmltext.decoding import decode, decode_plain

ARABIC = "<?xml version='1.0'?><rss>هجوم على القاعدة</rss>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ARABIC.encode(), ""),
        (ARABIC.encode(), "text/xml; charset=iso-8859-1"),
        (ARABIC.encode("utf-8-sig"), "text/xml; charset=windows-1256"),
        (ARABIC.encode("cp1256"), "text/xml; charset=windows-1256"),
        (ARABIC.encode("cp1256"), 'text/xml; Charset = "Windows-1256"'),
        (b"\xff\xfe" + ARABIC.encode("utf-16-le"), ""),
        (b"\xfe\xff" + ARABIC.encode("utf-16-be"), "text/xml; charset=utf-8"),
        (ARABIC.encode("utf-16-le"), ""),
        (ARABIC.encode("utf-16-be"), ""),
    ],
)
def test_text_is_found_whatever_is_declared(body: bytes, content_type: str) -> None:
    assert decode(body, content_type) == ARABIC


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        ("<?xml version='1.0' encoding='WINDOWS-1251'?><a>Цитата</a>", "cp1251", ""),
        ('<?xml version="1.0" encoding="GB2312"?><a>袭击军事基地</a>', "gb2312", ""),
        ("<html><meta charset=windows-1256><p>هجوم</p>", "cp1256", ""),
        ("<?xml version='1.0' encoding='iso-2022-jp'?><a>攻撃</a>", "iso2022_jp", ""),
        ("<a>“curly” €</a>", "cp1252", "iso-8859-1"),
    ],
)
def test_declared_encoding_counts_when_the_text_is_not_utf8(text: str, encoding: str, label: str) -> None:
    assert decode(text.encode(encoding), f"text/xml; charset={label}") == text


def test_undeclared_latin_text_is_read_as_windows_1252() -> None:
    assert decode("<a>l’été</a>".encode("cp1252")) == "<a>l’été</a>"


def test_few_damaged_bytes_do_not_make_utf8_another_encoding() -> None:
    assert decode("<a>هجوم</a>".encode() + b"\xff", "text/xml; charset=iso-8859-6x") == "<a>هجوم</a>\ufffd"


def test_byte_undefined_in_the_declared_encoding_is_replaced() -> None:
    assert decode(b"<a>\xaa\xd5</a>", "text/xml; charset=windows-1253") == "<a>\ufffdΥ</a>"


@pytest.mark.parametrize(
    "label", ["punycode", "utf-7", "idna", "rot13", "zip", "base64", "unicode_escape", "../x", "a" * 99]
)
def test_codec_outside_the_list_is_ignored(label: str) -> None:
    assert decode(b"<a>+AGE-</a>", f"text/xml; charset={label}") == "<a>+AGE-</a>"


def test_strict_text_in_no_known_encoding_names_the_byte() -> None:
    with pytest.raises(SourceError, match="not UTF-8 at byte 3"):
        decode(b"<a>\xff</a>", strict=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_plain_file_may_be_utf8_or_utf16_with_mark(encoding: str) -> None:
    assert decode_plain("هجوم".encode(encoding)) == "هجوم"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"abc\xff", "not UTF-8 at byte 3"),
        (b"\xef\xbb\xbfab\xff", "not UTF-8 at byte 5"),
        (b"\xff\xfea\0b", "not UTF-16-LE at byte 4"),
        ("هجوم".encode("cp1256"), "not UTF-8 at byte 0"),
    ],
)
def test_plain_file_in_another_encoding_names_the_byte(body: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        decode_plain(body)

    assert caught.value.reason == reason
