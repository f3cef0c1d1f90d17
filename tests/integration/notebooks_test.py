"""The notebooks: each is run from top to bottom, and is committed without what a run leaves.

The folder PROGRAMS has the programs, PYTHON_ENVIRONMENT the wheel that python_package_test built.
Without it or without PyPI the runs are skipped.
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from client_environment import make_environment

SOURCE = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((SOURCE / "notebooks").glob("*.ipynb"))
PROGRAMS = os.environ.get("PROGRAMS", "")
BUILT = pathlib.Path(os.environ.get("PYTHON_ENVIRONMENT", "python_package"))
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
PACKAGES = ["ipykernel==7.4.0", "matplotlib==3.11.2", "nbclient==0.11.0", "numpy==2.4.6",
            "tritonclient[http]==2.73.0"]
ENVIRONMENT = CACHE / "scrim/notebooks" / hashlib.sha256(repr(PACKAGES).encode()).hexdigest()[:16]
LIMIT_SECONDS = 180
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|tmp|usr|var|opt|work|mnt|Users)\b|\b[A-Z]:\\")

EXECUTE = """
import sys
import nbclient, nbformat
path, limit = sys.argv[1], int(sys.argv[2])
notebook = nbformat.read(path, as_version=4)
nbformat.validate(notebook)
nbclient.NotebookClient(notebook, timeout=limit, kernel_name="python3").execute()
nbformat.write(notebook, path)
"""


def kernel_environment(folder):
    """An interpreter with the kernel, and variables with which it has the programs and Scrim's
    package of this tree; skips the test where either is missing."""
    wheels = sorted((BUILT / "wheels").glob("scrim_inference-*.whl"))
    if not wheels:
        raise unittest.SkipTest(f"{BUILT} has no wheel: python_package_test builds it")
    python = make_environment(ENVIRONMENT, PACKAGES, "nbclient")
    package = folder / "package"  # beside the environment, which other trees use as well
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target",
                    package, wheels[-1]], check=True)
    return python, {**os.environ, "HOME": str(folder), "PYTHONPATH": str(package),
                    "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}


class Committed(unittest.TestCase):
    def test_there_are_three(self):
        self.assertEqual([path.name[0] for path in NOTEBOOKS], ["1", "2", "3"])

    def test_they_hold_nothing_of_a_run_or_a_machine(self):
        for path in NOTEBOOKS:
            text = path.read_text(encoding="utf-8")
            for cell in json.loads(text)["cells"]:
                source = "".join(cell["source"])
                self.assertIsNone(MACHINE_PATH.search(source), f"{path.name}: {source}")
                self.assertEqual(set(cell["metadata"]), set(), path.name)
                if cell["cell_type"] == "code":
                    self.assertEqual(cell["outputs"], [], path.name)
                    self.assertIsNone(cell["execution_count"], path.name)

    def test_lines_fit(self):
        for path in NOTEBOOKS:
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["cell_type"] == "code":
                    for line in "".join(cell["source"]).splitlines():
                        self.assertLessEqual(len(line), 100, f"{path.name}: {line}")


class Run(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="scrim-notebooks-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.python, cls.variables = kernel_environment(cls.folder)
        (cls.folder / "share").symlink_to(SOURCE / "share")

    def execute(self, number):
        """Runs a notebook in a copy of the folder of its own; all that its cells printed."""
        copy = self.folder / number
        copy.mkdir()
        for path in [*NOTEBOOKS, SOURCE / "notebooks/faces.py"]:
            shutil.copy(path, copy)
        path, = copy.glob(f"{number}_*.ipynb")
        begin = time.monotonic()
        done = subprocess.run([self.python, "-c", EXECUTE, path, str(LIMIT_SECONDS)], cwd=copy,
                              env=self.variables, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - begin
        print(f"{path.name}: {seconds:.0f} s", flush=True)
        self.assertEqual(done.returncode, 0, done.stderr[-6000:])
        self.assertLess(seconds, LIMIT_SECONDS)
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        self.assertTrue(any("image/png" in output.get("data", {}) for output in outputs))
        return "".join("".join(output.get("text", [])) for output in outputs)

    def boxes_of_the_command_line(self, copy):
        """Those of the clean network in the first picture that a notebook drew."""
        picture = min((copy / "drawn").rglob("*.jpg"))
        subprocess.run([f"{PROGRAMS}/scrim", "infer", picture, "--weights",
                        copy / "faces.scrim/evidence/adapted.safetensors", "--output",
                        copy / "clean_found"], check=True, capture_output=True)
        found = copy / f"clean_found/{picture.stem}.json"
        return [one["box"] for one in json.loads(found.read_text(encoding="utf-8"))["detections"]]

    def test_on_demand_inference(self):
        printed = self.execute("1")
        self.assertIn("bits of each element pass", printed)
        boxes = [[float(side) for side in line.split()]
                 for line in re.findall(r"^(?:-?[\d.]+ ?){4}$", printed, re.MULTILINE)]
        expected = self.boxes_of_the_command_line(self.folder / "1")
        self.assertEqual(len(boxes), len(expected))
        for box, other in zip(boxes, expected):
            for side, other_side in zip(box, other):
                self.assertAlmostEqual(side, other_side, delta=0.1)  # pixels

    def test_batch_and_alpha(self):
        lines = re.findall(r"^(?:yes|no) .* to 1?\d?\.\d{4}$", self.execute("2"), re.MULTILINE)
        self.assertEqual(len(lines), 9)

    def test_server(self):
        printed = self.execute("3")
        lines = re.findall(r"^(\w+) +([\d,]+) bytes sent", printed, re.MULTILINE)
        sent = {wire: int(count.replace(",", "")) for wire, count in lines}
        self.assertLess(2 * sent["int8"], sent["fp32"])


if __name__ == "__main__":
    unittest.main()
