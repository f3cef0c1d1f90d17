"""Where `scrim-server` answers otherwise than Triton, on purpose."""
import gzip
import json
import pathlib
import tempfile
import unittest

from server_program import Server, make_models

DATA = list(range(16))


def request(data=None, **changes):
    inputs = [{"name": name, "shape": [1, 16], "datatype": "INT32", "data": data or DATA}
              for name in ("INPUT0", "INPUT1")]
    return json.dumps({"inputs": inputs, **changes})


class DeviationsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="scrim-models-")
        cls.addClassCleanup(folder.cleanup)
        make_models(folder.name)
        cls.models = pathlib.Path(folder.name)
        broken = cls.models / "broken/1"
        broken.mkdir(parents=True)
        (broken / "model.pt").write_bytes(b"abc")
        (broken.parent / "config.pbtxt").write_text(
            (cls.models / "identity_fp32/config.pbtxt").read_text())
        cls.server = cls.enterClassContext(
            Server("--model-repository", folder.name, "--model-control-mode=explicit",
                   "--load-model=simple"))

    def infer(self, body, headers=None):
        return self.server.ask("POST", "/v2/models/simple/infer", body, headers)

    def test_an_integer_out_of_range_is_refused_and_not_truncated(self):
        answer = self.infer(request([2**40] + DATA[1:]))
        self.assertEqual(answer.status, 400)
        self.assertIn("out of the range of INT32", answer.text())

    def test_ragged_arrays_are_refused_and_not_flattened(self):
        answer = self.infer(request([DATA[:4], DATA[4:]]))
        self.assertEqual(answer.status, 400)
        self.assertIn("ragged", answer.text())

    def test_a_corrupt_body_is_reported_and_not_read_as_empty(self):
        whole = gzip.compress(request().encode())
        for body in (b"not gzip", whole[:-9], whole + b"x"):
            answer = self.infer(body, {"Content-Encoding": "gzip"})
            self.assertEqual(answer.status, 400)
            self.assertIn("cannot be decompressed", answer.text())

    def test_a_broken_file_is_named_without_path_address_or_exception(self):
        answer = self.server.ask("POST", "/v2/repository/models/broken/load")
        self.assertEqual(answer.status, 400)
        self.assertEqual(
            json.loads(answer.body)["error"],
            "load failed for model 'broken': version 1 is at UNAVAILABLE state: "
            "model 'broken' has no file that can be opened")
        self.assertIn("TorchScript", self.server.log(), "the operator is told the reason")
        self.assertEqual(self.server.ask("GET", "/v2/health/ready").status, 400)
        self.assertEqual(self.server.ask("POST", "/v2/repository/models/broken/unload").status, 200)
        self.assertEqual(self.server.ask("GET", "/v2/health/ready").status, 200)

    def test_unload_with_a_wrong_type_leaves_the_model(self):
        body = json.dumps({"parameters": {"unload_dependents": "yes"}})
        answer = self.server.ask("POST", "/v2/repository/models/simple/unload", body)
        self.assertEqual(answer.status, 500)
        self.assertIn("unload_dependents", answer.text())
        self.assertEqual(self.infer(request()).status, 200)


if __name__ == "__main__":
    unittest.main()
