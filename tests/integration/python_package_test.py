"""The Python package: built into a wheel, installed in clean environments, and its tests there.

Without PyPI the test is skipped. The part that needs PyTorch takes the processor's build of it from
pytorch.org, kept in the user's cache, else the one of the system; without both it is skipped.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import venv

from client_environment import make_environment

ENVIRONMENT = pathlib.Path(os.environ.get("PYTHON_ENVIRONMENT", "python_package"))
SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD_TOOLS = ["scikit-build-core", "pybind11", "numpy"]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "scrim"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
SYSTEM_PYTHON = "/usr/bin/python3"
TORCH_TESTS = "torch*_test.py"
CORE_TESTS = "[!t]*_test.py"


def succeed(*words, **options):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False,
                          **options)
    if done.returncode != 0:
        raise AssertionError((done.stdout + done.stderr)[-6000:])
    return done.stdout + done.stderr


def run_tests(python, pattern):
    """The package's own tests by an interpreter that has the package; prints what was skipped."""
    out = succeed(python, "-m", "unittest", "discover", "-v", "-s", SOURCE / "python/tests",
                  "-p", pattern, timeout=900)
    print(out, flush=True)
    return int(re.search(r"Ran (\d+) tests?", out).group(1))


def torch_python():
    """An interpreter with PyTorch that the package can be installed for."""
    folder = CACHE / "python_torch"
    words = ["numpy", "--extra-index-url", TORCH_INDEX, "torch>=2,<3"]
    reachable = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--retries", "0", "--timeout",
         "5", "-d", ENVIRONMENT / "index", "--index-url", TORCH_INDEX, "typing-extensions"],
        capture_output=True, check=False).returncode == 0
    if (folder / "ready").exists() or reachable:
        return make_environment(folder, words, "PyTorch")
    done = subprocess.run([SYSTEM_PYTHON, "-c", "import torch"], capture_output=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest(f"no PyTorch: {TORCH_INDEX} cannot be reached, and {SYSTEM_PYTHON} "
                                "has none (apt-get install python3-torch)")
    folder = ENVIRONMENT / "system_torch"
    succeed(SYSTEM_PYTHON, "-m", "venv", "--system-site-packages", "--clear", folder)
    return folder / "bin/python"


class PythonPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.builder = make_environment(ENVIRONMENT / "builder", BUILD_TOOLS, "scikit-build-core")
        wheels = ENVIRONMENT / "wheels"
        shutil.rmtree(wheels, ignore_errors=True)
        succeed(cls.builder, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w",
                wheels, "-C", "cmake.define.SCRIM_WERROR=ON", SOURCE / "python")
        cls.wheel, = wheels.glob("scrim_inference-*.whl")

    def clean_environment(self, name):
        """A fresh environment with NumPy, then the wheel, without any network."""
        folder = ENVIRONMENT / name
        venv.create(folder, with_pip=True, clear=True)
        python = folder / "bin/python"
        try:
            succeed(python, "-m", "pip", "install", "-q", "numpy")
        except AssertionError as error:
            raise unittest.SkipTest(f"NumPy cannot be installed: {error}") from error
        succeed(python, "-m", "pip", "install", "-q", "--no-index", self.wheel)
        return python

    def test_the_wheel_works_in_a_clean_environment(self):
        python = self.clean_environment("clean")
        self.assertGreater(run_tests(python, CORE_TESTS), 25)

    def test_pip_installs_from_the_sources(self):
        succeed(self.builder, "-m", "pip", "install", "--no-deps", "--no-build-isolation",
                "--force-reinstall", SOURCE / "python")
        out = succeed(self.builder, "-c", "import scrim; print(scrim.__version__)", cwd="/")
        self.assertRegex(out, r"^\d+\.\d+\.\d+$")

    def test_the_wheel_links_no_tensor_library(self):
        python = self.clean_environment("linked")
        module = succeed(python, "-c", "import scrim._scrim as m; print(m.__file__)", cwd="/")
        libraries = succeed("ldd", module.strip())
        self.assertIn("libcurl", libraries)
        for name in ("torch", "opencv", "grpc", "protobuf"):
            self.assertNotIn(name, libraries)

    def test_with_pytorch(self):
        python = torch_python()
        succeed(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps",
                "--force-reinstall", self.wheel)
        self.assertGreater(run_tests(python, TORCH_TESTS), 5)
        (ENVIRONMENT / "interpreter").write_text(str(python), encoding="utf-8")  # for the documents


if __name__ == "__main__":
    unittest.main()
