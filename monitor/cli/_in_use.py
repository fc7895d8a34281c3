"""What a command answers by: the configuration and the rules that Rasid runs, which a faulty file does not change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.cli._app import App, is_faulty
from monitor.config import Config
from monitor.daemon import Setback, goes_on, rules_in_use, try_start
from monitor.errors import ConfigError
from monitor.rules.engine import Ruleset


@dataclass(frozen=True)
class Reread:
    """Reads the configuration as a daemon does: as it is now, or an older text of it."""

    app: App

    @property
    def path(self) -> Path:
        """Where the configuration is."""
        return self.app.path

    def __call__(self, source: bytes | None = None) -> Config:
        """Read it, or a `source` in its place. Raises ConfigError, but not for rules that are not there."""
        config, problems = self.app.inspect(source)
        if config is None or is_faulty(config, problems):
            raise ConfigError(problems)
        return config


def rules(app: App, config: Config) -> Ruleset:
    """The rules that a start would run now: what is faulty as it was when it was good.

    What that is goes to stderr, and the command will end with exit 3. Raises RuleError when none were ever good.
    """
    found, held = rules_in_use(config, _kept(app, config))
    for one in held:
        app.say(goes_on(one, config.timezone), err=True)
    app.is_held_back = bool(held)
    return found


def start(app: App) -> tuple[Ruleset, tuple[Setback, ...]]:
    """The rules that a start would run now, and what would not be taken, the configuration among it.

    Raises ConfigError or RuleError when no start is possible.
    """
    return try_start(Reread(app), lambda config: _kept(app, config), os.environ)


def _kept(app: App, config: Config) -> Mapping[str, tuple[bytes, datetime]]:
    """The last good texts of rule files."""
    if not config.database.exists():
        return {}
    with app.store(config) as store:
        return store.last_good()
