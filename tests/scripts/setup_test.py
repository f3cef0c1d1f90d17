"""Setup installs what is missing, once, and says so when it may not."""
import os
import pathlib
import subprocess
import tempfile
import unittest

SETUP = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "setup"


class Setup(unittest.TestCase):
    def run_setup(self, installed, user_id):
        """Runs a copy with stand-ins for the system's tools; returns the result and apt's calls."""
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            (root / "scripts").mkdir()
            (root / "scripts/setup").write_text(SETUP.read_text())
            (root / "scripts/packages.txt").write_text("alpha-dev\nbeta\n")
            stand_ins = root / "bin"
            stand_ins.mkdir()
            for tool, body in {
                "dpkg-query": f'[[ " {installed} " == *" ${{@: -1}} "* ]] && printf installed',
                "id": f"echo {user_id}",
                "apt-get": f'echo "$*" >> {root}/calls',
            }.items():
                (stand_ins / tool).write_text(f"#!/bin/bash\n{body}\n")
                (stand_ins / tool).chmod(0o755)
            for tool in ("bash", "dirname", "env"):
                (stand_ins / tool).symlink_to(f"/usr/bin/{tool}")
            result = subprocess.run(["/bin/bash", root / "scripts/setup"],
                                    capture_output=True, text=True, check=False,
                                    env={**os.environ, "PATH": str(stand_ins)})
            calls = root / "calls"
            return result, calls.read_text() if calls.exists() else ""

    def test_does_nothing_when_all_is_there(self):
        result, calls = self.run_setup("alpha-dev beta", 1000)
        self.assertEqual((result.returncode, result.stdout, calls), (0, "", ""))

    def test_updates_then_installs_what_is_missing(self):
        result, calls = self.run_setup("beta", 0)
        self.assertEqual(result.returncode, 0, result.stderr)
        update, install = calls.splitlines()
        self.assertTrue(update.endswith("update"))
        self.assertTrue(install.endswith("alpha-dev"))

    def test_says_what_to_run_without_the_right_to(self):
        result, calls = self.run_setup("beta", 1000)
        self.assertEqual((result.returncode, calls), (1, ""))
        self.assertIn("needs root to run: apt-get install alpha-dev", result.stderr)


if __name__ == "__main__":
    unittest.main()
