"""Make the pictures of screens in the documentation anew: what commands print in a folder of sample articles.

    python -m tests.screens

Everything shown was printed by a real run. Needs `chromium`, DejaVu Sans Mono and a font with Arabic letters. Look at
them before they are committed.
"""

from __future__ import annotations

import html
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.conftest import ROOT
from tests.pictures import FOLDER, shoot

COLUMNS = 116
LINE, LETTER = 19, 8.43
"""Pixels of a line, and of a letter of 14 pixels."""

PATIENCE_S = 60

CONFIGURATION = """\
version: 1
timezone: Asia/Baghdad
database: ../rasid.db
rules: [../rules]
sources:
  wire: {folder: ../drop, settle: 50ms}
channels:
  desk: {kind: file, path: ../alerts.ndjson}
"""
EXERCISE = """\
مناورة في الأنبار

تشهد قاعدة عين الأسد هذا الأسبوع مناورة تحاكي صد هجوم بالمسيّرات. وقال متحدث إن الجنود تدربوا ليلا.
"""
FORM = """\
<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 14px 18px; background: #16191d; color: #d6d9dc }}
pre {{ margin: 0; font: 14px/{line}px "DejaVu Sans Mono", "Noto Naskh Arabic", "Noto Sans Arabic", monospace }}
</style><pre dir="ltr"><b>$ rasid {command}</b>
{body}</pre>
"""
"""A screen as a page: each line runs from the left, with Arabic inside it from the right, as terminals do it."""


class Desk:
    """A folder with the rule of the quickstart, in which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rules = folder / "rules" / "bases.yaml"
        for name in ("config", "rules", "drop"):
            (folder / name).mkdir()
        (folder / "config" / "monitor.yaml").write_text(CONFIGURATION, encoding="utf-8")
        page = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
        (self.rule,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
        self.rules.write_text(self.rule, encoding="utf-8")
        for seed in sorted((ROOT / "seeds" / "folder").iterdir()):
            shutil.copy(seed, folder / "drop")
        home = {"XDG_STATE_HOME": str(folder), "XDG_CACHE_HOME": str(folder), "COLUMNS": str(COLUMNS)}
        self.environment = {**os.environ, **home, "FORCE_COLOR": "1", "TERM": "xterm-256color"}

    def run(self, *arguments: str) -> str:
        """What a command prints, on both streams."""
        command = [sys.executable, "-m", "monitor", *arguments]
        path = {**self.environment, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=self.folder, env=path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        return done.stdout.decode()


def page(command: str, printed: str) -> tuple[bytes, str]:
    """A screen as HTML, and the size of its picture."""
    lines = Text.from_ansi(printed.rstrip("\n"))
    lines.no_wrap = True
    console = Console(
        record=True, width=COLUMNS * 2, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(lines, soft_wrap=True)
    body = console.export_html(inline_styles=True, code_format="{code}").rstrip("\n")
    rows = printed.rstrip("\n").split("\n")
    width = max(len(Text.from_ansi(row).plain) for row in [*rows, command + "xxxxxxxx"])
    size = f"{int(width * LETTER) + 44},{(len(rows) + 1) * LINE + 34}"
    return FORM.format(line=LINE, command=html.escape(command), body=body).encode(), size


def screens(desk: Desk) -> dict[str, tuple[str, str]]:
    """Each picture's name with its command and what that printed."""
    desk.run("run", "--once")
    found = {}

    def take(name: str, *arguments: str) -> None:
        found[name] = (" ".join(arguments), desk.run(*arguments))

    (desk.folder / "exercise.txt").write_text(EXERCISE, encoding="utf-8")
    take("explain", "explain", "exercise.txt", "base-attacked")
    draft = desk.rule.replace(
        "            - Ain al-Asad\n", "            - Ain al-Asad\n            - Camp Buehring\n"
    )
    (desk.folder / "draft.yaml").write_text(draft, encoding="utf-8")
    take("backtest", "backtest", "draft.yaml", "--samples", "1")
    desk.rules.write_text(
        desk.rule.replace("- shelling", "- $shellng")
        .replace("within: sentence", "within: sentance")
        .replace("- مناورة", "- مناورة، تدريب")
        .replace("[desk]", "[dsk]"),
        encoding="utf-8",
    )
    take("check", "check")
    desk.rules.write_text(desk.rule, encoding="utf-8")
    daemon = subprocess.Popen(
        [sys.executable, "-m", "monitor", "run"],
        cwd=desk.folder,
        env={**desk.environment, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + PATIENCE_S
        while "yes, process" not in desk.run("status") and time.monotonic() < end:
            time.sleep(1)
        desk.rules.write_text(desk.rule.replace("- shelling", "- $shellng"), encoding="utf-8")
        while "not taken" not in desk.run("status") and time.monotonic() < end:
            time.sleep(1)
        take("status", "status")
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)
    return found


def main() -> int:
    """The command."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("there is no chromium here; on Debian: apt install chromium fonts-noto-core", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="news-") as folder:
        for name, (command, printed) in screens(Desk(Path(folder))).items():
            shown, size = page(command, printed.replace(f"{folder}/", ""))
            shoot(chromium, shown, FOLDER / f"screen-{name}.png", size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
