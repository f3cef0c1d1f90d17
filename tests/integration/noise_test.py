"""The release of noise as a user meets it: draws that are counted, keys, the wire, verify."""
import json
import shutil
import signal
import subprocess
import unittest

from program import LEARN_A_LITTLE, SCRIM, WEIGHTS, ScrimTest, needs_weights


@needs_weights
class NoiseTest(ScrimTest):
    """Tests share a folder with a key and a release that was learned in a few steps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = ScrimTest()
        cls.shared.setUp()
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.succeed("generate", "drawn", "--pictures", "4")
        cls.shared.succeed("key", "create", "key")
        cls.shared.succeed("learn", WEIGHTS, "--dataset", "drawn", "--alpha", "0.5,0.95",
                           "--output", "faces.scrim", *LEARN_A_LITTLE)

    def setUp(self):
        super().setUp()
        self.folder = self.shared.folder  # commands only add to it
        self.output = f"found-{self._testMethodName}"
        self.account = f"account-{self._testMethodName}"

    def infer(self, *words):
        return ["infer", "drawn", "--release", "faces.scrim", "--key", "key", "--alpha", "0.95",
                "--output", self.output, *words]

    def counted(self, least_alpha, *words):
        return self.infer("--accountant", self.account, "--least-alpha", least_alpha, *words)

    def found(self):
        return [json.loads(path.read_text(encoding="utf-8"))
                for path in sorted((self.folder / self.output).rglob("*.json"))]


class Counting(NoiseTest):
    def test_fresh_draws_add_up_and_end_at_the_limit(self):
        for n in (1, 2):
            self.succeed(*self.counted("0.93", "--draw", "fresh"))
            self.assertEqual([picture["releases"] for picture in self.found()], [n] * 4)
            for picture in self.found():
                self.assertLess(picture["alpha_of_releases"], 0.951 - 0.01 * (n - 1))
        result = self.refuse(7, "release 3 of one input", *self.counted("0.93", "--draw", "fresh"))
        self.assertIn("skipped", result.log)

    def test_sticky_draws_cost_once(self):
        for _ in range(3):
            log = self.succeed(*self.counted("0.93")).log
            self.assertIn("4 releases counted", log)

    def test_a_source_is_one_input(self):
        result = self.succeed(*self.counted("0.5", "--source", "camera-1"))
        self.assertIn("4 releases counted; the most of one input is 4", result.log)

    def test_flags_that_do_not_go_together_are_named_and_make_no_file(self):
        self.refuse(2, "--accountant", *self.infer("--draw", "fresh"))
        self.refuse(2, "--least-alpha", *self.infer("--accountant", self.account))
        self.refuse(2, "--least-alpha", *self.infer("--least-alpha", "0.5"))
        self.refuse(2, "--source", *self.infer("--source", "camera-1"))
        self.refuse(2, "(0, 1)", *self.counted("1.5"))
        self.refuse(2, "sticky or fresh", *self.infer("--draw", "none"))
        self.refuse(2, "--release", "infer", "drawn", "--weights", WEIGHTS, "--output", "x",
                    *self.counted("0.5")[-4:])

    def test_a_killed_run_has_counted_what_it_wrote(self):
        words = [SCRIM, *map(str, self.counted("0.01", "--draw", "fresh"))]
        with subprocess.Popen(words, cwd=self.folder, env=self.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            running.stdout.readline()  # one picture is done
            running.send_signal(signal.SIGKILL)
            running.wait()
        for written in self.found():
            self.assertEqual(written["releases"], 1)
        records = (self.folder / self.account).stat().st_size // 64 - 1
        self.assertGreaterEqual(records, len(self.found()))
        self.succeed(*self.counted("0.01", "--draw", "fresh"))

    def test_another_key_is_refused(self):
        self.succeed(*self.counted("0.5"))
        self.succeed("key", "create", "another")
        words = ["another" if word == "key" else word for word in self.counted("0.5")]
        self.refuse(7, "rotate", *words)

    def test_a_rotated_key_counts_on_and_its_draws_are_repeats(self):
        shutil.copy(self.folder / "key", self.folder / "rotated")
        words = ["rotated" if word == "key" else word for word in self.counted("0.5")]
        self.succeed(*words)
        before = self.succeed("key", "inspect", "rotated").out.split()[-1]
        out = self.succeed("key", "rotate", "rotated").out
        self.assertIn(f"was {before}", out)
        self.assertTrue((self.folder / f"rotated.{before}").exists())
        self.succeed(*words)
        self.assertEqual([picture["releases"] for picture in self.found()], [2] * 4)
        self.succeed("key", "rotate", "rotated", "--old", "destroy")
        self.assertEqual(len(list(self.folder.glob("rotated*"))), 2)
        self.refuse(2, "keep or destroy", "key", "rotate", "rotated", "--old", "burn")
        self.refuse(3, "absent", "key", "rotate", "absent")

    def test_values_beyond_the_clip_are_counted(self):
        self.assertRegex(self.succeed(*self.infer()).log, r"\d+ of \d+ values beyond the clip")


class Wires(NoiseTest):
    def test_carry_less_and_find_as_much(self):
        sizes = {}
        for wire in ("fp32", "fp16", "int8"):
            log = self.succeed(*self.infer("--wire", wire)).log
            self.assertRegex(log, rf"\d+ bytes a picture as {wire}, \d+ values held")
            sizes[wire] = [picture["bytes"] for picture in self.found()]
        header = 72
        for full, half, least in zip(*sizes.values()):
            self.assertEqual(full - header, 2 * (half - header))
            self.assertLessEqual(least, half)

    def test_misuse_is_named(self):
        self.refuse(2, "fp32, fp16 or int8", *self.infer("--wire", "int4"))
        self.refuse(2, "--wire needs --release", "infer", "drawn", "--weights", WEIGHTS,
                    "--output", "x", "--wire", "int8")


class Verifying(NoiseTest):
    def verify(self, release, *words):
        return ["verify", release, "--dataset", "drawn", *words]

    def audited(self, name, audit):
        """A copy of the release, and beside it the audit as `scrim audit` leaves it."""
        release = self.folder / name
        shutil.copytree(self.folder / "faces.scrim", release)
        folder = release.with_suffix(".audit")
        folder.mkdir()
        manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
        audit["release"] = {"release_id": manifest["release_id"]}
        (folder / "audit.json").write_text(json.dumps(audit), encoding="utf-8")
        return name

    @staticmethod
    def audit(digest, low):
        missed = {"value": low, "low": low, "high": low + 0.1}
        return {"method": {"dataset_digest": digest},
                "attacks": [{"attacker": "linear", "seen": "release", "alpha": 0.95, "draws": 1,
                             "unexplained_variance": missed}]}

    def test_a_release_agrees_with_itself(self):
        out = self.succeed(*self.verify("faces.scrim")).out
        self.assertRegex(out, r"(?m)^alpha 0.95: .* here 0\.9\d+ diagonal, 0\.9\d+ joint;.*agrees$")
        self.assertRegex(out, r"(?m)^linear attacker at alpha 0.95: misses \d+")
        self.assertTrue(out.endswith("agrees\n"))
        facts = json.loads(self.succeed(*self.verify("faces.scrim", "--alpha", "0.5,0.95",
                                                     "--json")).out)
        self.assertEqual([row["alpha"] for row in facts["attacks"]], [0.5, 0.95])
        self.assertTrue(facts["agrees"])
        for row in facts["alphas"]:
            # Four pictures: what they show is near the promise, and the joint form above.
            self.assertAlmostEqual(row["diagonal_alpha"], row["alpha"], delta=0.05)
            self.assertGreaterEqual(row["joint_alpha"], row["diagonal_alpha"] - 1e-9)

    def test_without_pictures_hashes_and_numbers_are_checked(self):
        out = self.succeed("verify", "faces.scrim").out
        self.assertIn("--dataset", out)

    def test_an_attack_beyond_the_audit_differs(self):
        facts = json.loads(self.succeed(*self.verify("faces.scrim", "--json")).out)
        digest = facts["dataset_digest"]
        missed = facts["attacks"][0]["unexplained_variance"]
        kept = self.audited("kept.scrim", self.audit(digest, missed / 2))
        self.assertRegex(self.succeed(*self.verify(kept)).out, "the audit .* agrees")
        broken = self.audited("broken.scrim", self.audit(digest, 2 * missed + 1))
        result = self.scrim(*self.verify(broken))
        self.assertEqual(result.code, 1, result.log)
        self.assertRegex(result.out, "the audit .* DIFFERS")
        other = self.audited("other.scrim", self.audit("0" * 64, 2 * missed + 1))
        self.assertIn("no figure of an audit", self.succeed(*self.verify(other)).out)

    def test_a_changed_part_is_corrupt(self):
        release = self.folder / "changed.scrim"
        shutil.copytree(self.folder / "faces.scrim", release)
        (release / "client/head.pt").write_bytes(b"another head")
        self.refuse(4, "head.pt was changed", *self.verify("changed.scrim"))

    def test_misuse_is_named(self):
        self.refuse(2, "name the release", "verify")
        self.refuse(3, "nothing", "verify", "nothing")
        self.refuse(2, "--pictures", *self.verify("faces.scrim", "--pictures", "1"))
        self.refuse(2, "0.7", *self.verify("faces.scrim", "--alpha", "0.7"))


if __name__ == "__main__":
    unittest.main()
