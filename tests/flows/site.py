"""A whole Rasid in a temporary folder: configuration, rules, a drop folder; run by its command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from monitor.cli import main

RULES = """
version: 1
rules:
  attack:
    title: هجوم في الأخبار
    severity: high
    match: {any: [هجوم, attack]}
    alert: {throttle: 2h}
    note: Call the desk.
  storm:
    title: Storms
    severity: low
    match: {all: [storm, coast], within: sentence}
    notify: []
"""

ATTACK = {"title": "Drone attack on a depot", "text": "A drone attack hit a depot at dawn.\n\nNobody was hurt."}
STORM = {"title": "Storm nears", "text": "A storm reached the coast on Monday."}
QUIET = {"title": "Prices steady", "text": "Bread prices did not move this week."}


@dataclass
class Site:
    """One installation. `sources` and `channels` are YAML mappings in flow style, by name."""

    folder: Path
    channels: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=lambda: {"wire": "{folder: drop, settle: 50ms}"})
    rules: str = RULES
    rules_path: str = "rules.yaml"
    extra: str = ""

    def __post_init__(self) -> None:
        self.drop.mkdir()
        self.write()

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    @property
    def config(self) -> Path:
        return self.folder / "monitor.yaml"

    @property
    def database(self) -> Path:
        return self.folder / "rasid.db"

    def write(self) -> None:
        """Write configuration and rules as they are now."""
        lines = [
            "version: 1",
            "database: rasid.db",
            f"rules: [{self.rules_path}]",
            "fetch: {private_networks: [127.0.0.0/8]}",
        ]
        lines += ["sources:", *(f"  {name}: {options}" for name, options in self.sources.items())]
        if self.channels:
            lines += [f"defaults: {{notify: [{', '.join(self.channels)}]}}", "channels:"]
            lines += [f"  {name}: {options}" for name, options in self.channels.items()]
        else:
            lines += ["defaults: {notify: []}"]
        self.config.write_text("\n".join([*lines, self.extra]) + "\n", encoding="utf-8")
        (self.folder / "rules.yaml").write_text(self.rules, encoding="utf-8")

    def put(self, name: str, *articles: dict[str, Any]) -> Path:
        """Drop a JSON file of articles."""
        path = self.drop / name
        path.write_text(json.dumps(list(articles), ensure_ascii=False), encoding="utf-8")
        return path

    def rasid(self, *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Result:
        """Run the command in this process."""
        runner = CliRunner(env={"RASID_CONFIG": None, **(env or {})})
        return runner.invoke(main, ["--config", str(self.config), *arguments], input=stdin, prog_name="rasid")

    def json(self, *arguments: str) -> Any:
        """What a command prints with --json."""
        result = self.rasid(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a process of its own."""
        command = [sys.executable, "-m", "monitor", "--config", str(self.config), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ), check=False)
