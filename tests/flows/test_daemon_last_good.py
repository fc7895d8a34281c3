"""Files are edited while it runs and before it starts: what is faulty harms only itself, and everybody is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.daemon import Daemon, until
from tests.flows.receiver import Receiver
from tests.flows.site import ATTACK, Site

LISTS = "version: 1\nlists: {strike: {words: [attack]}}\n"
MORE = "version: 1\nrules: {flood: {match: flood, notify: []}}\n"
ATTACKS = """version: 1
rules:
  attack:
    match: $strike
    alert: {group_wait: 0s, group_by: none}
"""
BAD = ATTACKS.replace("$strike", "$stroke")
NOT_TAKEN = "not taken, the last good goes on"


@pytest.fixture
def ops() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver, ops: Receiver) -> Site:
    site = Site(
        folder=tmp_path,
        channels={
            "desk": f"{{kind: webhook, url: '{receiver.url}'}}",
            "duty": f"{{kind: webhook, url: '{ops.url}', enabled: yes}}",
        },
        rules_path="rules",
        extra="ops: {notify: [duty]}",
    )
    (tmp_path / "rules").mkdir()
    for name, text in (("attack.yaml", ATTACKS), ("lists.yaml", LISTS), ("more.yaml", MORE)):
        (tmp_path / "rules" / name).write_text(text)
    (tmp_path / "rules" / "attack.yaml").write_text(ATTACKS + "    notify: [desk]\n")
    return site


def save(site: Site, name: str, text: str) -> None:
    """As editors do: write beside it, then rename over it."""
    new = site.folder / "rules" / f".{name}.swp"
    new.write_text(text)
    new.replace(site.folder / "rules" / name)


def told(ops: Receiver) -> list[tuple[str, str]]:
    """What the operator has read: headline, and the lines below it."""
    found = []
    for body in ops.bodies:
        first, *others = body["articles"]
        found.append((first["title"], "\n".join([first["excerpt"]["text"], *(one["title"] for one in others)])))
    return found


def held(site: Site) -> dict[str, Any]:
    return {Path(row["about"]).name: row for row in site.json("status")["held"]}


def test_a_saved_file_is_taken_and_a_faulty_one_is_told_once_and_its_mending_once(
    site: Site, receiver: Receiver, ops: Receiver
) -> None:
    with Daemon(site.config) as daemon:
        save(site, "more.yaml", MORE.replace("flood", "quake"))
        daemon.wait_for("new rule: quake")
        save(site, "attack.yaml", BAD)
        daemon.wait_for(NOT_TAKEN)
        (site.folder / "rules" / "attack.yaml").write_text("version: 1\nrul")  # a second save, by halves
        until(lambda: daemon.lines[-1].count(NOT_TAKEN))
        save(site, "attack.yaml", "version: 1\nrules: [")
        daemon.wait_for("attack.yaml:3:1: nothing stands here")
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        until(lambda: len(ops.bodies) == 1)
        (title, text), file = told(ops)[0], str(site.folder / "rules" / "attack.yaml")
        assert title == f"Not taken: {file}"
        assert f"{file}:4:12: rule 'attack': unknown name '$stroke' (did you mean '$strike'?)" in text
        row = held(site)["attack.yaml"]
        assert (row["kind"], row["runs"], row["why"]) == ("file", "last good", "faulty")
        assert row["since"] < site.json("status")["daemon"]["reload"]["at"]  # of the first save
        save(site, "attack.yaml", ATTACKS.replace("$strike", "[$strike, raid]") + "    notify: [desk]\n")
        daemon.wait_for("changed rule: attack")
        until(lambda: len(ops.bodies) == 2)
        assert told(ops)[1][0] == f"Mended: {file}"
        assert held(site) == {}
        assert daemon.stop() == 0


def test_files_that_go_a_folder_that_goes_and_another_behind_a_link(
    site: Site, receiver: Receiver, ops: Receiver
) -> None:
    rules = site.folder / "rules"
    shutil.copytree(rules, site.folder / "v2")
    (site.folder / "v2" / "more.yaml").write_text(MORE.replace("flood", "quake"))
    rules.rename(site.folder / "v1")
    rules.symlink_to("v1")
    with Daemon(site.config) as daemon:
        (rules / "more.yaml").unlink()
        daemon.wait_for("gone rule: flood")
        (rules / "lists.yaml").unlink()  # its list is in use
        daemon.wait_for(NOT_TAKEN)
        assert held(site)["lists.yaml"]["why"] == "deleted"
        rules.unlink()  # as when a disk goes
        daemon.wait_for("its last good rules go on")
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        rules.symlink_to("v2")
        daemon.wait_for("new rule: quake")
        assert held(site) == {}
        until(lambda: len(ops.bodies) >= 4)
        assert daemon.stop() == 0
    titles = [title for title, _ in told(ops)]
    assert titles == [
        f"Not taken: {rules / 'lists.yaml'}",
        f"Not taken: {rules}",
        f"Mended: {rules / 'lists.yaml'}",
        f"Mended: {rules}",
    ]


def test_a_start_with_faulty_files_goes_on_by_the_last_good_ones(
    site: Site, receiver: Receiver, ops: Receiver
) -> None:
    with Daemon(site.config) as daemon:
        assert daemon.stop() == 0
    good = site.config.read_text()
    site.config.write_text("version: [\n")
    save(site, "attack.yaml", BAD)
    save(site, "lists.yaml", LISTS.replace("strike", "raid"))
    save(site, "new.yaml", "version: 2\n")
    save(site, "more.yaml", MORE.replace("notify: []", "notify: [], examples: {hit: [storm]}"))
    with Daemon(site.config) as daemon:
        site.put("one.json", ATTACK)
        until(lambda: receiver.bodies)
        found = {name: (row["kind"], row["runs"], row["why"]) for name, row in held(site).items()}
        assert found == {
            "monitor.yaml": ("configuration", "last good", "faulty"),
            "attack.yaml": ("file", "last good", "faulty"),
            "lists.yaml": ("file", "last good", "needed"),
            "new.yaml": ("file", "nothing", "faulty"),
            "flood": ("rule", "nothing", "faulty"),
        }
        until(lambda: ops.bodies)
        assert told(ops)[0][0] == "Not taken: 5 files or rules"
        assert "the configuration of 20" in told(ops)[0][1]
        result = site.rasid("reload")
        assert (result.exit_code, "Not all of it is taken." in result.stderr) == (3, True), result.output
        site.config.write_text(good)
        until(lambda: "monitor.yaml" not in held(site))
        until(lambda: len(ops.bodies) == 2)
        assert daemon.stop() == 0
    assert told(ops)[1][0] == f"Mended: {site.config}"


def test_a_configuration_without_a_channel_that_rules_need_is_held_back(site: Site) -> None:
    with Daemon(site.config) as daemon:
        site.channels["desks"] = site.channels.pop("desk")
        site.write()
        daemon.wait_for(NOT_TAKEN)
        row = held(site)["monitor.yaml"]
        assert (row["kind"], row["why"]) == ("configuration", "needed")
        assert "attack.yaml:6:" in row["problems"][0]
        assert "unknown channel 'desk'" in row["problems"][0]
        save(site, "attack.yaml", ATTACKS + "    notify: [desks]\n")
        daemon.wait_for("new channel: desks")
        assert held(site) == {}
        assert daemon.stop() == 0


def test_a_table_that_comes_after_the_file_that_names_it_is_taken(site: Site) -> None:
    with Daemon(site.config) as daemon:
        save(site, "lists.yaml", LISTS.replace("[attack]", "{file: words.txt}"))
        daemon.wait_for("'words.txt' cannot be read")
        (site.folder / "rules" / "words.txt").write_text("raid\n")
        daemon.wait_for("changed rule: attack")
        (site.folder / "rules" / "words.txt").unlink()
        daemon.wait_for("words.txt' cannot be read", times=2)
        assert {name: row["why"] for name, row in held(site).items()} == {"words.txt": "deleted"}
        assert daemon.stop() == 0


def test_a_change_that_moves_the_volume_over_tenfold_is_active_and_told(site: Site, ops: Receiver) -> None:
    with Daemon(site.config) as daemon:
        site.put("many.json", *({"title": f"News {n}", "text": f"Bread costs {n} in town {n}."} for n in range(30)))
        daemon.wait_for("event=ingested")
        save(site, "more.yaml", MORE.replace("match: flood", "match: bread"))
        daemon.wait_for("a changed rule matches far more or less than before")
        until(lambda: ops.bodies)
        assert daemon.stop() == 0
    ((title, text),) = told(ops)
    assert title == "Rule flood matches far more or less than before"
    assert "flood: 30 matches in the last 24 hours, 0 in its form before" in text
    assert "Judged: 30 of 30 articles" in text
