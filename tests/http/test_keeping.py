"""A sender's line: one connection for many requests, given up in time, and never a wrong answer by it."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from monitor.errors import HttpError
from monitor.http.keeping import Line
from monitor.http.session import Session
from tests.http.servers import RawServer, answer, serving
from tests.http.test_session import LOOPBACK, session, trusting

OK = answer(b"fine")
HANG_UP = b""
RESET = b"reset"


@dataclass
class Heard:
    """What came: of each request the connection it came over (from 0) and its body. `ended` is set when a client
    closes a connection."""

    requests: list[tuple[int, bytes]] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiver(replies: Sequence[bytes], *, tls: bool = False) -> Iterator[tuple[RawServer, Heard]]:
    """A server that gives these replies in turn, OK after the last, to requests over any number of connections."""
    heard = Heard()
    left = iter(replies)

    def serve(server: RawServer, sock: socket.socket, head: bytes) -> None:
        number, heard.connections = heard.connections, heard.connections + 1
        data = head
        while True:
            while b"\r\n\r\n" not in data:
                more = sock.recv(65536)
                if not more:
                    heard.ended.set()
                    return
                data += more
            first, _, body = data.partition(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", first)[1])  # type: ignore[index]
            while len(body) < length:
                body += sock.recv(65536)
            heard.heads.append(first)
            heard.requests.append((number, body[:length]))
            data = body[length:]
            reply = next(left, OK)
            if reply == RESET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if reply in (HANG_UP, RESET):
                return
            sock.sendall(reply)

    with serving(serve, tls=tls) as server:
        yield server, heard


def posts(server: RawServer, bodies: Sequence[bytes], line: Line | None, using: Session | None = None) -> list[int]:
    """Post bodies one after the other; the statuses of the answers."""
    sender = using or session()
    return [sender.post(f"{server.url}/hook", body, headers={}, line=line).status for body in bodies]


@pytest.mark.parametrize("tls", [False, True])
def test_requests_over_a_line_share_a_connection(tls: bool) -> None:
    line = Line()
    with receiver([answer(b""), answer(b"chunk"), OK], tls=tls) as (server, heard):
        sender = session(context=trusting())
        assert posts(server, [b"1", b"2", b"3", b"4"], line, sender) == [200] * 4
        line.keep_no_more()

    assert heard.requests == [(0, b"1"), (0, b"2"), (0, b"3"), (0, b"4")]


def test_without_a_line_each_request_has_a_connection_of_its_own() -> None:
    with receiver([]) as (server, heard):
        posts(server, [b"1", b"2"], None)

    assert heard.requests == [(0, b"1"), (1, b"2")]
    assert all(b"connection: close" in head.lower() for head in heard.heads)


def test_answers_are_read_to_their_end_however_they_are_framed() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n"
    empty = b"HTTP/1.1 204 No Content\r\n\r\n"
    line = Line()
    with receiver([chunked, empty, OK]) as (server, heard):
        bodies = [session().post(server.url, b"x", headers={}, line=line).body for _ in range(3)]
        line.keep_no_more()

    assert bodies == [b"four", b"", b"fine"]
    assert heard.connections == 1


def test_another_address_or_another_judgement_takes_another_connection() -> None:
    line = Line()
    with receiver([]) as (one, heard_by_one), receiver([]) as (other, heard_by_other):
        posts(one, [b"1"], line)
        posts(other, [b"2"], line)
        posts(one, [b"3"], line)
        session().post(one.url, b"4", headers={}, line=line, private_networks=LOOPBACK[:1])
        with pytest.raises(HttpError, match="address refused"):
            session().post(one.url, b"5", headers={}, line=line, private_networks=())
        line.keep_no_more()

    assert heard_by_one.requests == [(0, b"1"), (1, b"3"), (2, b"4")]
    assert heard_by_other.requests == [(0, b"2")]


def test_two_senders_share_nothing() -> None:
    one, other = Line(), Line()
    sender = session()
    with receiver([answer(b"", "Set-Cookie: a=b")]) as (server, heard):
        sender.post(server.url, b"1", headers={"Authorization": "Bearer one"}, line=one)
        sender.post(server.url, b"2", headers={}, line=other)
        sender.post(server.url, b"3", headers={}, line=one)
        one.keep_no_more()
        other.keep_no_more()

    assert heard.requests == [(0, b"1"), (1, b"2"), (0, b"3")]
    assert [b"Bearer" in head for head in heard.heads] == [True, False, False]
    assert not any(b"cookie" in head.lower() for head in heard.heads)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(b"", "Connection: close"), id="the peer will close it"),
        pytest.param(answer(b"", status="500 Internal Server Error"), id="no success"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\n", id="not the last answer"),
    ],
)
def test_a_connection_that_might_give_a_wrong_answer_is_not_used_again(reply: bytes) -> None:
    line = Line()
    with receiver([reply]) as (server, heard):
        posts(server, [b"1", b"2"], line)
        line.keep_no_more()

    assert heard.requests == [(0, b"1"), (1, b"2")]


@pytest.mark.parametrize("more", [b"?", answer(b"", status="201 Created")])
def test_what_follows_an_answer_is_not_taken_for_the_next(more: bytes) -> None:
    line = Line()
    with receiver([OK + more]) as (server, _):
        assert posts(server, [b"1", b"2"], line) == [200, 200]
        line.keep_no_more()


@pytest.mark.parametrize("end", [HANG_UP, RESET])
def test_a_kept_connection_that_ends_unanswered_is_replaced_once(end: bytes) -> None:
    line = Line()
    with receiver([OK, end, OK]) as (server, heard):
        assert posts(server, [b"1", b"2"], line) == [200, 200]
        line.keep_no_more()

    assert heard.requests == [(0, b"1"), (0, b"2"), (1, b"2")]


def test_a_new_connection_that_ends_unanswered_is_not_tried_again() -> None:
    line = Line()
    with receiver([OK, HANG_UP, HANG_UP]) as (server, heard):
        posts(server, [b"1"], line)
        with pytest.raises(HttpError) as caught:
            posts(server, [b"2"], line)

    assert caught.value.kind == "truncated"
    assert heard.requests == [(0, b"1"), (0, b"2"), (1, b"2")]


def test_an_answer_that_began_is_not_asked_for_again() -> None:
    line = Line()
    with receiver([OK, b"HTTP/1.1 200"]) as (server, heard):

        def hang_up() -> None:
            assert heard.ended.wait(10)

        posts(server, [b"1"], line)
        with pytest.raises(HttpError) as caught:
            session(timeout=timedelta(milliseconds=200)).post(server.url, b"2", headers={}, line=line)
        hang_up()

    assert caught.value.kind == "deadline"
    assert heard.requests == [(0, b"1"), (0, b"2")]


def test_the_deadline_bounds_a_kept_connection_too() -> None:
    line = Line()
    silent = b" "  # a byte that begins no answer
    with receiver([OK, silent, OK]) as (server, heard):
        posts(server, [b"1"], line)
        with pytest.raises(HttpError) as caught:
            session(timeout=timedelta(milliseconds=200)).post(server.url, b"2", headers={}, line=line)

    assert caught.value.kind == "deadline"
    assert heard.requests == [(0, b"1"), (0, b"2")]


def test_a_connection_without_requests_is_closed_after_a_while() -> None:
    with receiver([]) as (server, heard):
        posts(server, [b"1"], Line(idle_s=0.02))

        assert heard.ended.wait(10)


def test_a_connection_is_used_for_its_life_only() -> None:
    line = Line(life_s=0.0)
    with receiver([]) as (server, heard):
        posts(server, [b"1", b"2"], line)

    assert heard.requests == [(0, b"1"), (1, b"2")]
