"""The kind `teams`: the contract, and cards as Teams takes them."""

from __future__ import annotations

from typing import Any

from monitor.alerting.message import encode
from monitor.channels import Channel
from monitor.channels.teams import LARGEST
from tests.channels.contract import HttpContract, build, secret_url, told
from tests.channels.samples import ARABIC, ENGLISH

HOOK = {"url": "https://teams.example/workflows/x"}


class TestTeamsContract(HttpContract):
    """Teams holds the contract of all channels that POST."""

    kind = "teams"
    dead = (400, 413, 422)
    parked_in_the_end = (401, 403, 404)

    def channel(self, base: str, **options: Any) -> Channel:
        return build("teams", url=secret_url(base), **options)


def _card(content: dict[str, Any], language: str = "en") -> dict[str, Any]:
    (body,) = told("teams", content, language, **HOOK)
    (attachment,) = body["attachments"]
    assert (body["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    card: dict[str, Any] = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
    return card


def _lines(card: dict[str, Any]) -> list[str]:
    return ["".join(run["text"] for run in block["inlines"]) for block in card["body"]]


def test_an_english_card_reads_as_it_should() -> None:
    card = _card(ENGLISH)

    assert _lines(card) == [
        "🟠 Five US troops hurt in rocket attack on Ain al-Asad · 1 publisher",
        "…a rocket attack on Ain al-Asad air base in Anbar wounded five US troops, one seriously…",
        "Example Wire · published 10:40 · seen 10:42 (Baghdad) · open article",
        "Alert: Attack on a base (base-attacked) · high · entity: Ain al-Asad · why now: first article of this story",
        "📌 Call the Anbar desk before publishing.",
        "Code A7K2 · why? rasid why A7K2 · mute 2 h: rasid silence A7K2 2h",
    ]
    assert "rtl" not in card
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert [run["text"] for run in runs if run.get("weight") == "Bolder"] == [
        "Five US troops hurt in rocket attack on Ain al-Asad", "attack", "Ain al-Asad",
    ]  # fmt: skip
    assert [run["selectAction"] for run in runs if "selectAction" in run] == [
        {"type": "Action.OpenUrl", "url": "https://wire.example/1"}
    ]


def test_an_arabic_card_runs_from_the_right() -> None:
    card = _card(ARABIC, "ar")

    assert card["rtl"] is True
    assert not any("horizontalAlignment" in block for block in card["body"])  # "Right" would be where lines end
    assert {line[0] for line in _lines(card)} == {"\u200f"}


def test_only_blocks_without_markup_are_used() -> None:
    card = _card(ENGLISH | {"articles": ENGLISH["articles"] * 9})

    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}


def test_a_card_that_would_be_too_large_leaves_further_articles_out_and_counts_them() -> None:
    article = ENGLISH["articles"][0] | {"url": "https://x.example/" + "a" * 6000}
    content = ENGLISH | {"articles": [article] * 9}

    (body,) = told("teams", content, **HOOK)

    assert len(encode(body)) <= LARGEST
    assert "More articles, not shown here: 6" in _lines(_card(content))
