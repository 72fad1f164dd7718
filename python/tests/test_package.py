"""The package as it lies in the repository."""

import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

import libregister

HERE = Path(__file__).resolve().parents[1]


class Package(unittest.TestCase):
    def test_what_is_generated_is_as_the_header_has_it(self):
        loader = importlib.machinery.SourceFileLoader("generate", str(HERE / "generate"))
        spec = importlib.util.spec_from_loader("generate", loader)
        generate = importlib.util.module_from_spec(spec)
        loader.exec_module(generate)
        self.assertEqual(generate.stale(), [], "run python/generate")

    def test_version_is_that_of_the_library(self):
        numbers = [
            re.search(r'^version = "(.*)"', (HERE / file).read_text(), re.M).group(1)
            for file in ("pyproject.toml", "../Cargo.toml")
        ]
        self.assertEqual(numbers, [libregister.library_version()] * 2)

    def test_without_the_library_the_import_says_what_to_do(self):
        done = subprocess.run(
            [sys.executable, "-c", "import libregister"],
            env={**os.environ, "LIBREGISTER": "/nowhere/libregister.so.1"},
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn("ImportError: /nowhere/libregister.so.1 cannot be loaded", done.stderr)
        self.assertIn("LIBREGISTER", done.stderr)

    def test_a_program_that_closes_nothing_ends(self):
        program = """
            import libregister, os
            libregister.set_trace(lambda *line: None, 7)
            context = libregister.Context()
            context.listen(address="127.0.0.1")
            if os.fork() == 0:
                try:
                    context.stats
                except libregister.Closed:
                    raise SystemExit(3)
            _, status = os.wait()
            print(os.waitstatus_to_exitcode(status))
        """
        command = [sys.executable, "-c", textwrap.dedent(program)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        self.assertEqual((done.stdout, done.returncode), ("3\n", 0), done.stderr)


if __name__ == "__main__":
    unittest.main()
