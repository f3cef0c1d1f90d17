"""The main path of a user: draw, learn, make a key, evaluate, infer, inspect, export."""
import json
import re
import unittest

from program import LEARN_A_LITTLE, WEIGHTS, ScrimTest, needs_weights


def contents(folder):
    return {path.relative_to(folder): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


class Drawing(ScrimTest):
    def test_the_same_seed_draws_the_same_bytes(self):
        for name, seed in (("a", 7), ("b", 7), ("c", 8)):
            self.succeed("generate", name, "--pictures", "3", "--seed", seed)
        a, b, c = (contents(self.folder / name) for name in "abc")
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_says_what_it_drew(self):
        out = self.succeed("generate", "drawn", "--pictures", "12").out
        self.assertRegex(out, r"^drawn  12 pictures, \d+ faces, \d+ folds\n$")


class Scoring(ScrimTest):
    """Detections of somebody else need no network."""

    def test_perfect_detections_score_1_and_none_score_0(self):
        self.succeed("generate", "drawn", "--pictures", "12")
        perfect, none = [], []
        for annotation in sorted((self.folder / "drawn").rglob("*ellipseList.txt")):
            lines = annotation.read_text(encoding="utf-8").split("\n")
            while lines and lines[0]:
                name, count = lines.pop(0), int(lines.pop(0))
                perfect += [name, str(count)] + [self.box(lines.pop(0)) for _ in range(count)]
                none += [name, "0"]
        for name, lines, expected in (("perfect", perfect, 1), ("none", none, 0)):
            (self.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
            score = json.loads(self.succeed("evaluate", "--dataset", "drawn", "--detections", name,
                                            "--json").out)
            # Upright ellipses are written with four decimals: each box overlaps its own by .999.
            self.assertAlmostEqual(score["mean_average_precision"], expected, places=6)

    @staticmethod
    def box(ellipse):
        """The exact bounding rectangle of an ellipse, as `x y w h score`."""
        from math import cos, hypot, sin
        a, b, angle, x, y = map(float, ellipse.split()[:5])
        half_width = hypot(a * cos(angle), b * sin(angle))
        half_height = hypot(a * sin(angle), b * cos(angle))
        return (f"{x - half_width:.4f} {y - half_height:.4f} {2 * half_width:.4f} "
                f"{2 * half_height:.4f} 0.9")


@needs_weights
class MainPath(ScrimTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared = ScrimTest()
        cls.shared.setUp()
        cls.addClassCleanup(cls.shared.doCleanups)
        cls.shared.succeed("generate", "drawn", "--pictures", "6")
        cls.shared.succeed("key", "create", "key")
        cls.learned = cls.shared.succeed(*cls.learn("faces.scrim"))

    @staticmethod
    def learn(output):
        return ["learn", WEIGHTS, "--dataset", "drawn", "--alpha", "0.5,0.8", "--output", output,
                *LEARN_A_LITTLE]

    def setUp(self):
        super().setUp()
        self.folder = self.shared.folder  # commands below only add to it

    def evaluate(self, *words):
        return self.succeed("evaluate", "faces.scrim", "--dataset", "drawn", *words)

    def test_learning_says_what_it_wrote(self):
        self.assertIn("faces.scrim", self.learned.out)
        self.assertRegex(self.learned.out, r"alpha 0\.800 .*0\.1610 bits per element")

    def test_learning_twice_writes_the_same_release(self):
        self.succeed(*self.learn("again.scrim"))
        ids = [json.loads(self.succeed("inspect", name, "--json").out)["release_id"]
               for name in ("faces.scrim", "again.scrim")]
        self.assertEqual(*ids)

    def test_inspect_names_alphas_with_their_bits(self):
        facts = json.loads(self.succeed("inspect", "faces.scrim", "--json").out)
        self.assertEqual(facts["split_point"], "inception3")
        self.assertEqual([row["alpha"] for row in facts["alphas"]], [0.5, 0.8])
        self.assertAlmostEqual(facts["alphas"][0]["bits_per_element"], 0.5)
        self.assertEqual(facts["channels"], 128)
        self.assertIn("release_id: ", self.succeed("inspect", "faces.scrim").out)

    def test_evaluate_prints_the_lines_of_the_report(self):
        for words in ([], ["--noisy", "--alpha", "0.8", "--key", "key"]):
            out = self.evaluate(*words).out
            for fold in range(1, 7):
                self.assertRegex(out, rf"(?m)^Fddb-fold-{fold} Val AP: [01]\.?\d*$")
            self.assertRegex(out, r"(?m)^Fddb Dataset Average AP: [01]\.?\d*$")
            self.assertRegex(out, r"(?m)^mAP: [01]\.?\d*$")

    def test_json_has_the_figures(self):
        noisy = json.loads(self.evaluate("--noisy", "--alpha", "0.8", "--key", "key", "--compare",
                                         "--json").out)
        for figures in (noisy, noisy["clean"]):
            folds = figures["folds"]
            mean = sum(folds) / len(folds)
            self.assertAlmostEqual(figures["mean_average_precision"], mean, places=9)
        self.assertEqual(noisy["alpha"], 0.8)
        self.assertIn("retention", noisy)

    def test_several_alphas_make_a_table(self):
        out = self.evaluate("--alpha", "0.5,0.8", "--key", "key", "--compare").out
        self.assertRegex(out, r"(?m)^alpha +mAP +95 % +retention$")
        self.assertRegex(out, r"(?m)^0\.500 +[01]\.\d{4} ")
        self.assertRegex(out, r"(?m)^0\.800 +[01]\.\d{4} ")

    def test_the_same_key_gives_the_same_figures(self):
        words = ["--noisy", "--alpha", "0.8", "--key", "key", "--json"]
        first, second = (json.loads(self.evaluate(*words).out) for _ in range(2))
        self.assertEqual(first["folds"], second["folds"])

    def test_a_picture_that_is_missing_is_counted_and_named(self):
        self.succeed("generate", "holed", "--pictures", "3")
        next(path for path in sorted((self.folder / "holed").rglob("*"))
             if path.suffix in (".jpg", ".png")).unlink()
        result = self.scrim("evaluate", "faces.scrim", "--dataset", "holed")
        self.assertEqual(result.code, 1, result.log)
        self.assertRegex(result.log, r"(?m)^skipped: .*holed")
        self.assertIn("mAP: ", result.out)
        self.assertEqual(self.scrim("evaluate", "faces.scrim", "--dataset", "holed",
                                    "--strict").code, 3)

    def infer(self, output, *words):
        self.succeed("infer", "drawn", "--release", "faces.scrim", "--alpha", "0.8", "--key", "key",
                     "--threshold", "0.05", "--output", output, *words)
        return contents(self.folder / output)

    def test_infer_writes_pictures_and_boxes_and_the_same_ones_again(self):
        first, second = self.infer("found"), self.infer("found-again")
        self.assertEqual(first, second)
        self.assertEqual(sum(path.suffix == ".png" for path in first), 6)
        for path, data in first.items():
            if path.suffix == ".json":
                found = json.loads(data)
                self.assertEqual((found["width"], found["height"]), (400, 300))
                self.assertEqual(found["alpha"], 0.8)
                for detection in found["detections"]:
                    x1, y1, x2, y2 = detection["box"]
                    self.assertTrue(x1 < x2 and y1 < y2)
                    self.assertTrue(0.05 <= detection["score"] <= 1)

    def test_infer_shows_what_an_attacker_rebuilds(self):
        found = self.infer("rebuilt", "--reconstruct", "--attacker-dataset", "drawn")
        self.assertEqual(sum(path.name.endswith(".reconstruction.png") for path in found), 6)

    def test_weights_run_without_a_release(self):
        self.succeed("infer", "drawn", "--weights", WEIGHTS, "--output", "clean")
        out = self.succeed("evaluate", WEIGHTS, "--dataset", "drawn").out
        self.assertIn("mAP: ", out)

    def test_exported_halves_run_as_the_whole(self):
        self.succeed("export", WEIGHTS, "--output", "pair")
        self.assertEqual(sorted(path.name for path in (self.folder / "pair").iterdir()),
                         ["head.pt", "tail.pt"])
        whole, halves = (
            json.loads(self.succeed("evaluate", name, "--dataset", "drawn", "--json").out)
            for name in (WEIGHTS, "pair"))
        # The same arithmetic in another order of fusing: scores agree to about 1e-5, ranks nearly.
        self.assertAlmostEqual(whole["mean_average_precision"], halves["mean_average_precision"],
                               delta=0.01)
        self.succeed("export", "faces.scrim", "--output", "released")

    def test_a_tail_is_exported_as_a_model_of_a_server(self):
        out = self.succeed("export", "faces.scrim", "--repository", "models").out
        self.assertIn("face_detection_noisy", out)
        folder = self.folder / "models/face_detection_noisy"
        config = (folder / "config.pbtxt").read_text()
        self.assertIn("scrim_contract", config)
        self.assertEqual((folder / "1/model.pt").read_bytes(),
                         (self.folder / "faces.scrim/server/tail.pt").read_bytes())
        clean = self.succeed("export", WEIGHTS, "--repository", "models", "--version", "3")
        self.assertIn("sees what they hold", clean.log)
        self.assertIn("scrim_clean",
                      (self.folder / "models/face_detection_base/config.pbtxt").read_text())
        self.assertEqual(self.tensors("face_detection_base"),
                         [("INPUT__0", ["-1", "128", "-1", "-1"]),
                          ("OUTPUT__0", ["-1", "-1", "4"]), ("OUTPUT__1", ["-1", "-1", "2"])])
        self.refuse(2, "'../x' is no name", "export", WEIGHTS, "--repository", "models",
                    "--model", "../x")
        self.refuse(2, "one of --output", "export", WEIGHTS)
        self.refuse(2, "--clean needs --repository", "export", WEIGHTS, "--clean", "--output", "o")

    def test_a_release_s_clean_tail_is_exported_on_demand_and_says_so(self):
        noisy = self.succeed("export", "faces.scrim", "--repository", "on_demand")
        self.assertNotIn("sees what they hold", noisy.log)
        clean = self.succeed("export", "faces.scrim", "--repository", "on_demand", "--clean")
        self.assertIn("face_detection_base", clean.out)
        self.assertIn("sees what they hold", clean.log)
        base, noisy = ((self.folder / "on_demand" / name / "config.pbtxt").read_text()
                       for name in ("face_detection_base", "face_detection_noisy"))
        self.assertIn("scrim_clean", base)
        self.assertNotIn("scrim_contract", base)
        self.assertIn("scrim_contract", noisy)
        self.assertNotIn("scrim_clean", noisy)
        # The clean network keeps the cut's 128 channels, where the noisy tail takes the code's.
        self.assertEqual(self.tensors("face_detection_base", "on_demand")[0],
                         ("INPUT__0", ["-1", "128", "-1", "-1"]))
        self.assertNotEqual(self.tensors("face_detection_noisy", "on_demand")[0],
                            self.tensors("face_detection_base", "on_demand")[0])

    def tensors(self, model, repository="models"):
        """Names and dimensions of what a model takes and gives, in their order."""
        text = (self.folder / repository / model / "config.pbtxt").read_text()
        blocks = re.findall(r"^(?:input|output) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
        return [(re.search(r'name: "(.*)"', block)[1], re.findall(r"dims: (-?\d+)", block))
                for block in blocks]


if __name__ == "__main__":
    unittest.main()
