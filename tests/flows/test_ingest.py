"""From a fetch to the store: once only, baselines, edits, aliases, files, and accounts that always add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from monitor.alerting.groups import flush
from monitor.ingest import IngestReport, SourceTraits, ingest
from monitor.model import Article, Disposition, Fetched, GroupState, TakenFile
from monitor.rulefiles import load_rules
from monitor.rules.engine import Ruleset
from monitor.store import Limits, Store

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FEED = SourceTraits(has_baseline=True)
FOLDER = SourceTraits(has_baseline=False)

RULES = """\
version: 1
defaults:
  notify: [desk]
  severity: high
  alert: {group_by: [rule], group_wait: 30s}
rules:
  rockets:
    title: Rockets near a base
    match:
      all: [rockets, base]
  wounded:
    title: Wounded soldiers
    notify: [desk, duty]
    match:
      all: [wounded]
"""


def load(folder: Path, text: str = RULES) -> Ruleset:
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    return load_rules(file)


class Desk:
    """A store, rules and a clock: what one source brings is judged as the daemon would."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self.rules = load(folder)
        self.now = NOW
        self.fetches = 0
        self.last: Fetched | None = None
        store.activate(self.rules.cards.values(), NOW - timedelta(days=1))

    def fetch(
        self,
        *articles: Article,
        traits: SourceTraits = FOLDER,
        later: timedelta = timedelta(minutes=1),
        source: str = "wire",
        **more: Any,
    ) -> IngestReport:
        """Let time pass, then ingest a document with these items."""
        self.now += later
        self.fetches += 1
        items = tuple(replace(item, source=source, seen=self.now) for item in articles)
        values: dict[str, Any] = {"key": f"fetch-{self.fetches}", "at": self.now, "cursor": {"n": self.fetches}}
        self.last = Fetched(source=source, articles=items, **(values | more))
        return ingest(self.last, store=self.store, rules=self.rules, traits=traits, now=self.now)

    def change_rules(self, text: str) -> None:
        self.rules = load(self.folder, text)
        self.now += timedelta(minutes=1)
        self.store.activate(self.rules.cards.values(), self.now)

    def tell(self) -> int:
        """Tell every pending group as `run --once` does, without deliveries; returns how many alerts."""
        alerts = 0
        for group in self.store.pending_groups():
            result = flush(
                group, self.rules.cards, (), self.now, alert_id=f"n-{self.now}-{alerts}", told={}, once=True
            )
            if result.alert is not None:
                self.store.commit_alert_soon(result.alert, {}, (), result.group, result.states, self.now)()
                alerts += 1
        return alerts

    def fates(self) -> dict[tuple[str, int, str, str], str]:
        """(rule, version, article, channel) -> disposition, after checking that the accounts add up."""
        accounts = self.store.accounts()
        assert sum(accounts.dispositions.values()) == accounts.expected
        return {
            (row["rule"], row["version"], row["article"], state["channel"]): state["disposition"]
            for row in self.store.matches()
            for state in row["channels"]
        }


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(tmp_path / "rasid.db", write=True, now=NOW) as store:
        yield Desk(tmp_path, store)


def item(
    name: str = "a-1", title: str = "Rockets near the base", text: str = "Nobody was hurt.", **more: Any
) -> Article:
    return Article(id=name, source="", title=title, text=text, **more)


BREAD = {"title": "The price of bread", "text": "It rose again."}


def test_new_articles_are_stored_matched_grouped_and_the_cursor_saved_at_once(desk: Desk) -> None:
    report = desk.fetch(item("a-1"), item("a-2", text="Five soldiers were wounded."), item("a-3", **BREAD))

    assert report == IngestReport(source="wire", new=3, matches=3, dispositions={Disposition.WAITING: 4})
    assert desk.fates() == {
        ("rockets", 1, "a-1", "desk"): "waiting",
        ("rockets", 1, "a-2", "desk"): "waiting",
        ("wounded", 1, "a-2", "desk"): "waiting",
        ("wounded", 1, "a-2", "duty"): "waiting",
    }
    assert desk.store.cursor("wire") == {"n": 1}
    rockets = desk.store.groups("desk", ["rule=rockets"])["rule=rockets"]
    assert [match.article_id for match in rockets.pending] == ["a-1", "a-2"]
    assert rockets.due == desk.now + timedelta(seconds=30)


def test_the_same_fetch_delivered_twice_is_committed_once(desk: Desk) -> None:
    desk.fetch(item())
    assert desk.last is not None
    before = desk.fates()

    report = ingest(desk.last, store=desk.store, rules=desk.rules, traits=FOLDER, now=desk.now)

    assert report == IngestReport(source="wire", is_repeat=True)
    assert desk.fates() == before


def test_the_same_document_again_stores_and_tells_nothing(desk: Desk) -> None:
    desk.fetch(item("a-1"), item("a-2", **BREAD))

    report = desk.fetch(item("a-1"), item("a-2", **BREAD))

    assert report == IngestReport(source="wire", same=2)
    assert desk.store.cursor("wire") == {"n": 2}


def test_an_unchanged_fetch_moves_only_the_cursor(desk: Desk) -> None:
    assert desk.fetch(unchanged=True) == IngestReport(source="wire")
    assert desk.store.cursor("wire") == {"n": 1}


def test_the_first_document_of_a_feed_tells_nothing_and_the_second_does(desk: Desk) -> None:
    desk.fetch(unchanged=True, traits=FEED)
    desk.fetch(item("a-1"), traits=FEED)
    desk.fetch(item("a-1"), item("a-2"), traits=FEED)

    assert desk.fates() == {
        ("rockets", 1, "a-1", "desk"): "baseline",
        ("rockets", 1, "a-2", "desk"): "waiting",
    }


def test_a_first_document_that_was_overtaken_is_still_the_first(desk: Desk) -> None:
    desk.fetch(item("a-2"), traits=FEED)
    early = NOW - timedelta(hours=1)
    desk.fetch(item("a-1"), traits=FEED, at=early)

    assert set(desk.fates().values()) == {"baseline"}
    assert desk.store.cursor("wire") == {"n": 1}


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (None, set()),
        (timedelta(hours=24), {"a-fresh", "a-undated", "a-future"}),
        ("all", {"a-fresh", "a-undated", "a-future", "a-old"}),
    ],
)
def test_since_admits_part_of_the_first_document(
    desk: Desk, since: timedelta | Literal["all"] | None, told: set[str]
) -> None:
    desk.fetch(
        item("a-fresh", published=NOW - timedelta(hours=1)),
        item("a-old", published=NOW - timedelta(hours=25)),
        item("a-future", published=NOW + timedelta(days=400)),
        item("a-undated"),
        traits=SourceTraits(has_baseline=True, since=since),
    )

    assert {name for (_, _, name, _), fate in desk.fates().items() if fate == "waiting"} == told


def test_a_folder_has_no_baseline(desk: Desk) -> None:
    desk.fetch(item(), traits=FOLDER)

    assert desk.fates() == {("rockets", 1, "a-1", "desk"): "waiting"}


def test_old_news_is_stale(desk: Desk) -> None:
    desk.fetch(item(published=NOW - timedelta(days=3)))

    assert desk.fates() == {("rockets", 1, "a-1", "desk"): "stale"}


def test_a_rule_without_channels_and_one_on_trial_only_store(desk: Desk) -> None:
    desk.change_rules(
        "version: 1\nrules:\n"
        "  silent:\n    title: Silent\n    notify: []\n    match:\n      all: [rockets]\n"
        "  tried:\n    title: Tried\n    notify: [desk]\n    status: trial\n    match:\n      all: [rockets]\n"
    )

    desk.fetch(item())

    assert desk.fates() == {("silent", 1, "a-1", ""): "store-only", ("tried", 1, "a-1", ""): "store-only"}


def test_an_edit_is_a_new_version_and_rules_that_matched_are_not_told_again(desk: Desk) -> None:
    desk.fetch(item())

    report = desk.fetch(item(text="Nobody was hurt, says the ministry."))

    assert (report.new, report.edited, report.matches) == (0, 1, 0)
    assert desk.fates() == {("rockets", 1, "a-1", "desk"): "waiting"}
    article = desk.store.article("a-1")
    assert article is not None
    assert (article.version, article.text) == (2, "Nobody was hurt, says the ministry.")


def test_a_rule_that_matches_only_after_an_edit_is_told(desk: Desk) -> None:
    desk.fetch(item())

    report = desk.fetch(item(text="Five were wounded."))

    assert (report.edited, report.matches) == (1, 1)
    assert desk.fates() == {
        ("rockets", 1, "a-1", "desk"): "waiting",
        ("wounded", 2, "a-1", "desk"): "waiting",
        ("wounded", 2, "a-1", "duty"): "waiting",
    }


def test_an_edit_takes_a_waiting_match_back(desk: Desk) -> None:
    desk.fetch(item("a-1"), item("a-2"))

    desk.fetch(item("a-1", **BREAD), item("a-2"))

    assert desk.fates() == {
        ("rockets", 1, "a-1", "desk"): "withdrawn",
        ("rockets", 1, "a-2", "desk"): "waiting",
    }
    group = desk.store.groups("desk", ["rule=rockets"])["rule=rockets"]
    assert [match.article_id for match in group.pending] == ["a-2"]


def test_an_edit_that_empties_a_group_leaves_nothing_to_tell(desk: Desk) -> None:
    desk.fetch(item())
    desk.fetch(item(**BREAD))

    assert desk.store.pending_groups() == ()
    assert desk.tell() == 0


def test_a_match_already_told_is_only_marked_and_unmarked_when_an_edit_brings_it_back(desk: Desk) -> None:
    desk.fetch(item())
    assert desk.tell() == 1
    for text, lost in ((BREAD, 2), (BREAD | {"text": "It fell."}, 2), ({}, 0)):
        desk.fetch(item(**text))

        (row,) = desk.store.matches()
        assert (row["version"], row["lost"], row["channels"][0]["disposition"]) == (1, lost, "alerted")

    assert desk.tell() == 0


def test_a_match_taken_back_and_brought_back_is_told(desk: Desk) -> None:
    desk.fetch(item())
    desk.fetch(item(**BREAD))
    desk.fetch(item())

    assert desk.fates() == {
        ("rockets", 1, "a-1", "desk"): "withdrawn",
        ("rockets", 3, "a-1", "desk"): "waiting",
    }
    assert desk.tell() == 1

    assert desk.fetch(item(text="Nobody was hurt, they say.")).matches == 0
    assert desk.tell() == 0


def test_a_match_brought_back_is_told_only_where_it_was_taken_back(desk: Desk) -> None:
    desk.fetch(item(text="Five were wounded."))
    (duty,) = [group for group in desk.store.pending_groups() if group.channel == "duty"]
    told = flush(duty, desk.rules.cards, (), desk.now, alert_id="n-1", told={}, once=True)
    assert told.alert is not None
    desk.store.commit_alert_soon(told.alert, {}, (), told.group, told.states, desk.now)()

    desk.fetch(item())
    desk.fetch(item(text="Five were wounded."))

    assert desk.fates() == {
        ("rockets", 1, "a-1", "desk"): "waiting",
        ("wounded", 1, "a-1", "desk"): "withdrawn",
        ("wounded", 1, "a-1", "duty"): "alerted",
        ("wounded", 3, "a-1", "desk"): "waiting",
    }


def test_a_rule_that_is_gone_takes_nothing_back(desk: Desk) -> None:
    desk.fetch(item())
    desk.change_rules(RULES.replace("rockets:", "renamed:"))

    desk.fetch(item(**BREAD))

    assert desk.fates() == {("rockets", 1, "a-1", "desk"): "waiting"}


def test_a_new_rule_never_tells_what_came_before_it(desk: Desk) -> None:
    desk.fetch(item(**BREAD))
    desk.change_rules(RULES + "  bread:\n    title: Bread\n    match:\n      all: [bread]\n")

    assert desk.fetch(item(**BREAD)).matches == 0
    desk.fetch(item(**(BREAD | {"text": "It rose again, much."})))

    assert desk.fates() == {("bread", 2, "a-1", "desk"): "baseline"}


def test_a_new_rule_tells_what_an_edit_brought_after_it(desk: Desk) -> None:
    desk.fetch(item(**BREAD))
    desk.change_rules(RULES + "  flour:\n    title: Flour\n    match:\n      all: [flour]\n")

    desk.fetch(item(**(BREAD | {"text": "Flour too."})))

    assert desk.fates() == {("flour", 2, "a-1", "desk"): "waiting"}


def test_an_article_fetched_before_a_rule_was_active_but_judged_by_it_is_told(desk: Desk) -> None:
    desk.store.activate(desk.rules.cards.values(), desk.now)
    desk.change_rules(RULES + "  bread:\n    title: Bread\n    match:\n      all: [bread]\n")
    fetched = Fetched(source="wire", key="k", at=NOW, articles=(item(**BREAD),))

    ingest(fetched, store=desk.store, rules=desk.rules, traits=FOLDER, now=desk.now)

    assert desk.fates() == {("bread", 1, "a-1", "desk"): "waiting"}


def test_a_new_id_of_a_known_article_tells_nothing_again(desk: Desk) -> None:
    url = "https://news.example/rockets"
    desk.fetch(item("a-1", url=url))

    report = desk.fetch(item("a-2", url=url))
    again = desk.fetch(item("a-2", url=url))

    assert (report.new, report.aliases, report.same, report.matches) == (0, 1, 1, 0)
    assert again == IngestReport(source="wire", same=1)
    assert desk.store.article("a-2") == desk.store.article("a-1")


def test_a_new_id_with_other_words_is_an_edit_of_the_known_article(desk: Desk) -> None:
    url = "https://news.example/rockets"
    desk.fetch(item("a-1", url=url))

    report = desk.fetch(item("a-2", url=url, text="Five were wounded."))

    assert (report.new, report.aliases, report.edited, report.matches) == (0, 1, 1, 1)
    assert ("wounded", 2, "a-1", "desk") in desk.fates()


def test_a_pruned_article_never_comes_back_as_new(desk: Desk) -> None:
    desk.fetch(item(**BREAD))
    tomorrow = desk.now + timedelta(days=1)
    desk.store.prune(Limits(articles=tomorrow, matches=None, sources={}), desk.now)

    report = desk.fetch(item(**BREAD), item("a-2", **(BREAD | {"title": "Other"})))

    assert (report.new, report.same) == (1, 1)
    assert desk.store.article("a-1") is None


def test_versions_of_one_article_in_one_fetch_are_judged_one_after_the_other(desk: Desk) -> None:
    report = desk.fetch(
        item(),
        item(**BREAD),
        item(**(BREAD | {"text": "Five were wounded."})),
        item(text="Five were wounded."),
    )

    assert (report.new, report.edited, report.same) == (1, 3, 0)
    assert desk.fates() == {
        ("rockets", 1, "a-1", "desk"): "withdrawn",
        ("wounded", 3, "a-1", "desk"): "waiting",
        ("wounded", 3, "a-1", "duty"): "waiting",
        ("rockets", 4, "a-1", "desk"): "waiting",
    }
    (group,) = [one for one in desk.store.pending_groups() if one.key == "rule=rockets"]
    assert [match.version for match in group.pending] == [4]


def test_an_edit_overtaken_by_a_later_fetch_is_not_applied(desk: Desk) -> None:
    desk.fetch(item())
    desk.fetch(item(text="The later words."))
    early = NOW + timedelta(seconds=90)
    fetched = Fetched(source="wire", key="overtaken", at=early, articles=(item(text="The earlier words."),))

    report = ingest(fetched, store=desk.store, rules=desk.rules, traits=FOLDER, now=desk.now)

    article = desk.store.article("a-1")
    assert report.same == 1
    assert article is not None
    assert article.text == "The later words."


def test_copies_share_a_story_also_within_one_fetch_and_over_sources(desk: Desk) -> None:
    words = "Two rockets fell near the base on Monday and five soldiers of the garrison were hurt."
    desk.change_rules(RULES.replace("group_by: [rule]", "group_by: [story]"))
    desk.fetch(item("a-1", text=words), item("a-2", title="Another title, rockets, base", text=words))
    desk.fetch(item("a-3", title="A third title, rockets, base", text=words), source="other")
    desk.fetch(item("a-4", text="Five soldiers of the garrison were hurt when rockets fell near the base."))

    stories = desk.store.stories_of(["a-1", "a-2", "a-3", "a-4"])

    assert stories["a-1"] == stories["a-2"] == stories["a-3"]
    assert (stories["a-1"].size, stories["a-1"].head, stories["a-4"].size) == (3, "a-1", 1)
    key = f"story={stories['a-1'].id}"
    assert len(desk.store.groups("desk", [key])[key].pending) == 3


def test_a_copy_of_an_edited_text_joins_the_story(desk: Desk) -> None:
    edit = "Five soldiers of the garrison were hurt when two rockets fell near the base on Monday."
    desk.fetch(item("a-1"))
    desk.fetch(item("a-1", text=edit))
    desk.fetch(item("a-2", title="Another title", text=edit), source="other")

    assert desk.store.stories_of(["a-2"])["a-2"].head == "a-1"


def test_an_edited_article_stays_in_its_story(desk: Desk) -> None:
    desk.change_rules(RULES.replace("group_by: [rule]", "group_by: [story]"))
    desk.fetch(item())
    desk.fetch(item(text="Five were wounded."))

    (group,) = desk.store.groups("desk", [f"story={desk.store.stories_of(['a-1'])['a-1'].id}"]).values()

    assert [match.rule for match in group.pending] == ["rockets", "wounded"]


def test_members_that_come_while_a_group_is_quiet_fold_and_go_out_later(desk: Desk) -> None:
    desk.fetch(item("a-1"))
    desk.tell()
    desk.fetch(item("a-2"))

    assert desk.fates() == {("rockets", 1, "a-1", "desk"): "alerted", ("rockets", 1, "a-2", "desk"): "folded"}

    desk.now += timedelta(minutes=10)
    assert desk.tell() == 1
    assert set(desk.fates().values()) == {"alerted"}
    group = desk.store.groups("desk", ["rule=rockets"])["rule=rockets"]
    assert (group.state, group.sequence, group.pending) == (GroupState.TOLD, 2, ())


def test_the_same_bytes_in_a_folder_again_are_counted_and_tell_nothing(desk: Desk) -> None:
    file = TakenFile(name="one.txt", sha256="ab" * 32, articles=("a-1",))
    desk.fetch(item(), files=(file,))
    desk.tell()
    desk.fetch(item(), files=(replace(file, name="copy.txt"),))

    history = desk.store.history("a-1")

    assert desk.tell() == 0
    assert history is not None
    assert [(one.name, one.times) for one in history.files] == [("copy.txt", 2)]
    assert len(history.versions) == 1


def test_a_file_that_could_not_be_read_is_remembered_with_its_reason(desk: Desk) -> None:
    desk.fetch(files=(TakenFile(name="bad.txt", sha256="cd" * 32, reason="the file is empty"),))

    assert desk.store.files_with("cd" * 32)[0].reason == "the file is empty"


def test_five_hundred_items_at_once_are_one_commit(desk: Desk) -> None:
    report = desk.fetch(*(item(f"a-{n}", text=f"Report number {n}.") for n in range(500)))

    assert report.new == 500
    assert len(desk.store.groups("desk", ["rule=rockets"])["rule=rockets"].pending) == 500
    assert len(desk.fates()) == 500
