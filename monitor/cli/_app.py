"""What every command starts from: where the configuration is, and how errors leave (exit codes, no secret in a line).

0 fine · 1 something failed · 2 usage · 3 configuration or rules invalid · 4 unreachable · 75 locked, try again
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from textwrap import indent
from typing import Any

import click

from monitor import timing
from monitor.cli import _screen
from monitor.config import Config, inspect_config, lastgood
from monitor.config.secrets import Hidden
from monitor.errors import ConfigError, Level, MonitorError, Problem, RuleError, StoreLocked
from monitor.store import Store

FAILED, INVALID, LOCKED = 1, 3, 75
DEFAULT = Path("config/monitor.yaml")


class App:
    """One run of the command line. `redact` hides the secrets of every configuration that was read.

    `is_held_back`: what was answered is not by the rules as they stand in the files, so the command ends with exit 3.
    """

    def __init__(self, config_path: Path | None) -> None:
        self.config_path = config_path
        self._hidden = Hidden()
        self.is_held_back = False
        logger = logging.getLogger()
        for old in [h for h in logger.handlers if isinstance(h, _Log)]:
            logger.removeHandler(old)
        logger.addHandler(_Log(self))

    def config(self) -> Config:
        """Read the configuration. Raises ConfigError; warnings are told by `check` alone."""
        config, problems = self.inspect()
        if config is None or any(problem.level is Level.ERROR for problem in problems):
            raise ConfigError(problems)
        return config

    def config_in_use(self) -> Config:
        """The configuration; where it is faulty, the last good one, by which a daemon goes on, with a word about it.

        For what must not wait until an edit is mended. Raises ConfigError.
        """
        try:
            return self.config()
        except ConfigError:
            config = self._last_good()
            if config is None:
                raise
            self.say(f"{self.path} is faulty, its last good text is used; what is wrong: rasid check", err=True)
            return config

    @property
    def path(self) -> Path:
        """Where the configuration is."""
        return self.config_path or DEFAULT

    def inspect(self, source: bytes | None = None) -> tuple[Config | None, tuple[Problem, ...]]:
        """What can be read of the configuration, and every problem of it. Raises ConfigError when there is none.

        `source` is read instead of what stands there.
        """
        if source is None and self.config_path is None and not self.path.exists():
            message = f"no configuration: there is no {DEFAULT} here; name one with --config PATH or RASID_CONFIG"
            raise ConfigError(message)
        config, problems = inspect_config(self.path, source=source)
        if config is not None:
            # Work begun under the configuration before may still speak.
            self._hidden = self._hidden.beside(config.secrets)
        return config, problems

    def inspect_running(self) -> tuple[Config | None, tuple[Problem, ...]]:
        """Like `inspect`; where it is faulty, the configuration that a daemon goes on with."""
        config, problems = self.inspect()
        if config is None or is_faulty(config, problems):
            config = self._last_good() or config
        return config, problems

    def _last_good(self) -> Config | None:
        """The configuration that a daemon goes on with while the present one is faulty; None when there is none."""
        kept = lastgood.kept(self.path, os.environ)
        config, problems = self.inspect(kept[0]) if kept is not None else (None, ())
        return None if config is None or is_faulty(config, problems) else config

    def redact(self, text: str) -> str:
        """Return `text` without any secret that was read."""
        return self._hidden.redact(text)

    def store(self, config: Config) -> Store:
        """Open the configured database for reading."""
        if not config.database.exists():
            raise MonitorError(f"there is no database at {config.database} yet; type: rasid run --once")
        return Store.open(config.database, now=timing.now())

    def say(self, text: str = "", *, err: bool = False) -> None:
        """Print a line without secrets and without anything a terminal would obey."""
        _screen.say(self.redact(text), err=err)

    def json(self, value: Any) -> None:
        """Print one JSON document on stdout, without secrets."""
        click.echo(self.redact(json.dumps(value, ensure_ascii=False, indent=2)))

    def json_list(self, values: Iterable[Any]) -> None:
        """Print a JSON document that is a list, each item as it comes, as `json` would print it whole."""
        before = "[\n"
        for value in values:
            one = indent(json.dumps(value, ensure_ascii=False, indent=2), "  ", lambda _: True)
            click.echo(self.redact(before + one), nl=False)
            before = ",\n"
        click.echo("[]" if before == "[\n" else "\n]")

    def problems(self, problems: tuple[Problem, ...]) -> None:
        """Print problems on stderr, one a line."""
        for problem in problems:
            self.say(str(problem), err=True)

    def leave(self, error: MonitorError) -> int:
        """Say an error on stderr and return its exit code."""
        self.say(str(error), err=True)
        if isinstance(error, ConfigError | RuleError):
            return INVALID
        return LOCKED if isinstance(error, StoreLocked) else FAILED


def is_faulty(config: Config, problems: Iterable[Problem]) -> bool:
    """Whether a daemon would not take the configuration: rules that are not there are not up to it."""
    return any(one.level is Level.ERROR and one not in config.absent for one in problems)


class _Log(logging.Handler):
    """Log lines on stderr, without secrets."""

    def __init__(self, app: App) -> None:
        super().__init__(logging.WARNING)
        self._app = app
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._app.say(self.format(record), err=True)


pass_app = click.make_pass_decorator(App)
