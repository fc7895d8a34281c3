"""yaml-language-server itself, asked over standard input and output as an editor asks it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Any, Self

PROGRAM = Path(__file__).parent / "node_modules" / ".bin" / "yaml-language-server"
LONGEST = 60.0
"""Seconds after which a server that says nothing is ended."""


class Server:
    """A running server; its answers are awaited one at a time."""

    def __init__(self, told: IO[bytes], heard: IO[bytes]) -> None:
        self._told = told
        self._heard = heard
        self._number = 0

    @classmethod
    @contextmanager
    def run(cls) -> Iterator[Self]:
        """Start it, with the checks that its users have on."""
        with subprocess.Popen([str(PROGRAM), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            timer = Timer(LONGEST, process.kill)
            timer.start()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                server = cls(process.stdin, process.stdout)
                server.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
                server.tell("initialized", {})
                yield server
            finally:
                timer.cancel()
                process.kill()

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Open a file that holds `text`; what is underlined."""
        uri = path.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self._message()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                return list(message["params"]["diagnostics"])

    def complete(self, path: Path, line: int, column: int) -> set[str]:
        """What it would complete at a place, counted from 0."""
        place = {"line": line, "character": column}
        found = self.ask("textDocument/completion", {"textDocument": {"uri": path.as_uri()}, "position": place})
        return {item["label"] for item in found["items"]}

    def hover(self, path: Path, line: int, column: int) -> str:
        """What it shows over a place, counted from 0."""
        place = {"line": line, "character": column}
        found = self.ask("textDocument/hover", {"textDocument": {"uri": path.as_uri()}, "position": place})
        return str(found["contents"]["value"])

    def ask(self, method: str, parameters: Any) -> Any:
        """Send a request and return its result."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": parameters})
        while True:
            message = self._message()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def tell(self, method: str, parameters: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._told.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._told.flush()

    def _message(self) -> dict[str, Any]:
        """The next message; what the server asks of an editor is answered with nothing."""
        length = 0
        while line := self._heard.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server ended"
        message: dict[str, Any] = json.loads(self._heard.read(length))
        if "id" in message and "method" in message:
            wanted = len(message["params"].get("items", [])) if message["method"] == "workspace/configuration" else 0
            self._send({"id": message["id"], "result": [None] * wanted or None})
        return message
