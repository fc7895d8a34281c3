"""What is done about a rule's matches: severity, channels, timing. Merges defaults: built-in < configuration < file
< rule; mappings merge by key, lists and single values replace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar

from pydantic import BaseModel

from monitor.errors import did_you_mean
from monitor.model import AlertPolicy, Escalation, RuleCard, Severity, When
from monitor.rules.conditions import WhenSpec
from monitor.rules.faults import Faults, Path, one_of
from monitor.rules.filters import Filters, Wanted
from monitor.rules.schema import AlertSpec, DefaultsSpec, Filter, RuleSpec

M = TypeVar("M", bound=BaseModel)

_LANGUAGE = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def inherit(spec: RuleSpec, defaults: Sequence[DefaultsSpec]) -> DefaultsSpec:
    """A rule's own keys over the defaults, the strongest of which comes first."""
    merged: dict[str, Any] = {}
    for layer in (*reversed(defaults), spec):
        for name in DefaultsSpec.model_fields:
            own, below = getattr(layer, name), merged.get(name)
            if own is not None:
                merged[name] = _over(own, below) if isinstance(own, BaseModel) and below is not None else own
    return DefaultsSpec.model_construct(**merged)


def _over(own: M, below: M) -> M:
    return below.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def card(id: str, digest: str, spec: RuleSpec, merged: DefaultsSpec) -> RuleCard:
    """What telling needs to know of a rule."""
    alert = merged.alert or AlertSpec()
    simple = ("group_by", "group_wait", "group_interval", "throttle", "max_age", "corrections")
    given = {name: value for name in simple if (value := getattr(alert, name)) is not None}
    if alert.when is not None and (alert.when.silent or alert.when.spike):
        given.setdefault("group_by", ("rule",))  # one story is neither silent nor usual
    steps = tuple(
        Escalation(
            when=_when(step.when),
            to=None if step.to is None else Severity.from_word(step.to),
            notify=step.notify or (),
        )
        for step in alert.escalate or ()
        if step.when is not None
    )
    return RuleCard(
        id=id,
        hash=digest,
        title=spec.title,
        severity=Severity.from_word(merged.severity or "medium"),
        notify=merged.notify or (),
        alert=AlertPolicy(
            **given,
            new_publishers=(alert.unless and alert.unless.new_publishers) or 0,
            when=None if alert.when is None else _when(alert.when),
            escalate=steps,
        ),
        note=merged.note or "",
        owner=merged.owner or "",
        is_trial=merged.status == "trial",
    )


def _when(spec: WhenSpec) -> When:
    usual = When()
    return When(
        count=spec.count,
        publishers=spec.publishers,
        spike=spec.spike,
        silent=spec.silent,
        new_entity=spec.new is not None,
        over=spec.over or usual.over,
        baseline=spec.baseline or usual.baseline,
        least=spec.min or usual.least,
    )


def group_by(merged: DefaultsSpec) -> tuple[str, ...]:
    """The keys that a rule's matches are grouped by, as written."""
    alert = merged.alert or AlertSpec()
    return AlertPolicy().group_by if alert.group_by is None else alert.group_by


def filters(merged: DefaultsSpec, narrowings: Iterable[tuple[str, Wanted]], timezone: tzinfo) -> Filters:
    """The filters of a rule, those of its query's prefixes (`lang:ar`) included; days begin at midnight in
    `timezone`.
    """
    more: dict[str, tuple[Wanted, ...]] = {}
    for kind, wanted in narrowings:
        more[kind] = (*more.get(kind, ()), wanted)
    return Filters(
        _wanted(merged.sources) + more.get("sources", ()),
        _wanted(merged.languages, lower=True) + more.get("languages", ()),
        _wanted(merged.publishers, lower=True) + more.get("publishers", ()),
        _moment(merged.from_, timezone),
        _moment(merged.until, timezone),
    )


def _wanted(filter: Filter | None, *, lower: bool = False) -> tuple[Wanted, ...]:
    if filter is None:
        return ()
    some, every, nothing = (
        tuple(word.lower() if lower else word for word in words)
        for words in (filter.any or (), filter.all, filter.none)
    )
    return (Wanted(None if filter.any is None else some, every, nothing),)


def _moment(moment: datetime | None, timezone: tzinfo) -> datetime | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone)).astimezone(UTC)


def check_merged(merged: DefaultsSpec, path: Path, faults: Faults, channels: Collection[str] | None) -> None:
    """Faults that show only when all defaults are merged in."""
    alert = merged.alert
    if alert is not None and alert.unless is not None and not alert.throttle:
        faults.add((*path, "alert", "unless"), "'unless' lifts a throttle, and there is none: add throttle")
    if merged.from_ and merged.until and merged.from_.replace(tzinfo=None) >= merged.until.replace(tzinfo=None):
        faults.add((*path, "until"), "'until' is not after 'from': the rule never holds")
    if channels is None:
        return
    if merged.notify is None:
        faults.add(path, "nobody is told: write notify: [channel], or notify: [] to store only", at_key=True)
    steps = (alert and alert.escalate) or ()
    for where, names in ((("notify",), merged.notify), *((("alert", "escalate"), step.notify) for step in steps)):
        for channel in names or ():
            if channel not in channels:
                hint = one_of(channel, sorted(channels))
                faults.add((*path, *where), f"unknown channel {channel!r}{hint}", missing=f"channel {channel}")


def named(merged: DefaultsSpec, narrowings: Iterable[tuple[str, Wanted]]) -> tuple[set[str], set[str]]:
    """The channels and the sources (ids or tags) that a rule names."""
    steps = (merged.alert and merged.alert.escalate) or ()
    channels = {name for names in (merged.notify, *(step.notify for step in steps)) for name in names or ()}
    filters = (*_wanted(merged.sources), *(wanted for kind, wanted in narrowings if kind == "sources"))
    return channels, {name for one in filters for name in (*(one.any or ()), *one.all, *one.none)}


def check_groups(
    merged: DefaultsSpec,
    path: Path,
    faults: Faults,
    is_list: Callable[[str], bool],
    lists: Callable[[], Iterable[str]],
) -> None:
    """Faults of keys that group matches by what a list hit, when there is no such list. `lists` are all there are."""
    for key in group_by(merged):
        if key.startswith("$") and not is_list(key[1:]):
            hint = did_you_mean(key, [f"${id}" for id in lists()])
            where = (*path, "alert", "group_by")
            faults.add(where, f"group_by: there is no list {key!r}{hint}", missing=key[1:])


def check_filters(
    merged: DefaultsSpec,
    narrowings: Iterable[tuple[str, Wanted]],
    path: Path,
    faults: Faults,
    sources: Mapping[str, Collection[str]] | None,
) -> None:
    """Warn of filters that would fit nothing for ever: no configured source or tag, no code of a language."""
    known = {*(sources or ()), *(tag for tags in (sources or {}).values() for tag in tags)}
    own = [(kind, (kind,), wanted) for kind in ("sources", "languages") for wanted in _wanted(getattr(merged, kind))]
    for kind, where, wanted in (*own, *((kind, ("match", "query"), wanted) for kind, wanted in narrowings)):
        for name in dict.fromkeys((*(wanted.any or ()), *wanted.all, *wanted.none)):
            if kind == "sources" and sources is not None and name not in known:
                faults.warn((*path, *where), f"no source has the id or tag {name!r}{one_of(name, sorted(known))}")
            if kind == "languages" and not _LANGUAGE.fullmatch(name):
                faults.warn((*path, *where), f"{name!r} is no code of a language; write one such as ar, en or zh-tw")
