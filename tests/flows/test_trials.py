"""One trial after the other of files on a disk, without a daemon: what would run, and what is held back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config import Config, inspect_config, lastgood
from monitor.daemon.reload import Trial, changes, first_doors, try_first, try_new
from monitor.errors import ConfigError, Level, RuleError
from monitor.sources.parser import Parser

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
CONFIG = """
version: 1
database: rasid.db
rules: [rules]
defaults: {notify: [desk]}
channels:
  desk: {kind: file, path: desk.jsonl}
  duty: {kind: file, path: duty.jsonl}
"""
LISTS = "version: 1\nlists: {strike: {words: {file: words.txt}}}\n"
RULES = "version: 1\nrules: {attack: {match: $strike}}\n"
OTHERS = "version: 1\nrules: {flood: {match: flood, notify: [duty]}, storm: {match: storm}}\n"


class Desk:
    """Files, and the trials made of them; what was good is remembered as the store does it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "monitor.yaml"
        self.environment = {"STATE_DIRECTORY": str(folder / "state")}
        self.parser = Parser()
        self.trial: Trial | None = None
        self.kept: dict[str, tuple[bytes, datetime]] = {}
        self.write("monitor.yaml", CONFIG)
        self.write("rules/lists.yaml", LISTS)
        self.write("rules/words.txt", "attack\n")
        self.write("rules/rules.yaml", RULES)
        self.write("rules/others.yaml", OTHERS)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def change(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def __call__(self, source: bytes | None = None) -> Config:
        config, problems = inspect_config(self.path, source=source, environment={})
        absent = () if config is None else config.absent
        if config is None or any(one.level is Level.ERROR and one not in absent for one in problems):
            raise ConfigError(problems)
        return config

    def start(self) -> dict[str, tuple[str, bool]]:
        """A start; returns what is held back: why, and whether something older runs."""
        doors, setbacks = first_doors(self, self.parser, self.environment)
        return self._took(try_first(doors, self.kept), bool(setbacks))

    def reload(self) -> dict[str, tuple[str, bool]]:
        assert self.trial is not None
        return self._took(try_new(self, self.trial, self.kept, self.parser, self.environment))

    def _took(self, trial: Trial, is_old: bool = False) -> dict[str, tuple[str, bool]]:
        self.trial = trial
        self.kept = {path: (text, NOON) for path, text in trial.texts.items()}
        found = {Path(one.about).name: (one.why.value, one.has_kept) for one in trial.setbacks}
        if "monitor.yaml" not in found and not is_old:
            lastgood.keep(self.path, trial.installed.config.source, self.environment)
        return found

    @property
    def rules(self) -> set[str]:
        assert self.trial is not None
        return set(self.trial.installed.rules.cards)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    with desk.parser:
        assert desk.start() == {}
        assert desk.rules == {"attack", "flood", "storm"}
        yield desk


def test_what_is_kept_are_the_active_texts_with_the_files_they_name(desk: Desk) -> None:
    names = {str(desk.folder / "rules" / name) for name in ("lists.yaml", "words.txt", "rules.yaml", "others.yaml")}
    assert desk.kept.keys() == names
    assert desk.trial is not None
    assert desk.trial.named == {str(desk.folder / "rules" / "words.txt")}


def test_what_runs_is_not_compiled_again(desk: Desk) -> None:
    assert desk.trial is not None
    rules = desk.trial.installed.rules
    assert desk.reload() == {}
    assert desk.trial.installed.rules is rules
    desk.write("rules/rules.yaml", RULES.replace("$strike", "$stroke"))
    assert desk.reload() == {"rules.yaml": ("faulty", True)}
    assert desk.trial.installed.rules is rules
    desk.write("rules/words.txt", "raid\n")
    assert desk.reload() == {"rules.yaml": ("faulty", True)}
    assert desk.trial.installed.rules.cards["attack"] != rules.cards["attack"]


def test_a_rule_whose_example_fails_goes_on_and_the_rest_of_its_file_is_taken(desk: Desk) -> None:
    desk.write("rules/others.yaml", OTHERS.replace("storm: {", "storm: {examples: {hit: [calm]}, "))
    desk.change("rules/others.yaml", "match: flood", "match: quake")
    before = desk.trial
    assert desk.reload() == {"storm": ("faulty", True)}
    assert before is not None
    assert desk.trial is not None
    assert changes(before.installed, desk.trial.installed) == ("changed rule: flood",)
    assert desk.start() == {"storm": ("faulty", False)}
    assert desk.rules == {"attack", "flood"}


def test_a_faulty_table_keeps_its_last_good_text(desk: Desk) -> None:
    (desk.folder / "rules" / "words.txt").write_bytes(b"\xff\xfe\xff")
    assert desk.reload() == {"words.txt": ("faulty", True)}
    (desk.folder / "rules" / "words.txt").unlink()
    assert desk.reload() == {"words.txt": ("deleted", True)}
    assert desk.start() == {"words.txt": ("deleted", True)}
    desk.write("rules/words.txt", "raid\n")
    assert desk.reload() == {}


def test_an_emptied_file_was_not_saved_whole(desk: Desk) -> None:
    desk.write("rules/others.yaml", " \n")
    assert desk.reload() == {"others.yaml": ("faulty", True)}
    desk.write("rules/others.yaml", "# nothing to watch\nversion: 1\n")
    assert desk.reload() == {}
    assert desk.rules == {"attack"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_keeps_its_last_good_text(desk: Desk) -> None:
    (desk.folder / "rules" / "others.yaml").chmod(0)
    assert desk.reload() == {"others.yaml": ("faulty", True)}


def test_a_file_that_is_none_any_more_keeps_its_last_good_text(desk: Desk) -> None:
    (desk.folder / "rules" / "others.yaml").unlink()
    os.mkfifo(desk.folder / "rules" / "others.yaml")
    assert desk.reload() == {"others.yaml": ("faulty", True)}


def test_a_folder_that_is_gone_or_empty_keeps_its_rules_also_at_a_start(desk: Desk) -> None:
    rules = desk.folder / "rules"
    rules.rename(desk.folder / "aside")
    assert desk.reload() == desk.start() == {"rules": ("gone", True)}
    rules.mkdir()
    assert desk.reload() == desk.start() == {"rules": ("gone", True)}
    assert desk.rules == {"attack", "flood", "storm"}
    rules.rmdir()
    (desk.folder / "aside").rename(rules)
    assert desk.start() == {}


def test_a_folder_taken_out_of_the_configuration_ends_its_rules(desk: Desk) -> None:
    shutil.copytree(desk.folder / "rules", desk.folder / "more")
    desk.change("more/others.yaml", "flood: {match: flood, notify: [duty]}, storm", "quake")
    desk.change("monitor.yaml", "[rules]", "[more]")
    assert desk.reload() == {}
    assert desk.rules == {"attack", "quake"}
    assert all("/more/" in path for path in desk.kept)


def test_a_folder_added_that_is_not_there_is_told_and_the_rest_is_taken(desk: Desk) -> None:
    desk.change("monitor.yaml", "[rules]", "[rules, more]")
    assert desk.reload() == {"more": ("gone", False)}
    assert desk.rules == {"attack", "flood", "storm"}


def test_a_channel_that_rules_need_stays_until_they_do_not(desk: Desk) -> None:
    desk.change("monitor.yaml", "duty:", "night:")
    assert desk.reload() == {"monitor.yaml": ("needed", True)}
    desk.change("rules/others.yaml", "[duty]", "[night]")
    assert desk.reload() == {}


def test_defaults_that_do_not_fit_the_rules_are_the_fault_of_the_configuration(desk: Desk) -> None:
    desk.change("monitor.yaml", "defaults: {notify: [desk]}", "defaults: {notify: [desk], severity: hgih}")
    assert desk.reload() == {"monitor.yaml": ("faulty", True)}
    desk.change("monitor.yaml", "hgih", "high")
    assert desk.reload() == {}


def test_at_a_start_rules_whose_channel_is_gone_are_alone_inactive(desk: Desk) -> None:
    desk.change("monitor.yaml", "duty:", "night:")
    assert desk.start() == {"flood": ("faulty", False)}
    assert desk.rules == {"attack", "storm"}


def test_a_text_that_is_good_no_more_is_named_and_the_rest_goes_on(desk: Desk) -> None:
    bad = "version: 2\nrules: {quake: {match: quake}}\n"  # as after an upgrade that reads it otherwise
    desk.write("rules/others.yaml", bad)
    desk.kept[str(desk.folder / "rules" / "others.yaml")] = (bad.encode(), NOON)
    assert desk.start() == {"others.yaml": ("faulty", False)}
    assert desk.rules == {"attack"}


def test_a_faulty_configuration_is_replaced_by_the_last_good_one_at_a_start(desk: Desk) -> None:
    good = desk.path.read_text()
    for bad in ("version: [", good.replace("kind: file", "kind: fiel"), good + "typo: 1\n"):
        desk.path.write_text(bad)
        doors, setbacks = first_doors(desk, desk.parser, desk.environment)
        assert doors.channels.keys() == {"desk", "duty"}
        (setback,) = setbacks
        assert (setback.kind, setback.has_kept) == ("configuration", True)
        assert setback.kept is not None
        assert all("monitor.yaml:" in problem for problem in setback.problems)


def test_another_database_is_not_taken_while_it_runs(desk: Desk) -> None:
    desk.change("monitor.yaml", "rasid.db", "other.db")
    assert desk.reload() == {"monitor.yaml": ("faulty", True)}


# --- where nothing was ever good ---------------------------------------------------------------------------------


def test_a_first_start_with_faulty_rules_fails_with_every_problem(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write("rules/rules.yaml", RULES.replace("$strike", "$stroke"))
    desk.write("rules/others.yaml", "version: 2\n")
    with desk.parser, pytest.raises(RuleError) as caught:
        desk.start()
    assert [Path(one.file).name for one in caught.value.problems] == ["others.yaml", "rules.yaml"]


def test_a_first_start_without_its_rules_fails(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write("monitor.yaml", CONFIG.replace("[rules]", "[rules, more]"))
    with desk.parser, pytest.raises(ConfigError, match=r"monitor\.yaml:4:16: rules: there is no"):
        desk.start()


def test_a_first_start_with_a_faulty_configuration_fails_by_its_own_faults(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write("monitor.yaml", CONFIG + "typo: 1\n")
    with desk.parser:
        with pytest.raises(ConfigError, match="typo"):
            desk.start()
        lastgood.keep(desk.path, b"version: [", desk.environment)
        with pytest.raises(ConfigError, match="typo"):
            desk.start()


def test_a_first_start_with_a_folder_that_is_empty_is_a_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    shutil.rmtree(tmp_path / "rules")
    (tmp_path / "rules").mkdir()
    with desk.parser:
        assert desk.start() == {"rules": ("gone", False)}
    assert desk.rules == set()


def test_a_configuration_that_says_the_same_stays_the_very_one_that_runs(desk: Desk) -> None:
    desk.start()
    before = _config(desk)
    desk.change("rules/others.yaml", "storm", "gale")
    assert desk.reload() == {}
    assert _config(desk) is before
    desk.change("monitor.yaml", "version: 1", "version: 1  # and a remark")
    assert desk.reload() == {}
    assert b"a remark" in _config(desk).source  # which a start finds again


def _config(desk: Desk) -> Config:
    assert desk.trial is not None
    return desk.trial.installed.config
