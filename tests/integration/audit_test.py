"""The audit of a release: what it writes, that it is repeatable, what an invalid one says."""
import json
import shutil
import unittest

from json_schema import faults
from program import LEARN_A_LITTLE, SOURCE, WEIGHTS, ScrimTest, needs_weights

SCHEMA = json.loads((SOURCE / "docs/formats/audit.schema.json").read_text(encoding="utf-8"))
A_LITTLE = ["--pictures", "3", "--decoder-steps", "2", "--alpha", "0.8"]
DECODER = "faces.audit/decoder.safetensors"


@needs_weights
class Audit(ScrimTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = ScrimTest()
        cls.shared.setUp()
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.succeed("generate", "drawn", "--pictures", "6")
        cls.shared.succeed("learn", WEIGHTS, "--dataset", "drawn", "--alpha", "0.5,0.8",
                           "--output", "faces.scrim", *LEARN_A_LITTLE)
        cls.run_ = cls.shared.scrim("audit", "faces.scrim", "--dataset", "drawn",
                                    "--untouched", WEIGHTS, *A_LITTLE)
        cls.shared.succeed("key", "create", "key")
        cls.audit = json.loads((cls.shared.folder / "faces.audit/audit.json").read_text())
        cls.page = (cls.shared.folder / "faces.audit/report.html").read_text()

    def setUp(self):
        super().setUp()
        self.folder = self.shared.folder

    def test_the_figures_fit_their_schema(self):
        self.assertEqual(list(faults(self.audit, SCHEMA)), [])

    def test_the_schema_refuses_what_does_not_fit(self):
        for change in ({"valid": 1}, {"format": "x"}, {"more": 1}, {"controls": [{}]}):
            self.assertTrue(list(faults({**self.audit, **change}, SCHEMA)), change)
        self.assertTrue(list(faults({}, SCHEMA)))

    def test_every_control_decides_the_verdict_and_the_exit_code(self):
        passed = all(control["passed"] for control in self.audit["controls"])
        self.assertTrue(self.audit["controls"])
        self.assertEqual(self.audit["valid"], passed)
        self.assertEqual(self.run_.code, 0 if passed else 7, self.run_.log)
        self.assertIn("Valid audit" if passed else "Invalid audit", self.page)
        self.assertIn("valid: every" if passed else "INVALID: ", self.run_.out)

    def test_each_attacker_of_the_release_stands_beside_itself_without_noise(self):
        rows = self.audit["attacks"]
        attacked = {row["attacker"] for row in rows if row["seen"] == "release"}
        clean = {row["attacker"] for row in rows if row["seen"] == "no_noise"}
        self.assertTrue(attacked >= {"linear", "decoder", "optimisation"})
        self.assertTrue(attacked - {"averaging"} <= clean)

    def test_what_was_not_attacked_is_said(self):
        for reason in ("re-identification: ", "attributes: "):
            self.assertTrue([text for text in self.audit["skipped"] if text.startswith(reason)])
            self.assertIn(reason, self.page)

    def test_accuracy_is_measured_clean_and_at_the_alpha(self):
        accuracy = self.audit["accuracy"]
        self.assertEqual([row["alpha"] for row in accuracy["rows"]], [None, 0.8])
        # Of the weights as they were before: the release was adapted for a step or two.
        self.assertIsNotNone(accuracy["untouched"]["value"])
        self.assertIn("before adaptation", self.page)

    def test_the_page_stands_alone_and_is_small(self):
        self.assertLess(len(self.page), 5 << 20)
        for outside in ("http:", "https:", "<script", "<link", "url("):
            self.assertNotIn(outside, self.page)
        self.assertIn(self.audit["release"]["release_id"], self.page)
        self.assertIn("scrim audit faces.scrim --dataset drawn", self.page)

    def test_the_release_is_left_as_it_was(self):
        facts = json.loads(self.succeed("inspect", "faces.scrim", "--json").out)
        self.assertEqual(facts["release_id"], self.audit["release"]["release_id"])

    def test_says_what_it_wrote_and_what_comes_next(self):
        self.assertIn("faces.audit/report.html", self.run_.out)
        self.assertIn("verify faces.scrim", self.run_.out)

    def infer(self, output, *words, release="faces.scrim"):
        return ["infer", "drawn", "--release", release, "--key", "key", "--reconstruct",
                "--output", output, *words]

    def rebuilt(self, output):
        return [path.read_bytes()
                for path in sorted((self.folder / output).rglob("*.reconstruction.png"))]

    def test_infer_rebuilds_with_the_decoder_that_was_trained(self):
        used = self.succeed(*self.infer("by-decoder", "--alpha", "0.8"))
        self.assertIn(f"decoder of {DECODER}", used.log)
        named = self.infer("named", "--alpha", "0.8", "--decoder", DECODER)
        self.assertIn(f"decoder of {DECODER}", self.succeed(*named).log)
        self.assertEqual(len(self.rebuilt("named")), 6)
        self.assertEqual(self.rebuilt("by-decoder"), self.rebuilt("named"))
        linear = self.infer("linear", "--alpha", "0.8", "--attacker-dataset", "drawn")
        self.assertIn("linear attacker", self.succeed(*linear).log)
        for one, other in zip(self.rebuilt("named"), self.rebuilt("linear")):
            self.assertNotEqual(one, other)

    def test_a_decoder_that_does_not_fit_is_passed_over_and_refused_when_named(self):
        own = (self.folder / DECODER).read_bytes()
        foreign = own.replace(self.audit["release"]["release_id"].encode(), b"0" * 64)
        shutil.copytree(self.folder / "faces.scrim", self.folder / "again.scrim")
        (self.folder / "again.audit").mkdir()
        (self.folder / "again.audit/decoder.safetensors").write_bytes(foreign)
        log = self.succeed(*self.infer("x", "--alpha", "0.8", release="again.scrim")).log
        self.assertIn("another release", log)
        self.assertIn("linear attacker", log)
        (self.folder / "cut.safetensors").write_bytes(own[:-1])
        for code, part, alpha, file in ((7, "another release", "0.8",
                                         "again.audit/decoder.safetensors"),
                                        (4, "cut", "0.8", "cut.safetensors"),
                                        (2, "alpha 0.5", "0.5", DECODER)):
            self.refuse(code, part, *self.infer("y", "--alpha", alpha, "--decoder", file))
        self.refuse(2, "not both", *self.infer("y", "--alpha", "0.8", "--decoder", DECODER,
                                               "--attacker-dataset", "drawn"))

    def test_misuse_is_refused_in_a_sentence(self):
        for part, words in (("not both", ["--quick", "--full"]),
                            ("go together", ["--recogniser", "x"]),
                            ("--alpha", ["--alpha", "1.5"])):
            self.refuse(2, part, "audit", "faces.scrim", "--dataset", "drawn", *words)
        self.refuse(3, "no-such", "audit", "no-such.scrim", "--dataset", "drawn")
        self.refuse(3, "no-such", "audit", "faces.scrim", "--dataset", "drawn",
                    "--untouched", "no-such.safetensors")


if __name__ == "__main__":
    unittest.main()
