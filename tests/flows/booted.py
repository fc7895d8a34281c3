"""A systemd of the tests' own: process 1 of new namespaces, with an /etc, /run and /var of its own. The unit runs.

Needs root and a kernel that allows it; `allowed` says why not. Nothing outside the given folder is written.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from tests.conftest import ROOT
from tests.flows.daemon import until

SYSTEMD = Path("/lib/systemd/systemd")
TARGETS = ("sysinit", "basic", "shutdown", "network-online", "multi-user", "local-fs", "default")

_BOOT = """\
set -e
mount --make-rshared /  # a system that is booted has it so; credentials reach a service through it
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --bind {root}/var/lib /var/lib
mount --bind {root}/var/cache /var/cache
mount --bind {root}/etc/passwd /etc/passwd
mount --bind {root}/etc/group /etc/group
mount --bind {root}/srv /srv
exec env -i container=rasid PATH="$PATH" SYSTEMD_UNIT_PATH={root}/etc/systemd/system {systemd} --system \\
    --unit=default.target --log-target=console --log-level=info --show-status=no
"""

_DROP_IN = """\
# What this machine needs beyond the unit: the program lies where ProtectHome= or PrivateTmp= would hide it.
[Service]
ProtectHome=tmpfs
BindReadOnlyPaths={paths}
StandardError=append:{log}
RestartSec=200ms
WatchdogSec=6s
"""


def allowed() -> str:
    """Why no systemd can be booted here; "" when one can."""
    if os.geteuid():
        return "only root boots a systemd"
    if not SYSTEMD.exists() or shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return "systemd, unshare or nsenter is missing"
    tried = subprocess.run(
        [*_unshare(), "sh", "-c", "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    return f"this machine allows no namespaces: {tried.stderr.strip()}" if tried.returncode else ""


def _unshare() -> list[str]:
    return ["unshare", "--fork", "--kill-child", "--pid", "--mount-proc", "--mount", "--cgroup"]


class Booted:
    """A running systemd with `rasid.service`, installed by `rasid install-service` for the site in `root/srv`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log = root / "rasid.log"
        for folder in ("var/lib", "var/cache", "etc", "srv"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        for file in ("passwd", "group"):
            shutil.copy(f"/etc/{file}", root / "etc" / file)

    def install(self, config: str) -> None:
        """Write unit and user as the command does, then make the user as systemd does."""
        rasid = Path(sys.executable).with_name("rasid")
        written = ["--config", config, "install-service", "--write", "--root", str(self.root)]
        self._run(
            [
                *_unshare(),
                "sh",
                "-c",
                f"mount --bind {self.root}/srv /srv && exec {shlex.join([str(rasid), *written])}",
            ]
        )
        self._run(["systemd-sysusers", f"--root={self.root}", "rasid.conf"])
        self._run(["systemd-tmpfiles", f"--root={self.root}", "--create", "rasid.conf"])
        units = self.root / "etc/systemd/system"
        for target in TARGETS:
            wants = "Wants=rasid.service\n" if target == "default" else ""
            (units / f"{target}.target").write_text(f"[Unit]\nDefaultDependencies=no\n{wants}")
        (units / "rasid.service.d").mkdir()
        python = Path(sys.executable).resolve().parent.parent
        text = _DROP_IN.format(paths=f"{python} {ROOT}", log=self.log)
        (units / "rasid.service.d" / "machine.conf").write_text(text)

    def __enter__(self) -> Booted:
        script = self.root / "boot.sh"
        script.write_text(_BOOT.format(root=self.root, systemd=SYSTEMD))
        self._console = (self.root / "console.log").open("w")
        self._process = subprocess.Popen(
            [*_unshare(), "bash", str(script)], stdout=self._console, stderr=self._console
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()  # --kill-child: the whole namespace ends with it
        self._process.wait(30)
        self._console.close()

    def inside(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command where this systemd is process 1."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if not children:
            return subprocess.CompletedProcess(command, 1, "", "not booted")
        entered = ["nsenter", "--target", children[0], "--mount", "--pid", "--cgroup", *command]
        return subprocess.run(entered, capture_output=True, text=True, timeout=60)

    def show(self, name: str) -> str:
        """A property of the service, as `systemctl show` tells it."""
        return self.inside("systemctl", "show", "--value", f"--property={name}", "rasid.service").stdout.strip()

    def wait_until(self, name: str, value: str, seconds: float = 60) -> None:
        """Wait until a property has a value; what was said is shown when it never has."""
        until(lambda: self.show(name) == value, seconds, f"for {name}={value}\n{self.said()}")

    def said(self) -> str:
        """What systemd and the service wrote."""
        parts = [path.read_text(errors="replace") for path in (self.root / "console.log", self.log) if path.exists()]
        return "\n".join(parts)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
