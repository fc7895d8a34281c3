"""`rasid explain` (also `why`): why an article was told, and why not, from the store and from the rules."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from monitor import timing
from monitor.alerting.excerpt import excerpt
from monitor.cli import _screen, _tree
from monitor.cli._app import App, pass_app
from monitor.cli._in_use import rules as in_use
from monitor.cli._words import Obstacle, missing, outcome, repeats, told
from monitor.config import Config
from monitor.config.page import nearest
from monitor.errors import MonitorError, RuleError, SourceError
from monitor.model import Article, Group, Match, RuleCard, Span
from monitor.rules.engine import Ruleset
from monitor.rules.explain import Explanation
from monitor.sources import read_file
from monitor.sources.parser import Parser
from monitor.store import AlertAlone, CodeHistory, History, Store

_CODE = re.compile(r"[A-Za-z0-9]{4}")
MOST_ARTICLES = 10


@click.command()
@click.argument("what", metavar="ARTICLE|ALERT|FILE|CODE")
@click.argument("rule", required=False)
@pass_app
def command(app: App, what: str, rule: str | None) -> None:
    """Say why an article was told, or why not.

    ARTICLE is an id or the beginning of one, ALERT that of an alert or of a delivery, FILE a file that was dropped
    (or any other: it is then only tried), CODE the four characters of an alert. With RULE, say what of the rule holds
    on the article and what does not.

    Example: rasid explain page.txt base-attacked
    """
    config = app.config_in_use()
    Explaining(app, config, rule).explain(what)


class Explaining:
    """One question, with what answering it needs."""

    def __init__(self, app: App, config: Config, rule: str | None) -> None:
        self.app = app
        self.config = config
        self.rule = rule
        self.now = timing.now()
        self._ruleset: Ruleset | None = None

    def explain(self, what: str) -> None:
        """Answer on the screen. Raises MonitorError when `what` names nothing."""
        path = Path(what)
        try:
            body = path.read_bytes() if path.is_file() else None
        except OSError as error:
            raise MonitorError(f"{what}: {error.strerror}") from error
        if not self.config.database.exists():
            if body is None:
                raise MonitorError(f"there is no database at {self.config.database} yet; type: rasid run --once")
            self.tried(path, body)
            return
        with self.app.store(self.config) as store:
            if body is not None:
                self.file(store, path, body)
                return
            code = store.by_code(what) if _CODE.fullmatch(what) else None
            if code is not None:
                self.code(store, code)
                return
            alert = store.by_alert(what)
            if alert is not None:
                self.alert(store, alert)
                return
            history = store.history(what)
            if history is None:
                raise MonitorError(f"{what!r} is no article, no alert, no file and no code known here")
            self.article(store, history)

    def clock(self, moment: datetime | None) -> str:
        """A time for a person."""
        return _screen.clock(moment, self.config.timezone, self.now)

    @property
    def zone(self) -> str:
        """The configured timezone's short name."""
        return self.config.timezone.key.rpartition("/")[2].replace("_", " ")

    def rules(self) -> Ruleset:
        """The rules as Rasid runs them. Raises RuleError."""
        if self._ruleset is None:
            self._ruleset = in_use(self.app, self.config)
        return self._ruleset

    def file(self, store: Store, path: Path, body: bytes) -> None:
        """A file: what became of it when it was dropped, or what the rules say of it."""
        taken = store.files_with(hashlib.sha256(body).hexdigest())
        articles = dict.fromkeys(article for file in taken for article in file.articles)
        for file in taken:
            if file.reason:
                when = self.clock(file.last_taken)
                self.app.say(f"{path}: taken by {file.source} at {when} and not understood: {file.reason}")
        if not taken:
            self.tried(path, body)
        self.articles(store, list(articles))

    def tried(self, path: Path, body: bytes) -> None:
        """A file that was never dropped: what the rules say of it."""
        with Parser() as parser:
            try:
                articles = read_file(path.name, body, source="", parser=parser, now=self.now)
            except SourceError as error:
                raise MonitorError(f"{path}: {error.reason}") from error
        self.app.say(f"{path} was never taken by a source; this is what the rules say of it now.")
        for article in articles:
            self.app.say()
            self.headline(article, article.publisher)
            matches = self.rules().match(article)
            for match in matches if self.rule is None else ():
                self.evidence(article, match)
            self.why_not(article, {match.rule for match in matches}, hint=False)

    def alert(self, store: Store, alert: AlertAlone) -> None:
        """An alert: what came of it, then its articles, or those that a digest tells."""
        self.app.say(_screen.plain(alert.headline) or "(no headline)")
        shown = alert.history.alert
        self.app.say(f"  alert {shown.id}, {shown.severity.word}, by {', '.join(shown.rules)}")
        for line in told(alert.history, self.clock, self.obstacle(store)):
            self.app.say(f"  {line}")
        if alert.members:
            self.app.say(f"  It tells {_screen.count(len(alert.members), 'alert')} together:")
        for member, headline in alert.members:
            self.app.say(f"    {member.alert.code}  {_screen.plain(headline)}")
        self.articles(store, list(dict.fromkeys(match.article_id for match in shown.matches)))

    def obstacle(self, store: Store) -> Obstacle:
        """What says why nothing can be sent on a channel: it is off, gone, or fails as a whole."""
        closed = {name: one for name, one in store.health().items() if one.closed_until}

        def why(channel: str) -> str:
            if (gone := missing(self.config, channel)) or channel not in closed:
                return gone
            until = self.clock(closed[channel].closed_until)
            return f"the channel takes no messages ({closed[channel].reason}), tried again at {until}"

        return why

    def code(self, store: Store, code: CodeHistory) -> None:
        """A code: its groups, then every article in them."""
        self.app.say(f"{code.code}  {code.group_key}")
        for group in code.groups:
            self.app.say(f"  {self.group(group)}")
        named = [match.article_id for history in code.alerts for match in history.alert.matches]
        named += [match.article_id for group in code.groups for match in group.pending]
        self.articles(store, list(dict.fromkeys(named)))

    def group(self, group: Group) -> str:
        """Where a group stands."""
        told = f"told at {self.clock(group.last_told)}" if group.last_told else "not told yet"
        if group.sequence > 1:
            told += f" ({group.sequence} alerts)"
        quiet = group.quiet_until and group.quiet_until > self.now
        rest = f", quiet until {self.clock(group.quiet_until)}" if quiet else ""
        waiting = f", {_screen.count(len(group.pending), 'match', 'matches')} waiting" if group.pending else ""
        return f"on {group.channel}: {told}{rest}{waiting}"

    def articles(self, store: Store, ids: Sequence[str]) -> None:
        """Articles, one below the other."""
        for article_id in ids[:MOST_ARTICLES]:
            history = store.history(article_id)
            if history is not None:
                self.app.say()
                self.article(store, history, hint=len(ids) == 1)
        if len(ids) > MOST_ARTICLES:
            self.app.say(f"\n… and {len(ids) - MOST_ARTICLES} more articles: rasid matches")

    def article(self, store: Store, history: History, *, hint: bool = True) -> None:
        """One article: its rules, its evidence, and what became of them."""
        versions = {article.version: article for article in history.versions}
        newest = history.versions[-1] if history.versions else None
        about = [history.article_id, history.source, f"seen {self.clock(history.first_seen)} ({self.zone})"]
        if newest is not None and newest.version > 1:
            about.append(f"version {newest.version}, changed {self.clock(history.changed)}")
        if newest is None:
            self.app.say(f"{' · '.join(about)}\n  its text is no longer kept")
            for row in store.matches(article_id=history.article_id, limit=1):
                self.app.say("".join(f"\n  {row[name]}" for name in ("title", "url", "excerpt") if row[name])[1:])
        else:
            self.headline(newest, *about, newest.publisher)  # last: an Arabic name would rearrange what follows it
        if history.story_id:
            size = _screen.count(len(history.story_articles) + 1, "article")
            self.app.say(f"  in story {history.story_id[:9]} ({size}): {history.story_reason}")
        groups, obstacle = _groups(store, history), self.obstacle(store)
        for matched in history.matches:
            version = versions.get(matched.match.version)
            if version is None:
                self.app.say(f"{matched.match.rule} {matched.match.severity.word}")
            else:
                self.evidence(version, matched.match)
            spread = self.spread_of(matched.match.rule)
            for line in outcome(matched, groups, self.clock, obstacle, spread=spread):
                self.app.say(f"  {line}")
        for line in repeats(history, self.clock):
            self.app.say(line)
        if newest is not None:
            self.why_not(newest, {matched.match.rule for matched in history.matches}, hint=hint)

    def headline(self, article: Article, *about: str) -> None:
        """Headline, and on the next line what is known of the article."""
        self.app.say(_screen.plain(article.title) or "(no headline)")
        if any(about):
            self.app.say("  " + " · ".join(filter(None, about)))

    def evidence(self, article: Article, match: Match) -> None:
        """The rule, and the words it found with what stands around them."""
        entities = f" ({', '.join(match.entities)})" if match.entities else ""
        title = self.title_of(match.rule)
        self.app.say(f"{match.rule} {match.severity.word}{entities}{': ' + title if title else ''}")
        for field in ("title", "text"):
            ranges = _ranges(match.spans, field)
            if ranges:
                piece = excerpt(getattr(article, field), ranges)
                _screen.console().print("    ", _screen.marked(piece.text, piece.hits), sep="")

    def title_of(self, rule: str) -> str:
        """The title of a rule, "" for one that is gone or while the rules are broken."""
        card = self.card(rule)
        return card.title if card else ""

    def spread_of(self, rule: str) -> int:
        """How many new publishers end the quiet of a rule; 0 when none do."""
        card = self.card(rule)
        return card.alert.new_publishers if card else 0

    def card(self, rule: str) -> RuleCard | None:
        """What is known of a rule; None for one that is gone or while the rules are broken."""
        try:
            return self.rules().cards.get(rule)
        except RuleError:
            return None

    def why_not(self, article: Article, matched: set[str], *, hint: bool) -> None:
        """What the rule asked for lacked; without one, how to ask."""
        ruleset = self.rules()
        if self.rule is not None:
            if self.rule in ruleset.inactive:
                self.app.say(f"{self.rule} is not active: {ruleset.inactive[self.rule]}")
                return
            if self.rule not in ruleset.cards:
                raise MonitorError(f"there is no rule {self.rule!r}{nearest(self.rule, ruleset.cards)}")
            self.tree(article, ruleset.explain(article, self.rule))
            return
        others = sorted(ruleset.cards.keys() - matched)
        if not matched:
            self.app.say("No rule matched." if others else "There are no rules.")
        if others and hint:
            self.app.say(f"For what another rule lacked: rasid explain {article.id[:9]} {others[0]}")

    def tree(self, article: Article, explanation: Explanation) -> None:
        """A rule's clauses, each with what it found or lacked, then the sentences they are about."""
        self.app.say()
        for line in (*_tree.verdict(explanation), "", *_tree.tree(explanation), ""):
            self.app.say(line)
        field = ""
        for quote in _tree.quotes(explanation):
            if quote.field != field:
                field = quote.field
                self.app.say(f"  in the {_tree.FIELDS[field]}")
            piece = excerpt(quote.text, list(quote.ranges))
            _screen.console().print("    ", _screen.marked(piece.text, piece.hits), sep="")


def _ranges(spans: Sequence[Span], field: str) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans if span.field == field]


def _groups(store: Store, history: History) -> dict[tuple[str, str], Group]:
    wanted = {(state.channel, state.group_key) for matched in history.matches for state in matched.states}
    found = {}
    for channel in {channel for channel, _ in wanted}:
        keys = [key for where, key in wanted if where == channel and key]
        found.update({(channel, key): group for key, group in store.groups(channel, keys).items()})
    return found
