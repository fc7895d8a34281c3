"""Alerts and deliveries: committed together, leased by one, settled by the holder of the token, replayed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.model import Delivery, DeliveryState, Disposition, GroupState, Lease, Message
from monitor.store import Store
from monitor.store.codes import proposals
from tests.store.conftest import Look
from tests.store.samples import NOW, alert, delivery, group, match, state, waiting

LATER = NOW + timedelta(minutes=5)
CONTENT = {"alert": "n-1", "articles": [{"title": "سقط صاروخان", "excerpt": "one\ttwo\nthree\x00\u2028four"}]}


def told(store: Store, *deliveries: Delivery) -> None:
    """Commit an alert about article one with these deliveries."""
    store.commit(waiting("one"), NOW)
    tell(store, *deliveries)


def tell(store: Store, *deliveries: Delivery, sequence: int = 1) -> None:
    one = match("one")
    store.commit_alert_soon(
        alert(one, sequence=sequence),
        CONTENT,
        deliveries,
        group(state=GroupState.TOLD, due=None, last_told=NOW, sequence=sequence),
        [state(one, Disposition.ALERTED, alert_id=f"n-{sequence}")],
        NOW,
    )()


def lease_of(claimed: Delivery) -> Lease:
    assert claimed.lease is not None
    return claimed.lease


def test_alert_deliveries_group_and_states_are_one_commit(store: Store, look: Look) -> None:
    told(store, delivery("d-1", recipient="a@example.org"), delivery("d-2", recipient="b@example.org"))

    assert look("SELECT id, matches, deliveries, sent FROM alerts") == [("n-1", 1, 2, 0)]
    assert look("SELECT disposition, alert FROM matches") == [("alerted", "n-1")]
    assert look("SELECT state, pending FROM groups") == [("told", 0)]
    assert look("SELECT recipient, delivery FROM told ORDER BY 1") == [
        ("a@example.org", "d-1"),
        ("b@example.org", "d-2"),
    ]


def test_an_alert_cannot_be_committed_twice(store: Store, look: Look) -> None:
    told(store, delivery())

    with pytest.raises(StoreError, match="UNIQUE"):
        tell(store, delivery("d-2"))

    assert look("SELECT id FROM deliveries") == [("d-1",)]


def test_two_deliveries_of_an_alert_to_one_recipient_are_refused(store: Store, look: Look) -> None:
    with pytest.raises(StoreError, match="UNIQUE"):
        told(store, delivery("d-1"), delivery("d-2"))

    assert look("SELECT count(*) FROM alert") == [(0,)]


def test_what_was_told_stays_with_the_delivery_that_told_it(store: Store, look: Look) -> None:
    told(store, delivery("d-1"))
    tell(store, delivery("d-2", alert_id="n-2"), sequence=2)

    assert look("SELECT delivery FROM told") == [("d-1",)]


def test_several_groups_may_be_told_by_one_alert(store: Store, look: Look) -> None:
    found = match("one")
    store.commit(waiting("one"), NOW)
    first, second = group([found], key="entity=a", code="A7K3"), group([found], key="entity=b", code="A7K4")
    store.commit_group_soon([first, second], [], NOW)()

    emptied = [replace(one, pending=(), due=None, state=GroupState.TOLD) for one in (first, second)]
    store.commit_alert_soon(alert(found), CONTENT, [delivery()], emptied, [], NOW)()

    assert look("SELECT key, pending FROM groups WHERE key LIKE 'entity=%' ORDER BY key") == [
        ("entity=a", 0),
        ("entity=b", 0),
    ]


def test_a_due_delivery_is_claimed_once_with_its_message(store: Store) -> None:
    told(store, delivery(recipient="a@example.org"))

    ((claimed, message),) = store.claim(NOW)

    lease = lease_of(claimed)
    assert claimed == delivery(recipient="a@example.org", state=DeliveryState.LEASED, lease=lease)
    assert (lease.instance, lease.until) == ("this", NOW + timedelta(minutes=5))
    assert message == Message(delivery_id="d-1", recipient="a@example.org", content=CONTENT)
    assert store.claim(NOW) == ()


def test_a_message_brings_the_receipt_of_the_first_that_was_sent_to_its_recipient(store: Store) -> None:
    told(store, delivery("d-1", recipient="a"), delivery("d-b", recipient="b"))
    claimed = {one.id: one for one, _ in store.claim(NOW)}
    for id, receipt in (("d-1", "first"), ("d-b", "other")):
        sent = replace(claimed[id], state=DeliveryState.SENT, lease=None)
        assert store.settle(sent, NOW, token=lease_of(claimed[id]).token, receipt=receipt)
    tell(
        store,
        delivery("d-2", alert_id="n-2", recipient="a"),
        delivery("d-c", alert_id="n-2", recipient="c"),
        sequence=2,
    )

    threads = {message.delivery_id: message.thread for _, message in store.claim(NOW)}

    assert threads == {"d-2": "first", "d-c": ""}


def test_only_due_deliveries_of_the_wanted_channels_are_claimed_in_order(store: Store) -> None:
    told(
        store,
        delivery("d-later", due=LATER, recipient="1"),
        delivery("d-old", due=NOW - timedelta(hours=1), recipient="2"),
        delivery("d-now", recipient="3"),
        delivery("d-duty", channel="duty", recipient="4"),
        delivery("d-held", state=DeliveryState.HELD, recipient="5"),
    )

    assert [one.id for one, _ in store.claim(NOW, channels=["desk"], limit=1)] == ["d-old"]
    assert [one.id for one, _ in store.claim(NOW, channels=["desk"])] == ["d-now"]
    assert store.claim(NOW, channels=[]) == ()
    assert [one.id for one, _ in store.claim(NOW)] == ["d-duty"]
    assert store.claim(NOW) == ()
    assert [one.id for one, _ in store.claim(LATER - timedelta(seconds=1))] == []


def test_what_was_sent_is_not_read_to_find_what_comes_next(store: Store, look: Look) -> None:
    told(store, delivery())
    said: list[str] = []
    store._writing.run(lambda db: db.set_trace_callback(said.append))
    ((claimed, _),) = store.claim(NOW, channels=["desk"])
    store.settle(replace(claimed, state=DeliveryState.SENT), NOW, token=lease_of(claimed).token)
    store.release([claimed])

    asked = [sql for sql in said if sql.startswith(("SELECT", "UPDATE"))]
    steps = [step[3] for sql in asked for step in look(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(asked) >= 4
    scans = [step for step in steps if step.startswith("SCAN")]
    assert [scan for scan in scans if "VIRTUAL TABLE" not in scan and "subquery" not in scan] == []


def test_an_expired_lease_is_claimed_by_another_with_a_new_token(store: Store) -> None:
    told(store, delivery())
    ((first, _),) = store.claim(NOW)
    assert store.claim(lease_of(first).until - timedelta(seconds=1)) == ()

    ((second, _),) = store.claim(lease_of(first).until)

    assert second.id == first.id
    assert lease_of(second).token != lease_of(first).token


@pytest.mark.parametrize(
    ("after", "row"),
    [
        ({"state": DeliveryState.SENT}, ("sent", 1, "", "200")),
        (
            {"state": DeliveryState.PENDING, "due": LATER, "last_error": "status 500"},
            ("pending", 1, "status 500", "200"),
        ),
        ({"state": DeliveryState.LEASED}, ("pending", 1, "", "200")),
        ({"state": DeliveryState.PARKED, "last_error": "status 404"}, ("parked", 1, "status 404", "200")),
        ({"state": DeliveryState.DEAD, "last_error": "refused"}, ("dead", 1, "refused", "200")),
    ],
)
def test_the_holder_of_the_token_settles(
    store: Store, look: Look, after: dict[str, object], row: tuple[object, ...]
) -> None:
    told(store, delivery())
    ((claimed, _),) = store.claim(NOW)

    tried = replace(claimed, attempts=1, **after)  # type: ignore[arg-type]
    assert store.settle(tried, NOW, token=lease_of(claimed).token, receipt="200") is True

    assert look("SELECT state, attempts, last_error, receipt FROM delivery") == [row]
    assert look("SELECT lease_instance, lease_token, lease_until FROM delivery") == [(None, None, None)]


def test_who_lost_the_lease_cannot_settle(store: Store, look: Look) -> None:
    told(store, delivery())
    ((first, _),) = store.claim(NOW)
    ((second, _),) = store.claim(lease_of(first).until)

    assert store.settle(replace(first, state=DeliveryState.DEAD), NOW, token=lease_of(first).token) is False
    assert look("SELECT state FROM delivery") == [("leased",)]
    assert store.settle(replace(second, state=DeliveryState.SENT), NOW, token=lease_of(second).token) is True
    assert store.settle(replace(second, state=DeliveryState.DEAD), NOW, token=lease_of(second).token) is False


def test_taking_the_lock_frees_the_leases_of_the_dead(database: Path) -> None:
    with Store.open(database, write=True, instance="dead", now=NOW) as store:
        told(store, delivery())
        ((lost, _),) = store.claim(NOW)

    with Store.open(database, write=True, instance="alive", now=NOW) as store:
        assert store.settle(replace(lost, state=DeliveryState.DEAD), NOW, token=lease_of(lost).token) is False
        ((claimed, _),) = store.claim(NOW)

    assert (claimed.id, lease_of(claimed).instance) == ("d-1", "alive")


def test_a_replay_makes_dead_and_parked_deliveries_due_again_under_their_ids(store: Store, look: Look) -> None:
    dead, parked = delivery("d-1", recipient="1", state=DeliveryState.DEAD), delivery("d-2", recipient="2")
    told(store, dead, replace(parked, state=DeliveryState.PARKED), delivery("d-3", recipient="3", due=LATER))

    assert store.replay(["d-1", "d-2", "d-3", "d-none"], LATER) == 2

    assert look("SELECT id, state, attempts FROM deliveries ORDER BY id") == [
        ("d-1", "pending", 0),
        ("d-2", "pending", 0),
        ("d-3", "pending", 0),
    ]
    assert {one.due for one, _ in store.claim(LATER)} == {LATER}


def test_a_group_key_keeps_its_code_on_all_channels(store: Store) -> None:
    code = store.new_code("story=s1", NOW)
    assert store.new_code("story=s1", NOW) == code
    store.commit_group_soon([group(key="story=s1", code=code, due=None)], [], NOW)()

    assert store.new_code("story=s1", NOW + timedelta(days=400)) == code


def test_codes_are_four_plain_characters_and_never_the_same(store: Store) -> None:
    made = {store.new_code(f"story=s{n}", NOW) for n in range(2000)}

    assert len(made) == 2000
    assert {len(code) for code in made} == {4}
    assert not set("".join(made)) & set("01OILS58BZ")


def test_a_code_in_use_goes_to_no_other_key_for_90_days(database: Path) -> None:
    def next_of(key: str, now: datetime) -> str:
        with Store.open(database, now=now) as reader:  # no memory of its own
            return reader.new_code(key, now)

    with Store.open(database, write=True, now=NOW) as store:
        wish = store.new_code("story=wanted", NOW)
        store.commit_group_soon([group(key="story=first", code=wish, due=None)], [], NOW)()

    assert next_of("story=wanted", NOW + timedelta(days=90)) != wish
    assert next_of("story=wanted", NOW + timedelta(days=91)) == wish

    with Store.open(database, write=True, now=NOW) as store:
        store.commit_group_soon([group(key="story=wanted", code=wish, due=None)], [], NOW + timedelta(days=91))()
        found = store.by_code(wish)
        assert found is not None
        assert found.group_key == "story=wanted"


def test_when_short_codes_run_out_longer_ones_are_given(store: Store) -> None:
    for code, _ in zip(proposals("story=a"), range(64), strict=False):
        store._codes[code] = "story=b"

    assert len(store.new_code("story=a", NOW)) == 5


def test_codes_that_are_not_committed_are_still_kept_apart(store: Store) -> None:
    wish = store.new_code("story=a", NOW)
    store._codes[wish] = "story=b"

    assert store.new_code("story=a", NOW) != wish
