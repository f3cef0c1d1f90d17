"""The client against the real server, which SCRIM_SERVER names; SCRIM makes what it serves."""
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import unittest

import numpy
import scrim

SCRIM, SERVER = os.environ.get("SCRIM", ""), os.environ.get("SCRIM_SERVER", "")
WEIGHTS = pathlib.Path(__file__).resolve().parents[2] / "share/faceboxes.safetensors"
LEARN_A_LITTLE = ["--views", "1", "--statistics-views", "8", "--window", "256", "--adapt-steps",
                  "2", "--tail-steps", "2"]
MODEL = "face_detection_noisy"


@unittest.skipUnless(SCRIM and SERVER and WEIGHTS.exists(), "no SCRIM, SCRIM_SERVER or weights")
class ClientTest(unittest.TestCase):
    """Tests share a release that was learned in a few steps, and a server of its tail."""

    @classmethod
    def scrim(cls, *words):
        subprocess.run([SCRIM, *map(str, words)], cwd=cls.folder, check=True, capture_output=True,
                       env={**os.environ, "HOME": str(cls.folder)})

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="scrim-python-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.scrim("generate", "drawn", "--pictures", "4")
        cls.scrim("learn", WEIGHTS, "--dataset", "drawn", "--alpha", "0.5,0.95", "--output",
                  "faces.scrim", *LEARN_A_LITTLE)
        cls.scrim("export", "faces.scrim", "--repository", "models")
        cls.scrim("export", "faces.scrim", "--repository", "models", "--wire", "int8", "--alpha",
                  "0.95")
        cls.release = scrim.Release.open(cls.folder / "faces.scrim")
        cls.key = scrim.Key.create(cls.folder / "key")
        cls.port = cls.start_server("--contract-client", f"camera={cls.folder / 'camera.key'}")

    @classmethod
    def start_server(cls, *flags):
        cls.tag = scrim.ClientTag("camera", scrim.Key.create(cls.folder / "camera.key"))
        words = [SERVER, "--model-repository", cls.folder / "models", "--http-port=0",
                 "--allow-grpc=false", "--metrics-port=0", *flags]
        log = cls.folder / "server.log"
        with open(log, "w", encoding="utf-8") as file:
            server = subprocess.Popen(list(map(str, words)), stderr=file)
        cls.addClassCleanup(server.wait, 60)
        cls.addClassCleanup(server.terminate)
        for _ in range(600):
            found = re.search(r"HTTP on 127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8"))
            if found or server.poll() is not None:
                break
            time.sleep(0.1)
        return int(found.group(1))

    def client(self, **options):
        return scrim.Client(f"127.0.0.1:{self.port}", tag=self.tag, **options)

    def activation(self, seed=1):
        shape = (1, self.release.noise.directions, 8, 8)
        return numpy.random.default_rng(seed).standard_normal(shape).astype(numpy.float32)

    def noise(self, **options):
        return scrim.Noise(self.release, self.key, **{"alpha": 0.95, **options})

    def test_knows_the_server(self):
        client = self.client()
        self.assertTrue(client.live() and client.ready() and client.ready(MODEL))
        self.assertFalse(client.ready("nothing"))
        self.assertEqual(client.server()[0], "scrim")

    def test_gets_the_outputs_of_the_tail(self):
        answer = self.client().infer(MODEL, self.noise()(self.activation()))
        boxes, scores = answer.outputs
        self.assertEqual((boxes.dtype, boxes.shape[0], boxes.shape[2]), (numpy.float32, 1, 4))
        self.assertEqual(scores.shape, (1, boxes.shape[1], 2))
        self.assertTrue(numpy.allclose(scores.sum(2), 1, atol=1e-5))
        self.assertEqual(answer.model_version, "1")
        self.assertGreater(answer.bytes_received, boxes.nbytes + scores.nbytes)

    def test_int8_takes_a_quarter_of_the_bytes_and_answers_the_same(self):
        activation = self.activation()
        whole = self.client().infer(MODEL, self.noise(wire="int8")(activation))
        coded = self.client().infer(MODEL + "_int8", self.noise(wire="int8")(activation))
        self.assertLess(coded.bytes_sent, 0.6 * whole.bytes_sent)
        for one, other in zip(whole.outputs, coded.outputs):
            self.assertTrue(numpy.allclose(one, other, rtol=2e-3, atol=2e-3))  # binary16

    def test_sends_nothing_that_is_not_noisy(self):
        with self.assertRaises(scrim.Refused):
            self.client().infer(MODEL, self.activation())
        with self.assertRaisesRegex(scrim.Refused, "nothing was sent"):
            self.client().infer_clean(MODEL, self.activation())

    def test_errors_are_by_cause(self):
        noisy = self.noise()(self.activation())
        with self.assertRaises(scrim.NotFound):
            self.client().infer("nothing", noisy)
        with self.assertRaisesRegex(scrim.Refused, "takes int8"):
            self.client().infer(MODEL + "_int8", noisy)
        with self.assertRaises(scrim.Unavailable):
            scrim.Client("127.0.0.1:9", retries=0).live()
        with self.assertRaisesRegex(scrim.Refused, "status 422"):
            scrim.Client(f"127.0.0.1:{self.port}").infer(MODEL, noisy)  # without a tag
        for options in ({"timeout": 0}, {"retries": 99}, {"headers": [("a:b", "c")]}):
            with self.assertRaises(scrim.InvalidArgument):
                self.client(**options)

    def test_threads_share_one(self):
        client, noise = self.client(), self.noise()
        noisy = [noise(self.activation(seed)) for seed in range(6)]
        expected = [client.infer(MODEL, one).outputs[1] for one in noisy]
        wrong = []

        def work(at):
            for _ in range(5):
                if not numpy.allclose(client.infer(MODEL, noisy[at]).outputs[1], expected[at],
                                      atol=1e-6):
                    wrong.append(at)

        threads = [threading.Thread(target=work, args=(at,)) for at in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
