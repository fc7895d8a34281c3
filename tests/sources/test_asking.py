"""How a feed is asked, against a real server: what is whole, what moved, what is gone, what a document wishes."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from monitor.errors import SourceError
from monitor.model import Fetched, SourceSpec, Wishes
from monitor.sources import Source, Tools, build, wishes
from tests.http.servers import RawServer, answer, serving
from tests.sources.conftest import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BODY = b"<rss version='2.0'><channel><ttl>60</ttl><item><title>Base attacked</title></item></channel></rss>"


@dataclass
class Site:
    """What a server answers by path: a body with an ETag, (status, where to), or a status."""

    pages: dict[str, bytes | tuple[int, str] | int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, server: RawServer, sock: socket.socket, head: bytes) -> None:
        path = re.match(rb"GET (\S+)", head)[1].decode()  # type: ignore[index]
        is_conditional = b'If-None-Match: "e"' in head
        self.asked.append(path + (" if changed" if is_conditional else ""))
        page = self.pages.get(path, 404)
        if isinstance(page, tuple):
            sock.sendall(answer(b"", f"Location: {page[1]}", status=f"{page[0]} Moved"))
        elif isinstance(page, int):
            sock.sendall(answer(b"", status=f"{page} No"))
        elif is_conditional:
            sock.sendall(answer(b"", status="304 Not Modified"))
        else:
            sock.sendall(answer(page, 'ETag: "e"', "Cache-Control: max-age=300"))


class Asker:
    """One feed, asked at moments of our choice; a failure is returned like an answer."""

    def __init__(self, tools: Tools, url: str, **options: Any) -> None:
        self.source: Source = build(SourceSpec(id="news", kind="feed", options={"url": url, **options}), tools)
        self.cursor: Mapping[str, Any] = {}

    def ask(self, after: timedelta = timedelta(0)) -> Fetched | SourceError:
        try:
            fetched = self.source.fetch(self.cursor, NOW + after)
        except SourceError as error:
            self.cursor = self.cursor if error.cursor is None else error.cursor
            return error
        self.cursor = fetched.cursor
        return fetched

    def move(self) -> Fetched | SourceError:
        """Ask three times over a day."""
        self.ask()
        self.ask(HOUR)
        return self.ask(25 * HOUR)


# --- the whole document, once a week -----------------------------------------------------------------------------


def test_once_a_week_the_whole_document_is_asked_for_whatever_the_server_says_of_changes(tools: Tools) -> None:
    site = Site({"/rss": BODY})
    with serving(site) as server:
        asker = Asker(tools, f"{server.url}/rss")
        for hours in (0, 1, 167, 168, 169, 168 + 167, 168 + 168):
            asker.ask(hours * HOUR)

    assert site.asked == [
        "/rss", "/rss if changed", "/rss if changed", "/rss", "/rss if changed", "/rss if changed", "/rss",
    ]  # fmt: skip


def test_a_clock_that_went_back_asks_for_the_whole_document_once(tools: Tools) -> None:
    site = Site({"/rss": BODY})
    with serving(site) as server:
        asker = Asker(tools, f"{server.url}/rss")
        asker.ask(365 * DAY)
        again = asker.ask()
        asker.ask(HOUR)

    assert site.asked == ["/rss", "/rss", "/rss if changed"]
    assert isinstance(again, Fetched) and again.unchanged  # the same body: nothing to judge


def test_not_modified_keeps_what_the_document_wished_and_renews_what_the_answer_does(tools: Tools) -> None:
    with serving(Site({"/rss": BODY})) as server:
        asker = Asker(tools, f"{server.url}/rss")
        first, second = asker.ask(), asker.ask(HOUR)

    assert isinstance(first, Fetched) and isinstance(second, Fetched)
    assert first.wishes == Wishes(ttl=HOUR, fresh_for=timedelta(minutes=5))
    assert second.wishes == Wishes(ttl=HOUR)  # this 304 says nothing of freshness
    assert (first.host, second.host) == ("127.0.0.1", "127.0.0.1")


# --- moved -------------------------------------------------------------------------------------------------------


def test_a_permanent_redirect_is_adopted_after_three_polls_over_a_day(tools: Tools) -> None:
    site = Site({"/old": (301, "/new"), "/new": BODY})
    with serving(site) as server:
        asker = Asker(tools, f"{server.url}/old")
        moved = [asker.ask(hours * HOUR) for hours in (0, 1, 2, 24)]
        site.asked.clear()
        asker.ask(25 * HOUR)
        asker.ask(26 * HOUR)

    assert [one.moved_to for one in moved if isinstance(one, Fetched)] == ["", "", "", f"{server.url}/new"]
    assert site.asked == ["/new if changed", "/new if changed"]


def test_two_polls_are_too_few_however_far_apart(tools: Tools) -> None:
    with serving(Site({"/old": (308, "/new"), "/new": BODY})) as server:
        asker = Asker(tools, f"{server.url}/old")
        asker.ask()
        found = asker.ask(6 * DAY)

    assert isinstance(found, Fetched) and found.moved_to == ""


@pytest.mark.parametrize(
    "pages",
    [
        {"/old": (302, "/new"), "/new": BODY},
        {"/old": (307, "/step"), "/step": (301, "/new"), "/new": BODY},
    ],
)
def test_a_temporary_redirect_is_followed_and_never_adopted(tools: Tools, pages: dict[str, Any]) -> None:
    with serving(Site(pages)) as server:
        asker = Asker(tools, f"{server.url}/old")
        found = asker.move()

    assert isinstance(found, Fetched) and found.moved_to == "" and "moved" not in found.cursor


def test_a_redirect_that_changes_its_mind_is_counted_anew(tools: Tools) -> None:
    site = Site({"/old": (301, "/new"), "/new": BODY, "/newer": BODY})
    with serving(site) as server:
        asker = Asker(tools, f"{server.url}/old")
        asker.ask()
        asker.ask(HOUR)
        site.pages["/old"] = (301, "/newer")
        found = asker.ask(25 * HOUR)

    assert isinstance(found, Fetched) and found.moved_to == ""
    assert found.cursor["moved"][0] == f"{server.url}/newer"


def test_an_adopted_address_that_has_nothing_any_more_is_given_up(tools: Tools) -> None:
    site = Site({"/old": (301, "/new"), "/new": BODY})
    with serving(site) as server:
        asker = Asker(tools, f"{server.url}/old")
        asker.move()
        site.pages |= {"/old": BODY, "/new": 404}
        lost = asker.ask(26 * HOUR)
        back = asker.ask(27 * HOUR)

    assert isinstance(lost, SourceError) and lost.status == 404
    assert isinstance(back, Fetched) and back.moved_to == ""
    assert site.asked[-2:] == ["/new if changed", "/old"]


def test_a_server_in_trouble_at_the_adopted_address_changes_nothing(tools: Tools) -> None:
    site = Site({"/old": (301, "/new"), "/new": BODY})
    with serving(site) as server:
        asker = Asker(tools, f"{server.url}/old")
        asker.move()
        site.pages["/new"] = 500
        lost = asker.ask(26 * HOUR)

    assert isinstance(lost, SourceError) and lost.cursor is None


def test_once_a_week_the_configured_address_is_asked_again(tools: Tools) -> None:
    site = Site({"/old": (301, "/new"), "/new": BODY})
    with serving(site) as server:
        asker = Asker(tools, f"{server.url}/old")
        asker.move()
        still = asker.ask(168 * HOUR)
        site.pages["/old"] = BODY
        back = asker.ask(336 * HOUR)

    assert isinstance(still, Fetched) and still.moved_to == f"{server.url}/new"
    assert isinstance(back, Fetched) and back.moved_to == ""


def test_an_address_that_could_repeat_a_secret_is_followed_and_never_remembered(tools: Tools) -> None:
    site = Site({"/old?key=canary": (301, "/new?key=canary"), "/new?key=canary": BODY})
    with serving(site) as server:
        asker = Asker(tools, f"http://user:canary@127.0.0.1:{server.port}/old?key=canary")
        found = asker.move()

    assert isinstance(found, Fetched)
    assert "canary" not in repr(found.cursor) + found.moved_to


def test_credentials_do_not_follow_to_an_adopted_address_of_another_host(tools: Tools) -> None:
    site = Site()
    with serving(Site({"/new": BODY}), host="127.0.0.2") as other, serving(site) as server:
        site.pages["/old"] = (301, f"{other.url}/new")
        asker = Asker(tools, f"http://user:pw@127.0.0.1:{server.port}/old", headers={"X-Key": "k"})
        asker.move()
        asker.ask(26 * HOUR)

    assert len(other.heads) == 4
    assert not any(b"Authorization" in head or b"X-Key" in head for head in other.heads)


def test_credentials_stay_with_an_adopted_address_of_the_same_host(tools: Tools) -> None:
    with serving(Site({"/old": (301, "/new"), "/new": BODY})) as server:
        asker = Asker(tools, f"http://user:pw@127.0.0.1:{server.port}/old", headers={"X-Key": "k"})
        asker.move()
        asker.ask(26 * HOUR)

    assert server.heads[-1].startswith(b"GET /new")
    assert b"Authorization: Basic" in server.heads[-1] and b"X-Key: k" in server.heads[-1]


def test_tls_is_not_given_up_for_an_address_without_it() -> None:
    from monitor.sources.asking import _may_adopt

    assert _may_adopt("http://a.example/", "https://a.example/")
    assert not _may_adopt("https://a.example/", "http://a.example/")


# --- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [410, 429, 500, 503])
def test_a_refusal_says_who_answered_what(tools: Tools, status: int) -> None:
    with serving(Site({"/rss": status})) as server:
        found = Asker(tools, f"{server.url}/rss").ask()

    assert isinstance(found, SourceError)
    assert (found.status, found.host, found.is_unreachable) == (status, "127.0.0.1", False)


def test_a_wish_to_be_left_alone_is_heard_up_to_a_week(tools: Tools) -> None:
    with serving(answer(b"", "Retry-After: 99999999", status="429 Too Many")) as server:
        found = Asker(tools, server.url).ask()

    assert isinstance(found, SourceError) and found.not_before == NOW + 7 * DAY


# --- what a document wishes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "wished"),
    [
        (b"<ttl>60</ttl>", {"ttl": 60}),
        (b"<ttl> 60\n</ttl>", {"ttl": 60}),
        (b"<ttl>0</ttl>", {}),
        (b"<ttl>-5</ttl>", {}),
        (b"<ttl>soon</ttl>", {}),
        (b"<ttl>999999999</ttl>", {"ttl": 527040}),
        (b"<skipHours><hour>0</hour>\n<hour>23</hour><hour>24</hour></skipHours>", {"skip_hours": [0, 23]}),
        (b"<skipHours><hour>25</hour><hour>x</hour></skipHours>", {}),
        (b"<skipDays><day>Saturday</day><day>Sunday</day><day>Holiday</day></skipDays>", {"skip_days": [5, 6]}),
        (b"<skipDays></skipDays><hour>3</hour>", {}),
        (b"<item><ttl>60</ttl></item>", {}),
        (b"x" * 65536 + b"<ttl>60</ttl>", {}),
        (b"<skipHours>" * 20_000, {}),
    ],
)
def test_the_head_of_a_document_says_what_it_wishes(head: bytes, wished: dict[str, Any]) -> None:
    assert wishes.of(b"<rss><channel>" + head + b"<item></item></channel></rss>") == wished


def test_wishes_survive_the_cursor() -> None:
    cursor = wishes.of(b"<ttl>5</ttl><skipHours><hour>3</hour></skipHours><skipDays><day>Monday</day></skipDays>")
    assert wishes.read(cursor, HOUR) == Wishes(
        ttl=timedelta(minutes=5), fresh_for=HOUR, skip_hours=(3,), skip_days=(0,)
    )
    assert wishes.read({}, None) == Wishes()
