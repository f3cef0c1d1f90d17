"""NVIDIA's perf_analyzer, which finds a model's shapes by itself, against `scrim-server`.

It comes in the wheel of tritonclient up to 2.46 and wants a CUDA runtime beside it, though no GPU.
"""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from client_environment import make_environment
from server_program import Server, make_models

ENVIRONMENT = pathlib.Path(os.environ.get("CLIENT_ENVIRONMENT", "tritonclient") + "-perf")
PACKAGES = ["tritonclient==2.46.0", "nvidia-cuda-runtime-cu12"]


def analyzer():
    """The program and its environment; skips by name where it cannot be installed or started."""
    make_environment(ENVIRONMENT, PACKAGES, "perf_analyzer")
    program = ENVIRONMENT / "bin/perf_analyzer"
    folders = {str(path.parent) for path in ENVIRONMENT.rglob("libcudart.so.12")}
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(folders)}
    done = subprocess.run([program, "--version"], env=environment, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0 and "shared libraries" in done.stderr:
        raise unittest.SkipTest(f"perf_analyzer does not start: {done.stderr.strip()}")
    return program, environment


class PerfAnalyzerTest(unittest.TestCase):
    def measure(self, model, protocol, port, *words):
        program, environment = analyzer()
        command = [program, "-m", model, "-i", protocol, "-u", f"localhost:{port}", "-p", "500",
                   "-r", "10", "-s", "1000", "--concurrency-range", "2", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              timeout=120, check=False)
        found = re.search(r"Concurrency: 2, throughput: ([\d.]+) infer/sec", done.stdout)
        self.assertTrue(found, done.stdout[-2000:] + done.stderr[-2000:])
        self.assertNotIn("Failed", done.stdout)
        print(f"{model} over {protocol}: {found[1]} infer/s by perf_analyzer", flush=True)
        return float(found[1])

    def test_measures_over_both_protocols(self):
        analyzer()
        with tempfile.TemporaryDirectory(prefix="scrim-models-") as folder:
            make_models(pathlib.Path(folder))
            with Server("--model-repository", folder) as server:
                for protocol, port in (("http", "http"), ("grpc", "grpc")):
                    self.assertGreater(self.measure("simple", protocol, server.ports[port]), 0)
                self.measure("face_detection_base", "http", server.ports["http"], "--shape",
                             "INPUT__0:1,128,32,32")


if __name__ == "__main__":
    unittest.main()
