"""NVIDIA's Python client from PyPI, in a virtual environment of the build folder, made once."""
import fcntl
import os
import pathlib
import subprocess
import unittest
import venv

ENVIRONMENT = pathlib.Path(os.environ.get("CLIENT_ENVIRONMENT", "tritonclient"))
PACKAGES = ["tritonclient[http,grpc]", "numpy"]


def make_environment(folder, packages, name):
    """A virtual environment with the packages, made once; its interpreter. Skips the test, naming
    what it misses, where PyPI cannot be reached."""
    python = folder / "bin/python"
    ready = folder / "ready"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side
        if not ready.exists():
            venv.create(folder, with_pip=True, clear=True)
            done = subprocess.run([python, "-m", "pip", "install", "-q", *packages],
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise unittest.SkipTest(f"{name} cannot be installed: {done.stderr[-300:]}")
            ready.touch()
    return python


def client_python():
    """The interpreter that has NVIDIA's client."""
    return make_environment(ENVIRONMENT, PACKAGES, "tritonclient")


def run_client(script, *arguments):
    """Runs a script of this folder by the client's interpreter; its output, or a failure."""
    done = subprocess.run(
        [client_python(), pathlib.Path(__file__).with_name(script), *map(str, arguments)],
        capture_output=True, text=True, timeout=300, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        raise AssertionError(done.stdout[-3000:] + done.stderr[-3000:])
    return done.stdout
