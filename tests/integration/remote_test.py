"""`scrim infer` with its tail on `scrim-server`: pictures and videos, and what is refused."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from server_program import SOURCE, Server

SCRIM = os.environ["SCRIM"]
MAKE_VIDEO = os.environ["MAKE_VIDEO"]


def scrim(*words, code=0):
    done = subprocess.run([SCRIM, *map(str, words)], capture_output=True, text=True, check=False,
                          timeout=600)
    assert done.returncode == code, (words, done.returncode, done.stderr)
    return done


def found(folder):
    """What every picture's file says, without what depends on the way it went."""
    result = {}
    for path in sorted(folder.rglob("*.json")):
        picture = json.loads(path.read_text())
        picture.pop("bytes")
        result[str(path.relative_to(folder))] = picture
    return result


def faces(lines):
    """How many faces each line tells of."""
    return [int(line.split()[-2]) for line in lines.splitlines()]


class RemoteTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="scrim-remote-")
        cls.addClassCleanup(folder.cleanup)
        cls.home = pathlib.Path(folder.name)
        scrim("generate", cls.home / "drawn", "--pictures", 12)
        scrim("learn", SOURCE / "share/faceboxes.safetensors", "--dataset", cls.home / "drawn",
              "--alpha", 0.8, "--output", cls.home / "faces.scrim", "--views", 1,
              "--adapt-steps", 2, "--tail-steps", 2, "--statistics-views", 24)
        for name in ("key", "camera.key"):
            scrim("key", "create", cls.home / name)
        for wire in ("fp32", "int8"):
            scrim("export", cls.home / "faces.scrim", "--repository", cls.home / "models",
                  "--wire", wire)

    def infer(self, inputs, output, *words, code=0):
        return scrim("infer", inputs, "--release", self.home / "faces.scrim", "--alpha", 0.8,
                     "--key", self.home / "key", "--output", self.home / output, *words, code=code)

    def remote(self, server, *words, model="face_detection_noisy"):
        return ("--server", f"localhost:{server.ports['http']}", "--model", model, *words)

    def test_the_answers_are_those_of_the_tail_here(self):
        drawn = self.home / "drawn"
        with Server("--model-repository", self.home / "models") as server:
            here = self.infer(drawn, "here")
            there = self.infer(drawn, "there", *self.remote(server))
            self.assertEqual(here.stdout, there.stdout)
            self.assertEqual(found(self.home / "here").keys(), found(self.home / "there").keys())
            self.assertIn("bytes a picture to localhost:", there.stderr)
            here = self.infer(drawn, "here8", "--wire", "int8")
            there = self.infer(drawn, "there8", "--wire", "int8",
                               *self.remote(server, model="face_detection_noisy_int8"))
            # Its answers are rounded to binary16: a face at the threshold may come or go.
            for one, other in zip(faces(here.stdout), faces(there.stdout), strict=True):
                self.assertAlmostEqual(one, other, delta=1)

    def test_videos_go_frame_by_frame(self):
        video = self.home / "walk.avi"
        subprocess.run([MAKE_VIDEO, video, "5"], check=True)
        with Server("--model-repository", self.home / "models") as server:
            done = self.infer(video, "walk", *self.remote(server))
        self.assertEqual(len(done.stdout.splitlines()), 5)
        self.assertIn("walk.avi frame 5", done.stdout)
        self.assertTrue((self.home / "walk/walk/000005.png").exists())
        broken = self.home / "broken.mp4"
        broken.write_text("no video")
        done = self.infer(broken, "broken", code=4)
        self.assertIn("is no video that can be decoded", done.stderr)

    def test_a_server_that_knows_its_clients(self):
        flags = ("--model-repository", self.home / "models",
                 "--contract-client", f"camera={self.home / 'camera.key'}")
        one = next((self.home / "drawn/originalPics").iterdir())
        with Server(*flags) as server:
            tag = ("--contract-client", f"camera={self.home / 'camera.key'}")
            self.infer(one, "tagged", *self.remote(server, *tag))
            done = self.infer(one, "untagged", *self.remote(server), code=7)
            self.assertIn("no parameter 'scrim_client' that says who sends it", done.stderr)
            metrics = server.ask("GET", "/metrics", port="metrics").text()
            self.assertIn('scrim_client_requests_total{client="camera",'
                          'model="face_detection_noisy",version="1"} 1\n', metrics)
            self.assertIn('scrim_client_information_bits_total{client="camera"', metrics)

    def test_a_bearer_token_opens_what_it_guards(self):
        one = next((self.home / "drawn/originalPics").iterdir())
        with Server("--model-repository", self.home / "models", "--http-restricted-api",
                    "inference,model-config:authorization=Bearer abc") as server:
            token = ("--header", "Authorization: Bearer abc")
            self.infer(one, "token", *self.remote(server, *token))
            done = self.infer(one, "none", *self.remote(server), code=7)
            self.assertIn("answers with status 403", done.stderr)
            wrong = ("--header", "Authorization: Bearer abd")
            self.infer(one, "wrong", *self.remote(server, *wrong), code=7)

    def test_refusals_are_one_sentence(self):
        one = next((self.home / "drawn/originalPics").iterdir())

        def refused(code, part, *words):
            done = self.infer(one, "refused", *words, code=code)
            self.assertIn(part, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1)

        refused(2, "--server and --model go together", "--server", "localhost")
        refused(2, "and no --server", "--plain-http")
        refused(2, "--timeout-secs is 0, not 1 to 3600", "--server", "localhost", "--model", "m",
                "--timeout-secs", 0)
        refused(2, "--header is 'x', not NAME: VALUE", "--server", "localhost", "--model", "m",
                "--header", "x")
        refused(3, "'/nowhere.pem' cannot be read", "--server", "localhost", "--model", "m",
                "--tls-authority", "/nowhere.pem")
        refused(7, "is another machine, and plain HTTP", "--server", "192.0.2.1", "--model", "m")
        refused(6, "cannot be reached", "--server", "localhost:1", "--model", "m")
        with Server("--model-repository", self.home / "models") as server:
            refused(3, "unknown model: 'm'", *self.remote(server, model="m"))
            refused(7, "nothing was sent", *self.remote(server, model="face_detection_noisy_int8"))
        scrim("export", SOURCE / "share/faceboxes.safetensors", "--repository",
              self.home / "clean")
        with Server("--model-repository", self.home / "clean") as server:
            refused(7, "declares no obfuscation contract",
                    *self.remote(server, model="face_detection_base"))


if __name__ == "__main__":
    unittest.main()
