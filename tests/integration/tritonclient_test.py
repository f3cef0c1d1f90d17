"""NVIDIA's Python client against `scrim-server`: the tech report's scenario 3, clean and noisy.

The client comes from PyPI into a virtual environment of the build folder, once.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import venv

from server_program import Server, make_models

ENVIRONMENT = pathlib.Path(os.environ.get("CLIENT_ENVIRONMENT", "tritonclient"))
PACKAGES = ["tritonclient[http]", "numpy"]
SCENARIO = pathlib.Path(__file__).with_name("tritonclient_scenario.py")


def client_python():
    """The interpreter of the environment; skips the test where PyPI cannot be reached."""
    python = ENVIRONMENT / "bin/python"
    ready = ENVIRONMENT / "ready"
    if not ready.exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        done = subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise unittest.SkipTest(f"tritonclient cannot be installed: {done.stderr[-300:]}")
        ready.touch()
    return python


class TritonclientTest(unittest.TestCase):
    def test_scenario_three(self):
        python = client_python()
        with tempfile.TemporaryDirectory(prefix="scrim-models-") as models:
            make_models(models)
            flags = [f"--model-store={models}", "--model-control-mode=poll",
                     "--repository-poll-secs=5"]
            with Server(*flags) as server:
                done = subprocess.run([python, SCENARIO, f"127.0.0.1:{server.ports['http']}"],
                                      capture_output=True, text=True, timeout=300, check=False)
        print(done.stdout, end="")
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
