"""Runs the program `scrim-server` over a repository of small models.

The environment names the programs in SCRIM_SERVER and MAKE_MODELS.
"""
import http.client
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

SERVER = os.environ.get("SCRIM_SERVER", "")
MAKE_MODELS = os.environ.get("MAKE_MODELS", "")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = SOURCE / "share/faceboxes.safetensors"


def make_models(folder, *, more=False):
    subprocess.run([MAKE_MODELS, folder, WEIGHTS, *(["--more"] if more else [])], check=True)


class Answer:
    """Status, headers by lower-case name, and body of one answer."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def text(self):
        return self.body.decode()


class Server:
    """A running server, on ports that were free unless flags name them; `with` ends it."""

    def __init__(self, *flags, ports=("http", "grpc", "metrics")):
        given = {str(flag).split("=", maxsplit=1)[0] for flag in flags}
        free = [f"--{name}-port=0" for name in ("http", "grpc", "metrics")
                if f"--{name}-port" not in given]
        words = [SERVER, *free, *map(str, flags)]
        self.log_file = tempfile.NamedTemporaryFile(prefix="scrim-server-", suffix=".log")
        self.process = subprocess.Popen(words, stderr=self.log_file, stdout=subprocess.DEVNULL)
        self.ports = {}
        deadline = time.monotonic() + 60
        while len(self.ports) < len(ports) and self.process.poll() is None:
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
            self.ports = dict(re.findall(r"scrim-server: (\w+) on 127\.0\.0\.1:(\d+)", self.log()))
            self.ports = {name.lower(): int(port) for name, port in self.ports.items()}

    def log(self):
        return pathlib.Path(self.log_file.name).read_text()

    def __enter__(self):
        if not self.ports:
            self.process.kill()
            raise AssertionError(f"the server did not start: {self.log()}")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def ask(self, method, path, body=None, headers=None, port="http"):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[port], timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()
