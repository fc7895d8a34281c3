"""A daemon in a process of its own, its log lines as they come, and the service manager's end of a notify socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tests.conftest import ROOT


def until(holds: Callable[[], object], seconds: float = 30, what: str = "") -> None:
    """Wait until something holds; fail when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited {seconds} s in vain {what}"
        time.sleep(0.02)


class Daemon:
    """`rasid run` on a configuration. `wound` names one of `tests/flows/wound.py`, given when `hurt()` is called;
    `dies` a place of `tests/flows/crash.py` at which it is killed, `clock` a file of `tests/flows/fasttime.py`."""

    def __init__(
        self,
        config: Path,
        *,
        wound: str = "",
        dies: str = "",
        clock: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.lines: list[str] = []
        self._flag = config.with_name("hurt.flag")
        self._flag.unlink(missing_ok=True)
        program = ["-m", "tests.flows.wound", wound, str(self._flag)] if wound else ["-m", "monitor"]
        program = ["-m", "tests.flows.crash", dies] if dies else program
        program = ["-m", "tests.flows.fasttime", str(clock)] if clock else program
        clean = {key: value for key, value in os.environ.items() if key not in ("NOTIFY_SOCKET", "WATCHDOG_USEC")}
        self.process = subprocess.Popen(
            [sys.executable, *program, "--config", str(config), "run", "--log-level", "info"],
            env={**clean, "PYTHONPATH": str(ROOT), **(environment or {})},
            cwd=config.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def __enter__(self) -> Daemon:
        try:
            self.wait_for("event=serving")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL, if it still runs, and wait for its end."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait for so many log lines that hold `text`."""
        until(
            lambda: sum(text in line for line in self.lines) >= times or self.process.poll() is not None,
            what=f"for {text!r} in {self.lines}",
        )
        assert sum(text in line for line in self.lines) >= times, self.lines

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def hurt(self) -> None:
        """Give the wound."""
        self._flag.touch()

    def end(self, seconds: float = 60) -> int:
        """The exit code, once it has ended."""
        code = self.process.wait(seconds)
        self._reader.join()
        return code

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM; the exit code."""
        self.send(signal.SIGTERM)
        return self.end(seconds)


class Manager:
    """The service manager's end: a datagram socket that remembers every notice, as a dictionary."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(0.1)
        self.notices: list[tuple[float, dict[str, str]]] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        self.environment = {"NOTIFY_SOCKET": address}

    def _read(self) -> None:
        while not self._ending.is_set():
            try:
                text = self._socket.recv(65536).decode()
            except TimeoutError:
                continue
            self.notices.append((time.monotonic(), dict(line.split("=", 1) for line in text.split("\n"))))

    def __enter__(self) -> Manager:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()
        self._socket.close()

    def said(self, name: str) -> list[float]:
        """When a variable was sent."""
        return [moment for moment, notice in list(self.notices) if name in notice]

    @property
    def order(self) -> list[str]:
        """The notices that change the state, in order."""
        states = ("READY", "RELOADING", "STOPPING")
        return [name for _, notice in list(self.notices) for name in notice if name in states]
