"""The rules by which a command answers: those that Rasid runs, which a faulty file does not change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from monitor.cli._app import App
from monitor.config import Config
from monitor.daemon import goes_on, rules_in_use
from monitor.rules.engine import Ruleset


def rules(app: App, config: Config) -> Ruleset:
    """The rules that a start would run now: what is faulty as it was when it was good.

    What that is goes to stderr, and the command will end with exit 3. Raises RuleError when none were ever good.
    """
    kept: Mapping[str, tuple[bytes, datetime]] = {}
    if config.database.exists():
        with app.store(config) as store:
            kept = store.last_good()
    found, held = rules_in_use(config, kept)
    for one in held:
        app.say(goes_on(one, config.timezone), err=True)
    app.is_held_back = bool(held)
    return found
