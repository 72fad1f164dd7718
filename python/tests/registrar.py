"""The program `registrar` of this repository on a port of 127.0.0.1 that the kernel chose."""

import os
import subprocess
import unittest
from pathlib import Path

TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or Path(__file__).parents[2] / "target")
PROGRAM = os.environ.get("REGISTRAR") or str(TARGET / "debug/registrar")


class Registrar:
    """Ends with the test. What it says of each request is in `lines`, once it has ended."""

    def __init__(self, test: unittest.TestCase, *arguments: str) -> None:
        command = [PROGRAM, "--until-eof", *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        test.addCleanup(self.end)
        self.uri = "sip:" + self._process.stdout.readline().split()[-1]

    def end(self) -> list[str]:
        """Ends it; each line that it has printed."""
        if self._process.stdin and not self._process.stdin.closed:
            rest, _ = self._process.communicate(timeout=10)
            self.lines = rest.splitlines()
        return self.lines
