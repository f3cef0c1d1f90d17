"""Help, version, completion: what a person meets before any picture."""
import subprocess
import unittest

from program import ScrimTest

VERBS = ["demo", "learn", "evaluate", "infer", "inspect", "key", "bench", "generate", "export",
         "split", "train-detector", "train-classifier", "completion"]


class Usage(ScrimTest):
    def test_help_names_every_verb(self):
        for words in (["--help"], ["help"], []):
            out = self.succeed(*words).out
            for verb in VERBS:
                self.assertIn(f"\n  {verb} ", out)

    def test_help_of_each_verb_fits_a_screen_and_has_an_example(self):
        for verb in VERBS:
            out = self.succeed(verb, "--help").out
            self.assertIn(f"usage: scrim {verb} ", out)
            self.assertIn(f"\nexample: scrim {verb} ", out)
            self.assertLessEqual(len(out.splitlines()), 32, verb)
            self.assertLessEqual(max(map(len, out.splitlines())), 100, verb)
            self.assertEqual(out, self.succeed("help", verb).out)

    def test_examples_use_only_flags_that_exist(self):
        for verb in VERBS:
            out = self.succeed(verb, "--help").out
            example = out.splitlines()[-1]
            for word in example.split():
                if word.startswith("--"):
                    self.assertIn(f"\n  {word} ", out, example)

    def test_version_is_one_line_of_data(self):
        result = self.succeed("--version")
        self.assertRegex(result.out, r"^scrim \d+\.\d+\.\d+\n$")
        self.assertEqual(result.log, "")


class Completion(ScrimTest):
    def complete(self, *words):
        """What bash would offer for the last of the words."""
        script = (self.succeed("completion", "bash").out + "COMP_WORDS=(\"$@\")\n"
                  "COMP_CWORD=$(($# - 1))\n_scrim\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
        done = subprocess.run(["bash", "-c", script, "bash", *words], cwd=self.folder, check=True,
                              capture_output=True, text=True)
        return done.stdout.split()

    def test_offers_every_verb(self):
        self.assertLessEqual(set(VERBS), set(self.complete("scrim", "")))
        self.assertEqual(self.complete("scrim", "eval"), ["evaluate"])

    def test_offers_the_flags_of_the_verb(self):
        self.assertEqual(self.complete("scrim", "evaluate", "--min"), ["--min-height"])
        self.assertEqual(self.complete("scrim", "generate", "--alpha"), [])

    def test_offers_files_where_no_flag_begins(self):
        (self.folder / "team.png").touch()
        self.assertEqual(self.complete("scrim", "infer", "te"), ["team.png"])

    def test_is_written_for_bash_alone(self):
        self.refuse(2, "fish", "completion", "fish")


class Mistyped(ScrimTest):
    def test_a_wrong_verb_gets_a_suggestion(self):
        self.assertIn("'evaluate'", self.refuse(2, "evalute", "evalute").complaint())
        self.refuse(2, "scrim help", "xyzzyx")

    def test_a_wrong_flag_gets_a_suggestion(self):
        result = self.refuse(2, "--datset", "evaluate", "w", "--datset", "d")
        self.assertIn("'--dataset'", result.complaint())
        self.refuse(2, "--help", "evaluate", "w", "--qqqqqqqq")

    def test_values_of_the_wrong_kind_are_named(self):
        self.refuse(2, "many", "generate", "d", "--pictures", "many")
        self.refuse(2, "--pictures", "generate", "d", "--pictures")
        self.refuse(2, "extra", "generate", "d", "extra")

    def test_every_verb_says_what_it_misses(self):
        for verb in VERBS:
            if verb not in ("demo", "bench"):
                self.refuse(2, "", verb)


if __name__ == "__main__":
    unittest.main()
