"""Every recorded answer of a real Triton, asked again of `scrim-server`: status, the headers that
clients read, and body are equal, but for the deviations and what is out of scope, listed here.
"""
import base64
import gzip
import json
import os
import pathlib
import shutil
import tempfile
import unittest
import zlib

from client_environment import run_client
from server_program import Server, make_models

CLIENT_HEADERS = ("content-type", "content-encoding", "accept-encoding",
                  "inference-header-content-length")

# A recorded answer that is right to differ; the other deviations are in deviations_test.py.
DEVIATIONS = {"ragged nested data": 400}

# What is left out on purpose, with the status that comes instead.
NO_GENERATION = {"generate": 404, "generate_stream": 404}
LOGGING_IS_READ_ONLY = {"logging post": 501, "logging unk": 501, "logging type": 501}
NO_FILES_OVER_THE_NETWORK = {"load file traversal": 501, "corrupt model file": 501}
NO_SHARED_MEMORY = {"shm reg": 501, "shm reg twice": 501, "shm too big": 501, "shm key path": 501,
                    "shm no key": 501, "shm status": 200, "shm infer": 501, "shm infer oob": 501,
                    "shm unreg": 501, "unreg all": 501}
# Set A was recorded with shared memory off, as it always is here.
OUT_OF_SCOPE = {"A": {**NO_GENERATION, **LOGGING_IS_READ_ONLY},
                "B": {**NO_FILES_OVER_THE_NETWORK, **NO_SHARED_MEMORY}}


def golden_file():
    named = os.environ.get("SCRIM_SERVING_GOLDEN")
    data = os.environ.get("SCRIM_TEST_DATA")
    if named:
        return pathlib.Path(named)
    return pathlib.Path(data).parent / "reference/serving-golden.jsonl" if data else None


def recorded(letter):
    path = golden_file()
    if path is None or not path.exists():
        raise unittest.SkipTest("SCRIM_SERVING_GOLDEN names no recorded answers")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if line["set"].startswith(letter)]


def bytes_of(line, key):
    if key + "_b64" in line:
        return base64.b64decode(line[key + "_b64"])
    return (line.get(key) or "").encode()


def plain(answer):
    encoding = answer.headers.get("content-encoding")
    if encoding == "gzip":
        return gzip.decompress(answer.body)
    return zlib.decompress(answer.body) if encoding == "deflate" else answer.body


def without_numbers(value):
    """Counts depend on the calls before: their form counts."""
    if isinstance(value, dict):
        return {key: without_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_numbers(one) for one in value]
    return type(value).__name__ if isinstance(value, (int, float)) else value


class GoldenTest(unittest.TestCase):
    def compare(self, server, line):
        """"equal", or the kind of difference that is allowed; a test failure otherwise."""
        label, answer = line["label"], server.ask(
            line["method"], line["path"], bytes_of(line, "body") or None, line.get("headers"),
            line.get("port", "http"))
        tables = ((DEVIATIONS, "deviation"), (OUT_OF_SCOPE[line["set"][0]], "out of scope"))
        for table, kind in tables:
            if label in table:
                self.assertEqual(answer.status, table[label], label)
                return kind
        self.assertEqual(answer.status, line["status"], f"{label}: {answer.body[:300]}")
        wanted = {k.lower(): v for k, v in (line.get("resp_headers") or {}).items()}
        for name in CLIENT_HEADERS:
            self.assertEqual(answer.headers.get(name), wanted.get(name), f"{label}: {name}")
        self.compare_body(label, line, answer)
        return "equal"

    def compare_body(self, label, line, answer):
        wanted = bytes_of(line, "resp")
        if "resp_note" in line:
            self.assertTrue(plain(answer), label)
        elif line["path"] == "/v2" and line["status"] == 200:
            self.assertEqual(list(json.loads(answer.body)), list(json.loads(wanted)), label)
        elif line["path"].endswith("/stats") and line["status"] == 200:
            self.assertEqual(json.dumps(without_numbers(json.loads(answer.body))),
                             json.dumps(without_numbers(json.loads(wanted))), label)
        else:
            self.assertEqual(plain(answer), wanted, label)

    def replay(self, letter, server, before=lambda line: None):
        kinds = {}
        for number, line in enumerate(recorded(letter)):
            with self.subTest(number=number, label=line["label"]):
                before(line)
                kind = self.compare(server, line)
                kinds[kind] = kinds.get(kind, 0) + 1
        print(f"set {letter}: {kinds}", flush=True)
        return kinds

    def models(self):
        folder = tempfile.TemporaryDirectory(prefix="scrim-models-")
        self.addCleanup(folder.cleanup)
        make_models(folder.name)
        return folder.name

    def test_http_in_poll_mode(self):
        recorded("A")
        flags = ["--model-store", self.models(), "--model-control-mode=poll",
                 "--repository-poll-secs=5"]
        with Server(*flags) as server:
            # The recorded statistics were taken of a model that had run.
            kinds = self.replay("A", server)
        self.assertGreaterEqual(kinds["equal"], 85)

    def test_http_in_explicit_mode(self):
        recorded("B")
        models = self.models()
        flags = ["--model-repository", models, "--model-control-mode=explicit",
                 "--load-model=simple", "--load-model=identity_fp32"]
        with Server(*flags) as server:
            kinds = self.replay("B", server, lambda line: self.bring_about(line, server, models))
        self.assertGreaterEqual(kinds["equal"], 18)

    def test_grpc(self):
        recorded("C")
        flags = ["--model-repository", self.models(), "--model-control-mode=poll",
                 "--grpc-restricted-protocol=statistics:k1=v1"]
        with Server(*flags) as server:
            run_client("golden_grpc_scenario.py", f"127.0.0.1:{server.ports['grpc']}",
                       golden_file())

    def bring_about(self, line, server, models):
        """What a line needs to have happened before."""
        if line["path"] == "/v2/models/simple/config":
            config = json.loads(server.ask("GET", line["path"]).body)
            # As the recording: without platform, which is then completed.
            config = {**config, "max_batch_size": 4, "platform": ""}
            self.load(server, "simple", {"parameters": {"config": json.dumps(config)}})
        if line["label"] == "unload":
            fresh = pathlib.Path(models) / "fresh"
            shutil.copytree(pathlib.Path(models) / "identity_fp32", fresh)
            self.load(server, "fresh")

    def load(self, server, model, body=None):
        answer = server.ask("POST", f"/v2/repository/models/{model}/load",
                            json.dumps(body) if body else None)
        self.assertEqual(answer.status, 200, answer.body)


if __name__ == "__main__":
    unittest.main()
