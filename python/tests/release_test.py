"""Releases, keys and errors as Python has them; the command line behind the package."""
import os
import pathlib
import pickle
import stat
import subprocess
import sys
import unittest

import numpy
import scrim

from support import ALPHAS, ReleaseTest, parts_of


class Releases(ReleaseTest):
    def test_are_read_as_they_were_written(self):
        release = scrim.Release.open(self.release.folder)
        self.assertEqual(release.id, self.release.id)
        self.assertEqual(release.manifest.alphas, ALPHAS)
        self.assertEqual(release.manifest.split_point, "x")
        self.assertEqual(release.head.read_text(encoding="utf-8"), "head")
        self.assertEqual(numpy.reshape(release.noise.scale, (3, 32)).sum(), 96)
        self.assertIn(release.id[:12], repr(release))

    def test_cannot_be_changed(self):
        self.release.noise.scale = []
        self.assertEqual(len(self.release.noise.scale), 3)
        with self.assertRaises(AttributeError):
            self.release.id = "0"

    def test_are_tables_in_a_notebook(self):
        html = self.release._repr_html_()
        self.assertIn("<td>0.95</td><td>0.0370</td><td>1.18</td>", html)
        parts = parts_of(self.folder)
        manifest = parts.manifest
        manifest.split_point = "<b>"
        parts.manifest = manifest
        escaped = scrim.Release.write(self.folder / "bold.scrim", parts)._repr_html_()
        self.assertNotIn("<b>", escaped)

    def test_errors_are_exceptions_by_cause(self):
        error = self.assert_error(scrim.NotFound, "nowhere",
                                  lambda: scrim.Release.open(self.folder / "nowhere"))
        self.assertIsInstance(error, LookupError)
        self.assertEqual((error.code, error.exit_code), ("not_found", 3))
        broken = scrim.Release.write(self.folder / "broken.scrim", parts_of(self.folder))
        (broken.folder / "client/head.pt").write_text("another", encoding="utf-8")
        error = self.assert_error(scrim.Corrupt, "head.pt",
                                  lambda: scrim.Release.open(broken.folder))
        self.assertEqual((error.code, error.exit_code), ("corrupt", 4))
        self.assertIsInstance(error, scrim.Error)
        for kind, code in ((scrim.InvalidArgument, 2), (scrim.Unsupported, 5),
                           (scrim.Unavailable, 6), (scrim.Refused, 7), (scrim.Error, 70)):
            self.assertEqual(kind("x").exit_code, code)


class Keys(ReleaseTest):
    def test_are_files_of_the_owner_alone(self):
        path = self.folder / "own.key"
        key = scrim.Key.create(path)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(scrim.Key.load(str(path)).fingerprint(), key.fingerprint())
        self.assert_error(scrim.InvalidArgument, "own.key", lambda: scrim.Key.create(path))
        path.chmod(0o644)
        self.assert_error(scrim.Refused, "own.key", lambda: scrim.Key.load(path))

    def test_are_rotated(self):
        path = self.folder / "rotated.key"
        old = scrim.Key.create(path)
        new = scrim.Key.rotate(path, "keep")
        self.assertNotEqual(new.fingerprint(), old.fingerprint())
        self.assertTrue(path.with_name(f"rotated.key.{old.fingerprint()}").exists())
        self.assert_error(scrim.InvalidArgument, "'destroy'",
                          lambda: scrim.Key.rotate(path, "burn"))

    def test_are_not_shown(self):
        key = scrim.Key.from_bytes(b"k" * 32)
        self.assertEqual(repr(key), f"<scrim.Key {key.fingerprint()}>")
        self.assertFalse(hasattr(key, "bytes"))
        with self.assertRaises(TypeError):
            pickle.dumps(key)
        self.assert_error(scrim.InvalidArgument, "32 bytes, got 3",
                          lambda: scrim.Key.from_bytes(b"abc"))


class CommandLine(unittest.TestCase):
    def run_module(self, path, *words):
        environment = {**os.environ, "PATH": path}
        return subprocess.run([sys.executable, "-m", "scrim", *words], capture_output=True,
                              text=True, check=False, env=environment)

    def test_is_one_sentence_where_there_is_none(self):
        done = self.run_module("/nowhere", "--version")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertIn("PATH", done.stderr)

    @unittest.skipUnless(os.environ.get("SCRIM"), "SCRIM names no program")
    def test_is_the_one_on_the_path(self):
        folder = str(pathlib.Path(os.environ["SCRIM"]).parent)
        done = self.run_module(folder, "--version")
        self.assertEqual(done.returncode, 0)
        self.assertIn(scrim.__version__, done.stdout)
        self.assertEqual(self.run_module(folder, "nonsense").returncode, 2)


if __name__ == "__main__":
    unittest.main()
