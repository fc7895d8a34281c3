"""What rules cost, measured on stored articles: which are dearest, and how often that is measured anew."""

from __future__ import annotations

from datetime import timedelta

from monitor import load_rules
from monitor.daemon.costs import EVERY, Costs, dear
from monitor.store import Store
from monitor.timing import now
from tests.flows.site import ATTACK, QUIET, Site


def test_the_dearest_rules_are_those_that_articles_are_judged_by_and_are_kept_for_a_while(site: Site) -> None:
    rules, costs, moment = load_rules(site.folder / "rules.yaml", defaults={"notify": []}), Costs(), now()
    site.put("quiet.json", QUIET)
    site.rasid("run", "--once")
    with Store.open(site.database, now=moment) as store:
        assert costs.dearest(rules, store, moment) == {}

    site.put("attack.json", ATTACK)
    site.rasid("run", "--once")
    with Store.open(site.database, now=moment) as store:
        found = costs.dearest(rules, store, moment + timedelta(seconds=1))
        again = costs.dearest(rules, store, moment + timedelta(seconds=1) + EVERY / 2)
        anew = costs.dearest(rules, store, moment + timedelta(seconds=1) + EVERY)

    assert [rule for rule, seconds in found.items() if 0 < seconds < 1] == ["attack"]
    assert again is found
    assert anew is not found


def test_only_the_few_that_are_far_dearer_than_others_are_worth_a_word() -> None:
    assert dear({}) == {}
    assert dear({"ordinary": 0.0004, "slow": 0.0051}) == {"slow": 5.1}
    assert list(dear({"a": 0.02, "b": 0.04, "c": 0.03, "d": 0.01})) == ["b", "c", "a"]
