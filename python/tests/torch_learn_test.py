"""Learning in PyTorch: alpha exact, the release as good as the one that `scrim learn` writes."""
import copy
import json
import math
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy
import torch
from torch.nn.functional import cross_entropy

import scrim
import scrim.torch
from networks import CLASSES, accuracy, batches, trained, write_dataset
from scrim.torch.code import Moments, alpha_root, fisher_code, water_filling

SCRIM = os.environ.get("SCRIM", "")
ALPHAS = [0.5, 0.95]


def root(s, alpha, channels=None):
    s = torch.tensor([s], dtype=torch.float64, requires_grad=True)
    t = alpha_root(s, torch.tensor([alpha], dtype=torch.float64), channels or s.shape[1])
    return s, t


class Formulas(unittest.TestCase):
    """Against the values that the C++ tests hold their code to."""

    def test_the_root_of_alpha(self):
        for s, alpha, expected in (((0, 0, 0, 0), .5, 0.0), ((0, 1, -1, 2), .5, -0.192695212827962),
                                   ((0, 1, -1, 2), .95, 2.97523026098794),
                                   ((0, 1, -1, 2), .05, -3.40833694421405),
                                   ((-3, 0, 3, 8), .8, 2.74765422294365)):
            self.assertAlmostEqual(root(list(map(float, s)), alpha)[1].item(), expected, places=11)

    def test_its_gradient(self):
        s, t = root([0.0, 1.0, -1.0, 2.0], .5)
        t.sum().backward()
        expected = [-.310552685355, -.174799730788, -.434766589248, -.079880994602]
        self.assertTrue(torch.allclose(s.grad[0], torch.tensor(expected, dtype=torch.float64),
                                       atol=1e-10))

    def test_alpha_holds_with_fewer_directions_than_channels(self):
        s, t = root([0.3, -2.0, 1.0], .8, channels=16)
        alpha = math.exp(-torch.log1p(torch.exp(-(s + t))).sum().item() / 16)
        self.assertAlmostEqual(alpha, .8, places=12)

    def test_water_filling(self):
        gamma = torch.tensor([8, 4, 2, 1, .5, .1], dtype=torch.float64)
        snr = water_filling(gamma, .8, 6)
        expected = [1.762135864010, .381067932005, 0, 0, 0, 0]
        self.assertTrue(torch.allclose(snr, torch.tensor(expected, dtype=torch.float64), atol=1e-9))
        with self.assertRaises(scrim.InvalidArgument):
            water_filling(torch.zeros(3, dtype=torch.float64), .8, 3)

    def test_directions_are_uncorrelated_and_sorted_by_what_the_task_needs(self):
        torch.manual_seed(3)
        activation, gradient = Moments(), Moments()
        mixing = torch.randn(6, 6)
        for _ in range(4):
            activation.add(torch.einsum("ij,bjhw->bihw", mixing, torch.randn(8, 6, 5, 5)) + 2)
            gradient.add(torch.randn(8, 6, 5, 5) * torch.arange(6)[:, None, None])
        _, basis, decode, fisher = fisher_code(activation, gradient)
        eye = torch.eye(6, dtype=torch.float64)
        self.assertTrue(torch.allclose(basis @ activation.covariance() @ basis.t(), eye, atol=1e-8))
        self.assertTrue(torch.allclose(basis @ decode, eye, atol=1e-8))
        self.assertTrue((fisher[:-1] >= fisher[1:]).all())


class Learning(unittest.TestCase):
    """Tests share a model, its data and a release."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="scrim-python-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        torch.set_num_threads(2)
        cls.loader, cls.others = batches(640, 1), batches(400, 2)
        cls.model = trained(cls.loader)
        cls.before = copy.deepcopy(cls.model.state_dict())
        cls.release = cls.learn("python.scrim")
        cls.key = scrim.Key.create(cls.folder / "key")

    @classmethod
    def learn(cls, name, **options):
        settings = {"alphas": ALPHAS, "tail_steps": 300, "progress": False, "classes": CLASSES,
                    "mean": (104, 117, 123), "statistics_batches": 20, **options}
        return scrim.torch.learn(cls.model, "block", cls.loader, cross_entropy,
                                 output=cls.folder / name, **settings)

    def obfuscated(self, alpha):
        return scrim.torch.ObfuscatedModel.open(self.release, self.key, alpha=alpha)

    def test_keeps_most_of_the_accuracy(self):
        clean = accuracy(self.model, self.others)
        self.assertGreater(clean, 0.95)
        self.assertGreater(accuracy(self.obfuscated(0.5), self.others), clean - 0.05)
        self.assertGreater(accuracy(self.obfuscated(0.95), self.others), clean - 0.25)

    def test_keeps_its_promise(self):
        self.assertEqual(self.release.manifest.objective, "coded")
        meter = scrim.AlphaMeter(self.release)
        for x, _ in self.others:
            meter.add(self.obfuscated(0.5).forward_head(x))
        for row in meter.measure():
            self.assertTrue(row["within_margin"], row)
            self.assertGreaterEqual(row["joint"], row["diagonal"] - 1e-9)
        noise = self.obfuscated(0.95).noise
        self.assertGreater(noise.realised_alpha, 0.9499)
        self.assertGreaterEqual(noise.joint_alpha, noise.realised_alpha - 1e-6)
        numbers = self.release.noise
        scale, sigma = numpy.array(numbers.scale), numpy.array(numbers.sigma)
        alphas = numpy.exp(-numpy.log1p((scale / sigma) ** 2).sum(1) / numbers.channels)
        self.assertTrue(numpy.allclose(alphas, ALPHAS, atol=1e-6))

    def test_leaves_the_model_as_it_is(self):
        for name, value in self.model.state_dict().items():
            self.assertTrue(torch.equal(value, self.before[name]), name)
        self.assertFalse(any(p.grad is not None and p.grad.abs().sum() > 0 and not p.requires_grad
                             for p in self.model.parameters()))

    def test_says_how_it_was_made(self):
        record = json.loads((self.release.folder / "evidence/training.json").read_text())
        self.assertEqual((record["alphas"], record["tail_steps"]), (ALPHAS, 300))
        self.assertEqual(self.release.manifest.stride, 8)
        self.assertEqual(self.release.manifest.classes, list(CLASSES))

    def test_the_same_seed_learns_the_same_noise(self):
        one, other = (self.learn(name, tail_steps=3).noise.basis for name in ("a.scrim", "b.scrim"))
        self.assertTrue(numpy.allclose(one, other, atol=1e-5))

    def test_one_alpha_and_no_training_at_all(self):
        release = self.learn("single.scrim", alphas=[0.8], tail_steps=0, directions=8)
        self.assertEqual((release.manifest.alphas, release.noise.directions), ([0.8], 8))

    def test_misuse_is_named(self):
        for options, part in (({"alphas": [1.5]}, "1.5"), ({"directions": 0}, "directions"),
                              ({"tail_step": 1}, "no option tail_step"), ({"clip": 0}, "clip")):
            with self.assertRaisesRegex(scrim.InvalidArgument, part):
                self.learn("never.scrim", **options)
        with self.assertRaisesRegex(scrim.InvalidArgument, "pairs"):
            scrim.torch.learn(self.model, "block", [torch.ones(2, 3, 64, 64)], cross_entropy,
                              progress=False, output=self.folder / "never.scrim")
        with self.assertRaisesRegex(scrim.NotFound, "conv1"):
            scrim.torch.learn(self.model, "no", self.loader, cross_entropy,
                              output=self.folder / "never.scrim")
        self.assertFalse((self.folder / "never.scrim").exists())

    @unittest.skipUnless(SCRIM, "SCRIM names no program")
    def test_is_as_good_as_the_learner_of_cpp(self):
        def run(*words):
            done = subprocess.run([SCRIM, *map(str, words)], cwd=self.folder, capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout
        write_dataset(self.folder / "train", 640, 1)
        write_dataset(self.folder / "test", 400, 2)
        pair = self.folder / "pair"
        pair.mkdir()
        head, tail = scrim.torch.split(self.model, "block")
        scrim.torch.export(head, tail, pair, self.loader[0][0])
        run("learn", pair, "--dataset", "train", "--alpha", "0.5,0.95", "--adapt-steps", "0",
            "--tail-steps", "300", "--epoch-steps", "0", "--output", "cpp.scrim")
        scores = {}
        for name in ("python.scrim", "cpp.scrim"):
            out = run("evaluate", name, "--dataset", "test", "--noisy", "--alpha", "0.5,0.95",
                      "--key", "key", "--json")
            scores[name] = [row["pooled_accuracy"] for row in json.loads(out)["runs"]]
        print(scores)
        # Of 400 pictures an accuracy of .97 has a standard error of .009, one of .8 of .02. The
        # learner of C++ turns and shades its views as well, which 300 steps do not repay here.
        self.assertAlmostEqual(scores["python.scrim"][0], scores["cpp.scrim"][0], delta=0.05)
        self.assertGreater(scores["python.scrim"][1], scores["cpp.scrim"][1] - 0.06)
        spectra = [numpy.array(scrim.Release.open(self.folder / name).noise.scale[1])
                   for name in scores]
        # Both spend few bits on few directions: the Wiener gains fall off alike.
        largest = [numpy.sort(gains)[::-1][:8].sum() / gains.sum() for gains in spectra]
        print("share of the eight largest gains:", largest)
        self.assertAlmostEqual(*largest, delta=0.05)


if __name__ == "__main__":
    unittest.main()
