"""scrim split: cuts side by side at equal bits, and the one that the rule picks."""
import json
import unittest

from program import WEIGHTS, ScrimTest, needs_weights

QUICK = ["--steps", "2", "--window", "128"]


def rule(cuts, afford=float("inf")):
    """The deepest affordable cut that no other beats in score and in what is missed."""
    able = [cut for cut in cuts if cut["head_ms"] <= afford]
    good = [cut for cut in able if not any(
        other["score"] > cut["score"] and
        other["unexplained_variance"] > cut["unexplained_variance"] for other in able)]
    return good[-1]["split_point"]


@needs_weights
class Split(ScrimTest):
    def setUp(self):
        super().setUp()
        self.succeed("generate", "drawn", "--pictures", "15", "--width", "160", "--height", "120")

    def split(self, *words):
        return self.succeed("split", WEIGHTS, "--dataset", "drawn", *QUICK, *words)

    def test_compares_cuts_at_equal_bits_and_recommends_by_the_rule(self):
        table = json.loads(self.split("--probe", "inception3,pool1", "--json").out)
        cuts = table["cuts"]
        self.assertEqual([cut["split_point"] for cut in cuts], ["pool1", "inception3"])
        self.assertEqual([cut["channels"] for cut in cuts], [48, 128])
        self.assertEqual([cut["stride"] for cut in cuts], [8, 32])
        self.assertEqual(cuts[1]["alpha"], 0.8)
        # Six times the elements for the same bits: alpha^(1/6) = 0.8^(1/6), give or take the cells
        # at the pictures' edges.
        self.assertAlmostEqual(cuts[0]["alpha"], 0.8 ** (1 / 6), delta=0.005)
        self.assertAlmostEqual(cuts[0]["bits_per_picture"], cuts[1]["bits_per_picture"],
                               delta=1e-6 * cuts[1]["bits_per_picture"])
        for cut in cuts:
            self.assertLess(cut["head_ms"], 10_000)
            self.assertGreaterEqual(cut["interval"]["high"], cut["interval"]["low"])
        self.assertEqual(table["recommended"], rule(cuts))
        self.assertEqual(table["metric"], "average precision")

    def test_the_table_names_every_cut_and_ends_with_the_recommendation(self):
        out = self.split("--probe", "pool2,inception3").out
        lines = out.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertIn("kbit", lines[0])
        self.assertRegex(lines[3], r"^recommended: (pool2|inception3)$")

    def test_refuses_what_cannot_be_compared(self):
        base = ["split", WEIGHTS, "--dataset", "drawn", *QUICK]
        self.refuse(2, "at least 2 split points", *base, "--probe", "pool2")
        self.refuse(2, "--probe is missing", *base)
        self.refuse(2, "no head runs in 0 ms", *base, "--probe", "pool1,pool2", "--afford", "0")
        self.refuse(3, "no split point named 'conv9'", *base, "--probe", "pool2,conv9")


if __name__ == "__main__":
    unittest.main()
