"""`rasid explain` on a real store: every disposition and every state of a delivery, in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from click.testing import CliRunner

from monitor.alerting.calm import Calm, Digest, Quiet
from monitor.alerting.routing import Candidate
from monitor.cli import main
from monitor.model import RuleCard, Severity
from tests.alerting.samples import HOUR, MINUTE, NOON, a_candidate, a_card, a_silence, an_article
from tests.flows.newsroom import Newsroom
from tests.receiver import status

DAY_LONG = Quiet(start=time(0), end=time(23, 59))
CARD = a_card(throttle=2 * HOUR)
_CODE = re.compile(r"(?<=[(])[A-Z0-9]{4}(?=:)|(?<=in )[A-Z0-9]{4}|(?<=into )[A-Z0-9]{4}|^[A-Z0-9]{4}(?=  )")
NAMES = [f"a{number}" for number in range(8)]
_DAY = re.compile(r"24 Nov (2026 )?")


def told(room: Newsroom, *, card: RuleCard = CARD, until: datetime | None = None, **options: object) -> None:
    """One article that matched at noon and was told at one minute past, on its way to `desk`."""
    room.take(a_candidate(card, an_article()))
    room.flush(NOON + MINUTE)
    room.deliver(until or NOON + MINUTE)


def another(card: RuleCard = CARD, **fields: object) -> Candidate:
    return a_candidate(card, an_article("a2", **fields))


def explained(room: Newsroom, what: str = "a1", channels: str = "desk") -> list[str]:
    """What `rasid explain` says became of it, codes as CODE, times without their day."""
    folder = room.path.parent
    (folder / "rules.yaml").write_text(
        "version: 1\nrules:\n  attack: {match: rockets, alert: {throttle: 2h, unless: {new_publishers: 5}}}\n"
    )
    named = "\n".join(f"  {name}: {{kind: stdout}}" for name in channels.split())
    (folder / "monitor.yaml").write_text(
        f"version: 1\ndatabase: rasid.db\nrules: [rules.yaml]\ndefaults: {{notify: [{channels.split()[0]}]}}\n"
        f"channels:\n{named}\n"
    )
    runner = CliRunner(env={"RASID_CONFIG": None})
    result = runner.invoke(main, ["--config", str(folder / "monitor.yaml"), "explain", what])
    assert result.exit_code == 0, result.output
    shown = (line.strip() for line in result.output.splitlines())
    plain = (_CODE.sub("CODE", _DAY.sub("", line)) for line in shown)
    return [line for line in plain if re.match("Not |Partly |Told |alert |It tells|CODE ", line)]


def test_waiting(room: Newsroom) -> None:
    room.take(a_candidate(CARD))

    assert explained(room) == ["Not told on desk yet: waiting in CODE, to be told at 12:00"]


def test_alerted_and_not_tried_yet(room: Newsroom) -> None:
    room.take(a_candidate(CARD))
    room.flush(NOON + MINUTE)

    assert explained(room) == [
        "Not yet told on desk since 12:01 (CODE: first news of its group): not tried yet, due at 12:01"
    ]


def test_sent(room: Newsroom) -> None:
    told(room)

    assert explained(room) == ["Told on desk at 12:01 (CODE: first news of its group): delivered, HTTP 200 OK"]


def test_folded(room: Newsroom) -> None:
    told(room)
    room.take(replace(another(), publisher="gulf.example"), at=NOON + HOUR)

    assert explained(room, "a2") == [
        "Not told on desk: folded into CODE (sent 12:01), quiet until 14:01; 1 of 5 new publishers so far"
    ]


def test_silenced(room: Newsroom) -> None:
    room.silence(a_silence(("rule", "attack")))
    told(room)

    assert explained(room) == [
        "Not told on desk: silenced at 12:01 (silence x1 by huda: exercise)",
    ]


def test_stale(room: Newsroom) -> None:
    room.take(a_candidate(CARD, an_article(published=NOON - timedelta(days=3))))

    assert explained(room) == ["Not told on desk: too old, published 3d ago, more than 2d"]


def test_baseline(room: Newsroom) -> None:
    room.take(a_candidate(CARD, baseline="it was in the first document of its source"))

    assert explained(room) == ["Not told on desk: it was in the first document of its source"]


def test_store_only(room: Newsroom) -> None:
    room.take(a_candidate(CARD), floors={"desk": Severity.CRITICAL})
    room.take(another(a_card("quietly", notify=())))

    assert explained(room) == ["Not told on desk: the channel takes only critical"]
    assert explained(room, "a2") == ["Not told anywhere: the rule notifies no channel"]


def test_leased(room: Newsroom) -> None:
    told(room, until=NOON)
    assert room.store.claim(NOON + MINUTE)

    assert explained(room) == ["Not yet told on desk since 12:01 (CODE: first news of its group): being delivered"]


def test_tried_in_vain(room: Newsroom) -> None:
    room.channels.clear()
    room.webhook(retry="5m")
    room.receiver.script = [status(400)]
    told(room)

    (line,) = explained(room)
    assert re.fullmatch(
        r"Not yet told on desk since 12:01 \(CODE: first news of its group\): "
        r"1 try failed \(HTTP 400 Bad Request\), next at 12:0\d",
        line,
    )


def test_the_channel_fails_as_a_whole(room: Newsroom) -> None:
    room.channels.clear()
    room.webhook(retry="5m")
    room.receiver.script = [status(503)]
    for name in NAMES:
        room.take(a_candidate(CARD, an_article(name), story=name))
    room.flush(NOON + MINUTE)
    for _ in range(3):
        room.deliver(NOON + MINUTE)

    assert any(
        re.search(r"waits: .*the channel takes no messages \(HTTP 503 Service Unavailable\), tried again at", line)
        for name in NAMES
        for line in explained(room, name)
    )


def test_the_channel_is_gone(room: Newsroom) -> None:
    told(room, until=NOON)

    assert explained(room, channels="other") == [
        "Not yet told on desk since 12:01 (CODE: first news of its group): waits: channel 'desk' is not configured"
    ]


def test_held(room: Newsroom) -> None:
    room.calm["desk"] = Calm(quiet=(DAY_LONG,))
    told(room)

    assert explained(room) == [
        "Not yet told on desk since 12:01 (CODE: first news of its group): "
        "held until 23:59: the channel has quiet hours"
    ]


def test_a_digest_and_what_it_tells(room: Newsroom) -> None:
    room.calm["desk"] = Calm(digest=Digest(times=(time(18),)))
    room.take(a_candidate(CARD), a_candidate(CARD, an_article("a2"), story="s2"))
    room.flush(NOON + MINUTE)
    room.deliver(NOON + MINUTE)
    assert explained(room)[0].endswith("held until 18:00: told in the next digest")

    room.receiver.script = [status(400)]
    room.deliver(NOON + 6 * HOUR)
    assert explained(room)[0].endswith("in a digest that is not delivered yet")

    room.receiver.script = [status(200)]
    room.deliver(NOON + 7 * HOUR)
    assert explained(room) == [
        "Told on desk at 12:01 (CODE: first news of its group): delivered in a digest, HTTP 200 OK"
    ]
    (digest,) = [row for row in room.store.deliveries() if row["reason"] == "digest"]
    for name in (digest["alert"], digest["id"], digest["id"][:9]):
        first, *rest = explained(room, name)
        assert first.startswith("alert n")
        assert rest == [
            "Told on desk at 18:00 (a digest): delivered after 2 tries, HTTP 200 OK",
            "It tells 2 alerts together:",
            "CODE  Rockets hit the base",
            "CODE  Rockets hit the base",
        ]


def test_parked(room: Newsroom) -> None:
    room.receiver.script = [status(410)]
    told(room)

    (line,) = explained(room)
    assert re.fullmatch(
        r"Not told on desk since 12:01 \(CODE: first news of its group\): parked after 1 try: "
        r"HTTP 410 Gone.*; to try again: rasid deliveries retry d[0-9a-f]{8}",
        line,
    )


def test_dead(room: Newsroom) -> None:
    room.channels.clear()
    room.webhook(give_up="1m")
    room.receiver.script = [status(400)]
    told(room)
    for hour in range(1, 9):
        room.deliver(NOON + hour * HOUR)

    (line,) = explained(room)
    assert re.search(r"given up after \d tries: HTTP 400 Bad Request; no success within", line)


def test_an_alert_by_its_id_says_what_it_told_and_to_whom(room: Newsroom) -> None:
    told(room)
    (row,) = room.store.deliveries()

    first, second, *rest = explained(room, row["alert"])

    assert first == f"alert {row['alert']}, high, by attack"
    assert second == "Told on desk at 12:01 (CODE: first news of its group): delivered, HTTP 200 OK"
    assert rest == [second]  # of its article


def test_the_beginning_of_two_alerts_names_none(room: Newsroom, tmp_path: Path) -> None:
    room.take(*(a_candidate(CARD, an_article(f"a{n}"), story=f"s{n}") for n in range(40)))
    room.flush(NOON + MINUTE)
    ids = sorted(row["alert"] for row in room.store.deliveries())

    assert room.store.by_alert("n") is None
    assert all(room.store.by_alert(id) is not None for id in ids)
    assert room.store.by_alert("n*" + ids[0][2:]) is None
