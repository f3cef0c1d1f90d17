"""A small release, written by the package itself, and arrays for it."""
import math
import pathlib
import tempfile
import unittest

import numpy

import scrim

ALPHAS = [0.5, 0.8, 0.95]
DIRECTIONS = 32


def parts_of(folder, *, directions=DIRECTIONS, channels=DIRECTIONS):
    """A release whose directions share the bits, with a head and tail that cannot be run."""
    (folder / "head.pt").write_text("head", encoding="utf-8")
    (folder / "tail.pt").write_text("tail", encoding="utf-8")
    parts = scrim.ReleaseParts()
    manifest = scrim.Manifest()
    manifest.model, manifest.task, manifest.split_point = "torchscript", "classification", "x"
    manifest.objective, manifest.data_digest, manifest.alphas = "uniform", "0" * 64, ALPHAS
    noise = scrim.NoiseParameters()
    noise.channels, noise.directions, noise.alphas = channels, directions, ALPHAS
    ratios = [alpha ** (-channels / directions) - 1 for alpha in ALPHAS]
    noise.scale = [[1.0] * directions] * len(ALPHAS)
    noise.sigma = [[1 / math.sqrt(ratio)] * directions for ratio in ratios]
    noise.mean = [0.0] * channels
    noise.basis = numpy.eye(directions, channels).ravel()
    noise.decode = numpy.eye(channels, directions).ravel()
    noise.held_out_variance = [1.0] * directions
    parts.manifest, parts.noise = manifest, noise
    parts.head, parts.tail = folder / "head.pt", folder / "tail.pt"
    return parts


def activation_of(shape=(1, DIRECTIONS, 8, 8), seed=1):
    return numpy.random.default_rng(seed).standard_normal(shape).astype(numpy.float32)


class ReleaseTest(unittest.TestCase):
    """Tests share a folder with a release and a key."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="scrim-python-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.release = scrim.Release.write(cls.folder / "tiny.scrim", parts_of(cls.folder))
        cls.key = scrim.Key.create(cls.folder / "key")

    def noise(self, **options):
        return scrim.Noise(self.release, self.key, **options)

    def assert_error(self, kind, part, call):
        """`call` raises `kind`, and its one sentence holds `part`."""
        with self.assertRaises(kind) as caught:
            call()
        self.assertIn(part, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))
        return caught.exception
