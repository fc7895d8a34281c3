"""The command socket: intents reach the holder; without one the command does it itself; bad clients harm nobody."""

from __future__ import annotations

import json
import os
import socket
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import StoreError, StoreLocked
from monitor.store import Store, send_intent
from monitor.store.lock import Lock
from monitor.store.socket import CommandSocket, ask, socket_path
from monitor.timing import to_epoch
from tests.store.conftest import Look
from tests.store.samples import NOW, article, ingest

AT = to_epoch(NOW)
PRUNE = {"do": "prune", "at": AT, "kind": "articles", "rows": [[1, AT]]}
REPLAY = {"do": "replay", "at": AT, "deliveries": ["d-none"]}


def test_an_intent_is_performed_by_the_holder(store: Store, database: Path, look: Look) -> None:
    store.commit(ingest(article()), NOW)

    assert send_intent(database, PRUNE, NOW) == 1

    assert look("SELECT count(*) FROM version") == [(0,)]


def test_without_a_holder_the_command_takes_the_lock_itself(database: Path, look: Look) -> None:
    with Store.open(database, write=True, now=NOW) as store:
        store.commit(ingest(article()), NOW)

    assert send_intent(database, PRUNE, NOW) == 1

    assert look("SELECT count(*) FROM version") == [(0,)]
    Store.open(database, write=True, now=NOW).close()


def test_a_socket_left_by_a_dead_holder_is_no_holder(database: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path(database)))

    assert send_intent(database, REPLAY, NOW) == 0
    with Store.open(database, write=True, now=NOW):
        assert send_intent(database, REPLAY, NOW) == 0


def test_a_holder_that_does_not_listen_is_waited_for_and_then_named(database: Path) -> None:
    lock = Lock(database)
    try:
        with pytest.raises(StoreLocked, match=f"process {os.getpid()}"):
            send_intent(database, REPLAY, NOW, patience=timedelta(milliseconds=120))
        timer = threading.Timer(0.2, lock.release)
        timer.start()
        assert send_intent(database, REPLAY, NOW, patience=timedelta(seconds=20)) == 0
        timer.join()
    finally:
        lock.release()


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        (
            {"do": "format-disk", "at": AT},
            "unknown intent 'format-disk'; known are lift, pause, prune, replay, resume, silence",
        ),
        ({"do": ["prune"], "at": AT}, "unknown intent"),
        ({}, "unknown intent None"),
        ({"do": "prune", "at": AT}, "lacks or garbles an argument: 'kind'"),
        ({"do": "prune", "at": "noon", "kind": "articles", "rows": []}, "lacks or garbles an argument"),
        ({"do": "prune", "at": 10**30, "kind": "articles", "rows": []}, "lacks or garbles an argument"),
        ({"do": "prune", "at": AT, "kind": "articles", "rows": [[1]]}, "lacks or garbles an argument"),
        ({"do": "prune", "at": AT, "kind": "sources", "rows": []}, "no step of retention: 'sources' with 0 rows"),
        ({"do": "prune", "at": AT, "kind": "stories", "rows": [["s"]] * 99}, "'stories' with 99 rows"),
        ({"do": "replay", "at": AT, "deliveries": 7}, "lacks or garbles an argument"),
    ],
)
def test_an_intent_that_makes_no_sense_is_refused_in_words(
    store: Store, database: Path, intent: dict[str, Any], words: str
) -> None:
    with pytest.raises(StoreError) as refused:
        send_intent(database, intent, NOW)

    assert words in str(refused.value)


def raw(database: Path, request: bytes, *, finish: bool = True) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(socket_path(database)))
        try:
            client.sendall(request)
            if finish:
                client.shutdown(socket.SHUT_WR)
            return client.recv(65536)
        except (BrokenPipeError, ConnectionResetError):
            return b"reset"


@pytest.mark.parametrize(
    "request_",
    [
        b"\n",
        b"not json\n",
        b"[1]\n",
        b"{}",
        b"",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"do": "prune", "at": NaN, "kind": "articles", "rows": []}\n',
    ],
)
def test_a_client_that_talks_nonsense_gets_an_error_and_the_next_one_is_served(
    store: Store, database: Path, request_: bytes
) -> None:
    assert "error" in json.loads(raw(database, request_))
    assert send_intent(database, REPLAY, NOW) == 0


def test_a_line_without_end_is_cut_off(store: Store, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.socket.LONGEST_REQUEST", 1000)

    answer = raw(database, b"x" * 200_000, finish=False)

    assert answer == b"reset" or b"longer than 1000 bytes" in answer
    assert send_intent(database, REPLAY, NOW) == 0


def test_a_client_that_says_nothing_is_dropped(store: Store, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.socket.PATIENCE_S", 0.05)

    assert raw(database, b'{"do":', finish=False) == b""
    assert send_intent(database, REPLAY, NOW) == 0


def test_a_holder_that_does_not_answer_is_a_store_error(database: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(socket_path(database)))
        deaf.listen()
        with pytest.raises(StoreError, match="does not answer"):
            ask(database, REPLAY, timeout_s=0.05)


def test_what_is_no_socket_is_a_store_error(database: Path) -> None:
    folder = socket_path(database)
    folder.mkdir()

    with pytest.raises(StoreError):
        ask(database, REPLAY)


def test_a_path_too_long_for_the_kernel_still_works(tmp_path: Path) -> None:
    database = tmp_path.joinpath(*["a-long-name-of-a-folder"] * 6, "rasid.db")
    with Store.open(database, write=True, now=NOW):
        assert len(os.fsencode(socket_path(database))) > 108
        assert ask(database, REPLAY) == 0
    assert not socket_path(database).exists()


def test_without_a_command_socket_the_store_still_works(database: Path, caplog: pytest.LogCaptureFixture) -> None:
    socket_path(database).mkdir()

    with Store.open(database, write=True, now=NOW) as store:
        assert store.commit(ingest(article()), NOW)

    assert "no command socket" in caplog.text


def test_an_answer_that_fails_by_surprise_does_not_end_the_server(database: Path) -> None:
    def answer(intent: Any) -> Any:
        if intent == {"do": "surprise"}:
            raise ValueError("a surprise")
        return intent

    server = CommandSocket(database, answer)
    try:
        with pytest.raises(StoreError, match="a surprise"):
            ask(database, {"do": "surprise"})
        assert ask(database, {"do": "echo"}) == {"do": "echo"}
    finally:
        server.close()
        server.close()
