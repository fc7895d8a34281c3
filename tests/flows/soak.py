"""Let a daemon live through compressed days among feeds and channels that fail, interrupt it, and hold all books
against each other in the end (`soakbooks.py`).

Time is made faster by `fasttime.py`; what happens is a plan in hours of the world.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.conftest import ROOT
from tests.flows.daemon import Daemon, until
from tests.flows.fasttime import Clock
from tests.flows.receiver import Receiver
from tests.flows.soakbooks import Account, Ledger, audit, from_letters, from_posts
from tests.flows.soakends import Answers, Letters, Sample, lines, sample, smtp, taken
from tests.flows.soakfarm import MOODS, Farm
from tests.flows.soakworld import CHANNELS, LATE, World, write_desk, write_rules
from tests.processes import children

BEGIN = datetime(2026, 11, 1, 5, tzinfo=UTC)
HERE = "there@example.org"
HOUR = timedelta(hours=1)
START_S = 300.0
"""How long a start may take: with thousands of rules that are not in the cache, on a busy machine."""

PAGE = """\
version: 1
timezone: Asia/Baghdad
database: rasid.db
rules: [rules]
fetch: {{private_networks: [127.0.0.0/8], timeout: 10s}}
ops: {{notify: [log]}}
keep: {{articles: 4d, matches: 12d}}
sources:
  wire: {{folder: drop, every: 20m, settle: 1m}}
{sources}
channels:
  hook: {{kind: webhook, url: "{hook}", retry: [1m, 10m], catch_up: each}}
  chat: {{kind: slack, url: "{chat}", retry: [1m, 10m], quiet: [{{hours: "13:00-14:00"}}]}}
  mail: {{kind: email, to: [there@example.org, gone@example.org], from: rasid@example.org, starttls: off,
    server: "smtp://127.0.0.1:{port}", retry: [1m, 10m], at_most: 20 per 1h}}
  log: {{kind: file, path: told/alerts.ndjson, retry: [1m, 10m]}}
"""


_OWN = re.compile(r' (source|file|since|repeated)=("[^"]*"|\S+)')
"""Fields of a line of the log by which one error differs from another of its kind."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How long and how much. `hours` are the world's; `kills` all fall into the first half."""

    hours: float
    speed: float = 500.0
    sources: int = 60
    rules: int = 300
    a_day: float = 2000.0
    every: str = "30m"
    longest_fault: float = 2.0
    rounds: int = 1
    """How often each channel fails, files are edited well and badly, an alert is silenced, the disk is full ..."""
    kills: int = 2
    seed: int = 1


@dataclass
class Soak:
    """One run in a folder."""

    folder: Path
    size: Size
    say: Callable[[str], None] = lambda line: None
    samples: list[Sample] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    hushes: list[tuple[datetime, datetime]] = field(default_factory=list)
    starts_s: list[float] = field(default_factory=list)
    stopped_s: float = 0.0
    errors: Counter[str] = field(default_factory=Counter)

    def run(self) -> Account:
        """Live through it all, then hold the books against each other."""
        self._dice = random.Random(self.size.seed)
        (self.folder / "drop").mkdir()
        (self.folder / "told").mkdir()
        self._answers = {"hook": Answers(), "chat": Answers()}
        self._letters = Letters()
        rules = write_rules(self.folder / "rules", self.size.rules)
        began = time.monotonic()
        with ExitStack() as stack:
            self._farm = stack.enter_context(Farm(self.size.sources))
            hook = stack.enter_context(Receiver(answers=self._answers["hook"]))
            chat = stack.enter_context(Receiver(answers=self._answers["chat"]))
            port = stack.enter_context(smtp(self._letters))
            sources = "\n".join(
                f'  s{n}: {{url: "{self._farm.url(n)}", since: all, every: {self.size.every}}}'
                for n in range(self.size.sources)
            )
            page = PAGE.format(sources=sources, hook=hook.url, chat=chat.url, port=port)
            (self.folder / "monitor.yaml").write_text(page, encoding="utf-8")
            self._clock_file = self.folder / "clock"
            self.clock = Clock.make(self._clock_file, BEGIN, self.size.speed)
            self.ledger = Ledger(self.folder / "rasid.db")
            self._live()
            got = {
                "hook": from_posts(*taken(hook, self._answers["hook"], lambda body, _: str(body["id"]))),
                "chat": from_posts(*taken(chat, self._answers["chat"], lambda _, head: head["webhook-id"])),
                "mail": from_letters(self._letters.taken),
                "log": from_posts(*lines(self.folder / "told" / "alerts.ndjson")),
            }
        recipients = {"hook": ("",), "chat": ("",), "mail": (HERE,), "log": ("",)}
        account = audit(self.world.book, rules, self.ledger, got, recipients, self.hushes, self.did["kill -9"])
        figures = {
            "ran": f"{(time.monotonic() - began) / 60:.1f} min for {self.size.hours:g} h, {self.size}",
            "faults": dict(self.did) | {f"answers: {mood}": n for mood, n in self._farm.asked.items()},
            "corrections published": self.world.edits,
            "errors in the log": dict(self.errors),
            "seconds to serving, each start": [round(one, 1) for one in self.starts_s],
            "seconds from SIGTERM to the end": round(self.stopped_s, 1),
            **account.figures,
            **self._growth(),
        }
        return Account(figures=figures, problems=(*account.problems, *self.problems))

    # --- its life ------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        self.world = World(
            self._farm, self.folder / "drop", self.size.rules, self.size.a_day, self._dice, self.clock.now
        )
        self._daemon = self._start()
        begin = self.clock.now()
        ends = begin + self.size.hours * HOUR
        plan = sorted(self._plan(), key=lambda step: step[0])
        moody: list[tuple[datetime, int]] = []
        sampled = begin
        try:
            while (now := self.clock.now()) < ends:
                self.world.catch_up()
                moody = self._change_moods(moody, now, ends - (self.size.longest_fault + 1) * HOUR)
                if plan and begin + plan[0][0] * HOUR <= now:
                    plan.pop(0)[1]()
                if (now := self.clock.now()) - sampled >= timedelta(hours=min(24.0, self.size.hours / 12)):
                    sampled = now
                    self._sample(now)
                if self._daemon.process.poll() is not None:
                    self.problems.append(f"the daemon ended by itself: {self._daemon.lines[-3:]}")
                    self._restart("after an end of its own")
                time.sleep(0.05)
            self._mend_all()
            self._sample(self.clock.now())
            self._settle()
            self.ledger.copy(self.clock.now())
            if (code := self._daemon.stop()) != 0:
                self.problems.append(f"SIGTERM: exit code {code}")
        finally:
            self._bury()

    def _start(self) -> Daemon:
        cache = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        begun = time.monotonic()
        daemon = Daemon(self.folder / "monitor.yaml", clock=self._clock_file, environment=cache)
        with self.clock.held():
            _await(daemon, "event=serving", 0)
        self.starts_s.append(time.monotonic() - begun)
        return daemon

    def _bury(self) -> None:
        """Kill what is left of a daemon, and note what its log says of errors."""
        self._daemon.kill()
        for line in self._daemon.lines:
            if "level=error" in line:
                self.errors[_OWN.sub("", line.partition("event=")[2])[:200]] += 1

    def _restart(self, why: str) -> None:
        self._bury()
        self.did[why] += 1
        time.sleep(
            self._dice.uniform(0.1, min(3.0, self.size.hours / 24)) * 3600 / self.size.speed
        )  # nobody was there
        self._daemon = self._start()

    # --- what happens --------------------------------------------------------------------------------------------

    def _plan(self) -> Iterator[tuple[float, Callable[[], None]]]:
        """What happens at which hour of the run. The kills end at half-time, so that memory can be watched after."""
        hours, rounds = self.size.hours, self.size.rounds
        down = min(6.0, hours / 8)
        for number in range(self.size.kills):
            yield hours * 0.45 * (number + 0.5) / self.size.kills, partial(self._restart, "kill -9")
        yield hours * 0.04, self._add_rule
        yield hours * 0.47, self._stop_and_start
        for number in range(rounds):
            begin, step = hours * 0.85 * number / rounds, hours * 0.85 / rounds
            for place, channel in enumerate(CHANNELS):
                at = begin + step * (0.1 + 0.2 * place)
                yield at, partial(self._fail, channel, number)
                yield at + down, partial(self._mend, channel)
            yield begin + step * 0.15, self._kill_worker
            yield begin + step * 0.2, self._edit_badly
            yield begin + step * 0.35, self._edit_well
            yield begin + step * 0.5, self._silence
            yield begin + step * 0.65, self._fill_disk
            yield begin + step * 0.65 + min(3.0, down), self._free_disk
        yield hours * 0.6, partial(self._jump, 2 * HOUR)
        yield hours * 0.8, partial(self._jump, -HOUR)

    def _change_moods(
        self, moody: list[tuple[datetime, int]], now: datetime, last: datetime
    ) -> list[tuple[datetime, int]]:
        """Let faults end, and others begin: about one source in twenty has one at any time."""
        for until_, number in moody:
            if until_ <= now:
                self._farm.feeds[number].mood = ""
        moody = [(until_, number) for until_, number in moody if until_ > now]
        while now < last and len(moody) < max(1, self.size.sources // 20):
            number = self._dice.randrange(self.size.sources)
            self._farm.feeds[number].mood = self._dice.choice(MOODS)
            moody.append((now + self._dice.uniform(0.2, self.size.longest_fault) * HOUR, number))
        return moody

    def _fail(self, channel: str, number: int) -> None:
        self.did[f"{channel} down"] += 1
        if channel in self._answers:
            self._answers[channel].status = (503, 429, 500)[number % 3]
        elif channel == "mail":
            self._letters.is_down = True
        else:
            (self.folder / "told").rename(self.folder / "told.away")

    def _mend(self, channel: str) -> None:
        if channel in self._answers:
            self._answers[channel].status = 200
        elif channel == "mail":
            self._letters.is_down = False
        elif (away := self.folder / "told.away").exists():
            away.rename(self.folder / "told")

    def _mend_all(self) -> None:
        """End every fault, also those whose end the plan has no more time for."""
        self.clock.free = 0
        for channel in CHANNELS:
            self._mend(channel)
        for feed in self._farm.feeds:
            feed.mood = ""

    def _hear(self, text: str, act: Callable[[], None]) -> None:
        """Do something, and wait until the log speaks of it; the clock waits with us, however slow the machine is."""
        before = len(self._daemon.lines)
        with self.clock.held():
            act()
            _await(self._daemon, text, before)

    def _hup(self) -> None:
        self._daemon.send(signal.SIGHUP)

    def _add_rule(self) -> None:
        write_desk(self.folder / "rules", LATE.text)
        self._hear("event=reloaded", self._hup)
        self.did["good edit, SIGHUP"] += 1
        self.world.knows_floods = True

    def _edit_badly(self) -> None:
        """A faulty file; nothing of it is taken, also not by a start, which follows at once."""
        write_desk(self.folder / "rules", LATE.text + "  broken: {title: b, match: {any: [$nothing]}}\n")
        self._hear("not taken, the last good goes on", self._hup)
        self.did["faulty edit, SIGHUP"] += 1
        if self.size.hours * 0.47 * HOUR > self.clock.now() - BEGIN:
            self._restart("kill -9")

    def _edit_well(self) -> None:
        """The same as before, found by the watch alone, beside a rule that nothing matches."""
        self.did["good edit, found by the watch"] += 1
        number = self.did["good edit, found by the watch"]
        more = f"  more{number}: {{title: m, notify: [], match: {{any: [nowhereatall]}}}}\n"
        self._hear("event=reloaded", lambda: write_desk(self.folder / "rules", LATE.text + more))

    def _silence(self) -> None:
        words = ["silence", "rule=hushed", "3h", "a soak"]
        program = [sys.executable, "-m", "tests.flows.fasttime", str(self._clock_file)]
        config = ["--config", str(self.folder / "monitor.yaml")]
        with self.clock.held():
            begin = self.clock.now()
            done = subprocess.run([*program, *config, *words], cwd=ROOT, capture_output=True, text=True, timeout=120)
        self.hushes.append((begin, begin + 3 * HOUR))
        self.did["silence"] += 1
        if done.returncode:
            self.problems.append(f"rasid silence: {done.stderr}")

    def _kill_worker(self) -> None:
        until(lambda: children(self._daemon.process.pid), START_S, "for a parser")  # a start begins without one
        for pid in children(self._daemon.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.did["parser killed"] += 1

    def _fill_disk(self) -> None:
        self.did["disk nearly full"] += 1
        self._hear("the disk is nearly full", lambda: setattr(self.clock, "free", 10**6))

    def _free_disk(self) -> None:
        self._hear("the disk has room again", lambda: setattr(self.clock, "free", 0))

    def _jump(self, span: timedelta) -> None:
        self.did["clock jump"] += 1
        self.clock.jump(span)

    def _stop_and_start(self) -> None:
        begun = time.monotonic()
        with self.clock.held():
            code = self._daemon.stop()
        self.stopped_s = time.monotonic() - begun
        if code:
            self.problems.append(f"SIGTERM: exit code {code} after {self.stopped_s:.1f} s")
        self._restart("SIGTERM")

    # --- what is measured ----------------------------------------------------------------------------------------

    def _sample(self, now: datetime) -> None:
        self.ledger.copy(now)
        try:
            one = sample(now, len(self.starts_s), self._daemon.process.pid, self.folder / "rasid.db")
        except OSError:
            return  # it has just ended
        self.samples.append(one)
        stored = self.ledger.one("SELECT count(*) FROM article")
        self.say(f"{one}, {stored} articles of {len(self.world.book)} published")

    def _growth(self) -> dict[str, object]:
        """Of the last life: from its second sample (the first is warm-up) to the last."""
        last = [one for one in self.samples if one.life == len(self.starts_s)]
        first, end = last[min(1, len(last) - 1)], last[-1]
        memory = f"{first.rss / 1e6:.1f} to {end.rss / 1e6:.1f} MB, {end.rss / first.rss - 1:+.1%}"
        return {
            "memory of the last life": f"{memory}, {first.at:%d %Hh} to {end.at:%d %Hh}",
            "processor, share of a core": f"{(end.cpu_s - first.cpu_s) / max(1.0, end.real_s - first.real_s):.0%}",
            "open files: first, last, most": (first.files, end.files, max(one.files for one in self.samples)),
            "threads: first, last, most": (first.threads, end.threads, max(one.threads for one in self.samples)),
            "WAL MB, most": round(max(one.wal for one in self.samples) / 1e6, 1),
            "database MB": round(end.database / 1e6, 1),
        }

    def _settle(self) -> None:
        """Wait until all that was published is stored and all that is to be told is told, at most two more days."""
        end = time.monotonic() + max(60.0, 36 * 3600 / self.size.speed)
        asked = (
            f"SELECT count(*) = {len(self.world.book)} FROM article",
            "SELECT count(*) = 0 FROM pending",
            "SELECT count(*) = 0 FROM delivery WHERE state IN ('pending', 'leased', 'held')",
        )
        while time.monotonic() < end:
            with suppress(sqlite3.Error):
                if all(self.ledger.one(query) for query in asked):
                    return
            time.sleep(0.2)


def _await(daemon: Daemon, text: str, after: int) -> None:
    """Wait until a line of the log after so many holds `text`, or the daemon has ended.

    In vain, it says how the log goes on and where every thread of the daemon stands.
    """
    try:
        until(
            lambda: any(text in line for line in daemon.lines[after:]) or daemon.process.poll() is not None,
            START_S,
            f"for {text!r}",
        )
    except AssertionError as error:
        logged = list(daemon.lines[after:])
        daemon.send(signal.SIGUSR2)
        time.sleep(2)
        stacks = daemon.lines[after + len(logged) :]
        raise AssertionError("\n".join([str(error), "logged meanwhile:", *logged[-50:], "now:", *stacks])) from None
