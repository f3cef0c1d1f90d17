"""Runs the program `scrim` as a user does, in a folder of its own.

The environment names the program in SCRIM. Weights are those that come with the project.
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIM = os.environ.get("SCRIM", "")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = SOURCE / "share/faceboxes.safetensors"
LEARN_A_LITTLE = ["--views", "1", "--statistics-views", "8", "--window", "256",
                  "--adapt-steps", "2", "--tail-steps", "2"]


class Result:
    """What one run left: exit code, data, messages."""

    def __init__(self, done):
        self.code, self.out, self.log = done.returncode, done.stdout, done.stderr

    def complaint(self):
        """The one sentence on stderr that says why the run failed."""
        found = [line for line in self.log.splitlines() if line.startswith("scrim: ")]
        assert len(found) == 1, f"expected one sentence, got {self.log!r}"
        return found[0]


class ScrimTest(unittest.TestCase):
    """A test in a fresh folder, which is the current one and the home of the program."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="scrim-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if name != "XDG_CONFIG_HOME"}
        return {**kept, "HOME": str(self.folder)}

    def scrim(self, *words, **options):
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True,
                    "check": False, "cwd": self.folder, "env": self.environment(), **options}
        return Result(subprocess.run([SCRIM, *map(str, words)], **settings))

    def succeed(self, *words, **options):
        result = self.scrim(*words, **options)
        self.assertEqual(result.code, 0, f"scrim {words}: {result.log}")
        return result

    def refuse(self, code, part, *words, **options):
        """The command fails with `code` and one sentence that holds `part`; nothing is left."""
        before = self.listing()
        result = self.scrim(*words, **options)
        self.assertEqual(result.code, code, f"scrim {words}: {result.log}")
        self.assertIn(part, result.complaint())
        self.assertNotIn("terminate called", result.log)
        self.assertEqual(self.listing(), before, "something half-written was left")
        return result

    def listing(self):
        return {path: path.stat().st_size if path.is_file() else 0
                for path in self.folder.rglob("*")}


def needs_weights(test):
    return unittest.skipUnless(WEIGHTS.exists(), f"{WEIGHTS} is missing")(test)
