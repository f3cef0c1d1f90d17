"""OpenVINO is fetched once, and a build goes on without it."""
import os
import pathlib
import subprocess
import tempfile
import unittest

SETUP = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "setup_openvino"

# In place of python3: makes an installer that fetches one file, or fails.
PYTHON = """#!/bin/bash
mkdir -p "$3/bin"
printf '#!/bin/bash\\n{pip}\\n' > "$3/bin/pip"
chmod +x "$3/bin/pip"
"""


class SetupOpenVino(unittest.TestCase):
    def run_setup(self, root, pip):
        stand_ins = root / "stand_ins"
        for folder in (root / "scripts", stand_ins):
            folder.mkdir(exist_ok=True)
        (root / "build").mkdir(exist_ok=True)
        (root / "scripts/setup_openvino").write_text(SETUP.read_text())
        (stand_ins / "python3").write_text(PYTHON.format(pip=pip))
        (stand_ins / "python3").chmod(0o755)
        environment = {**os.environ, "PATH": f"{stand_ins}:{os.environ['PATH']}"}
        return subprocess.run(["/bin/bash", root / "scripts/setup_openvino"], env=environment,
                              capture_output=True, text=True, check=False)

    def test_is_fetched_once(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            fetch = 'mkdir -p "$5" && touch "$5/fetched"'
            self.assertEqual(self.run_setup(root, fetch).returncode, 0)
            self.assertTrue((root / "build/openvino/fetched").exists())
            again = self.run_setup(root, "exit 1")
            self.assertEqual((again.returncode, again.stdout, again.stderr), (0, "", ""))

    def test_a_build_goes_on_without_it(self):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            result = self.run_setup(root, "exit 1")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("the server is built without it", result.stderr)
            self.assertEqual(list((root / "build/openvino").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
