"""The word check finds claims in documents and printed strings, and leaves mentions alone."""
import unittest

from tree import TreeTest

CLAIM = "anonym" + "ous"


class CheckWords(TreeTest):
    script = "check_words"

    def test_refuses_a_claim_in_a_document(self):
        self.write("docs/guide/a.md", f"line\nThe output is {CLAIM}.\n")
        self.assert_fails("docs/guide/a.md:2")

    def test_accepts_a_mention_in_quotes(self):
        self.write("README.md", f'We never say "{CLAIM}" of an output.\n')
        self.assert_passes()

    def test_refuses_a_claim_that_a_program_prints(self):
        self.write("src/audit/report.cc", f'\nout << "{CLAIM}";\n')
        self.assert_fails("src/audit/report.cc:2: a program says")
        self.write("src/audit/report.cc", f'\nout << R"(<p>\nThis is {CLAIM}</p>)";\n')
        self.assert_fails("src/audit/report.cc:3: a program says")

    def test_accepts_the_word_in_a_comment_or_a_name(self):
        self.write("src/base/a.cc", f'// an {CLAIM} namespace\nint {CLAIM} = 1;\n')
        self.assert_passes()

    def test_sources_are_ascii(self):
        self.write("src/base/a.cc", "// 3 \u00d7 3\n")
        self.assert_fails("src/base/a.cc:1: sources are ASCII")


if __name__ == "__main__":
    unittest.main()
