"""NVIDIA's Python client against `scrim-server`: the tech report's scenario 3, clean and noisy,
over HTTP and gRPC.
"""
import sys
import tempfile
import unittest

from client_environment import client_python, run_client
from server_program import Server, make_models


class TritonclientTest(unittest.TestCase):
    def setUp(self):
        client_python()
        models = tempfile.TemporaryDirectory(prefix="scrim-models-")
        self.addCleanup(models.cleanup)
        make_models(models.name)
        self.server = self.enterContext(Server(f"--model-store={models.name}",
                                               "--model-control-mode=poll",
                                               "--repository-poll-secs=5"))

    def test_scenario_three_over_http(self):
        run_client("tritonclient_scenario.py", f"127.0.0.1:{self.server.ports['http']}")

    def test_scenario_three_over_grpc(self):
        run_client("tritonclient_grpc_scenario.py", f"127.0.0.1:{self.server.ports['grpc']}",
                   f"127.0.0.1:{self.server.ports['http']}")


if __name__ == "__main__":
    sys.exit(unittest.main())
