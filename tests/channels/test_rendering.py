"""Templates: the operator's own go first, a broken one gives way, and none can read or make more than values."""

from __future__ import annotations

import logging
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path

import pytest

from monitor import channels
from monitor.channels.mail import build
from monitor.channels.rendering import LARGEST, Html, check, fill
from monitor.errors import Level
from monitor.model import ChannelSpec, Message, Place
from tests.alerting.samples import NOON
from tests.channels.contract import DELIVERY, tools
from tests.channels.samples import ARABIC, ENGLISH

LETTER = {"to": "a@example.org", "from": "b@example.org", "server": "smtp://127.0.0.1"}


def _own(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def _parts(language: str, folder: Path | None) -> list[str]:
    """Text and HTML of a letter."""
    content = ARABIC if language == "ar" else ENGLISH
    message = Message(delivery_id=DELIVERY, recipient="a@example.org", content=content)
    zone = tools().timezone
    raw = build(message, sender="r@example.org", recipient="a@example.org", language=language, zone=zone, now=NOON,
                folder=folder)  # fmt: skip
    return [_decoded(part) for part in message_from_bytes(raw).walk() if not part.is_multipart()]


def _decoded(part: Mail) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def test_the_operators_template_takes_the_place_of_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    _own(tmp_path, "email.txt", "{{ title }}!\n")

    text, html = _parts("en", tmp_path)

    assert text == "Five US troops hurt in rocket attack on Ain al-Asad!\n"
    assert html == _parts("en", None)[1]


def test_a_template_for_one_language_goes_before_the_one_for_all(tmp_path: Path) -> None:
    _own(tmp_path, "email.txt", "all")
    _own(tmp_path, "email.ar.txt", "ar")

    assert (_parts("ar", tmp_path)[0], _parts("en", tmp_path)[0]) == ("ar", "all")


def test_an_edit_counts_at_once(tmp_path: Path) -> None:
    _own(tmp_path, "email.txt", "before")
    before = _parts("en", tmp_path)[0]
    _own(tmp_path, "email.txt", "after")

    assert (before, _parts("en", tmp_path)[0]) == ("before", "after")


BROKEN = {
    "is no template": "{% if title %}",
    "names what is not there": "{{ titel }}",
    "reads an attribute": "{{ title.__class__ }}",
    "calls a method": "{{ title.upper() }}",
    "reads an attribute by a filter": "{{ (title|attr('__class__')).x }}",
    "formats": "{{ '{0.__class__}'.format(title) }}",
    "repeats": "{{ title * 1000000000 }}",
    "counts": "{% for n in range(100000) %}x{% endfor %}",
    "includes a file": "{% include '/etc/passwd' %}",
    "declares a text safe": "{{ title|safe }}",
    "divides": "{{ 1 / 0 }}",
    "adds a number to a text": "{{ title + 1 }}",
    "grows": "{% set a %}" + "{{ title }}" * 900 + "{% endset %}" + "{{ a }}" * 90,
    "is too large": "x" * (LARGEST + 1),
    "is no UTF-8": "\udcff",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_template_that_cannot_be_filled_gives_way_and_check_says_so(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "email.txt").write_bytes(text.encode("utf-8", "surrogateescape"))
    spec = ChannelSpec(name="desk", kind="email", options=LETTER, where=Place(file=str(tmp_path / "monitor.yaml")))

    with caplog.at_level(logging.WARNING):
        assert _parts("en", folder) == _parts("en", None)

    assert [record.message for record in caplog.records] == ["a template cannot be filled"]
    (problem,) = channels.check(spec)
    assert (problem.level, problem.file) == (Level.WARNING, str(folder / "email.txt"))
    assert "the shipped one takes its place" in problem.message
    assert channels.build(spec, tools()).name == "desk"


def test_what_a_filter_makes_of_escaped_text_is_escaped_again(tmp_path: Path) -> None:
    values = {"title": Html("&lt;script&gt;"), "raw": "<b>"}
    _own(tmp_path, "x.html", "{{ title }} {{ title|upper }} {{ raw }} {{ title|striptags }}")

    assert fill(tmp_path, "x.html", "en", values) == "&lt;script&gt; &amp;LT;SCRIPT&amp;GT; &lt;b&gt; &lt;script&gt;"


def test_a_loop_may_ask_where_it_is(tmp_path: Path) -> None:
    _own(tmp_path, "x.txt", "{% for a in items %}{{ a }}{{ '' if loop.last else ', ' }}{% endfor %}")

    assert fill(tmp_path, "x.txt", "en", {"items": ["a", "b"]}) == "a, b"


def test_a_good_template_is_no_problem(tmp_path: Path) -> None:
    _own(tmp_path, "x.txt", "{{ title }}")

    assert check(tmp_path, "x.txt", {"ar": {"title": "a"}, "en": {"title": "a"}}) == ()
