"""The runner of documents finds every block, runs it, and fails when it fails."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import blocks
import run_page

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]


class Blocks(unittest.TestCase):
    def test_commands_are_the_dollar_lines_of_console_blocks(self):
        page = "a\n```console\n$ one\noutput\n$ two \\\n    more\n```\n```text\n$ no\n```\n"
        found = list(blocks.blocks(page))
        self.assertEqual([c.text for c in found], ["one", "two more"])
        self.assertEqual(found[0].line, 3)

    def test_a_fragment_becomes_a_program(self):
        fragment, program = blocks.blocks("```cpp\nf();\n```\n```cpp\nint main() {}\n```\n")
        self.assertIn("int main() {\nf();\n}", fragment.text)
        self.assertEqual(program.text, "int main() {}\n")
        self.assertEqual((fragment.number, program.number), (1, 2))

    def test_a_python_block_is_a_program(self):
        program, = blocks.blocks("```python\nprint(1)\n```\n")
        self.assertEqual((program.line, program.text), (2, "print(1)\n"))

    def test_names_of_programs_tell_pages_apart(self):
        self.assertEqual(blocks.snippet_name(pathlib.Path("/a/README.md"), 1), "readme_1")
        self.assertEqual(blocks.snippet_name(pathlib.Path("/a/docs/guide/first-run.md"), 2),
                         "guide_first_run_2")


class Runner(unittest.TestCase):
    def run_page(self, text, files=None):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text(text, encoding="utf-8")
            (pathlib.Path(folder) / "dev").symlink_to(SOURCE / "dev")
            for name, content in (files or {}).items():
                (pathlib.Path(folder) / name).parent.mkdir(parents=True)
                (pathlib.Path(folder) / name).write_text(content, encoding="utf-8")
            return subprocess.run([sys.executable, HERE / "run_page.py", folder, folder, page],
                                  capture_output=True, text=True, check=False)

    def test_passes_when_every_command_does(self):
        result = self.run_page("```console\n$ touch a\n$ test -e a\n$ ./dev build\n```\n")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("3 blocks", result.stdout)

    def test_names_the_line_that_fails(self):
        result = self.run_page("```console\n$ true\n$ exit 7\n```\n")
        self.assertEqual(result.returncode, 1)
        self.assertIn("page.md:3: exit code 7", result.stdout)

    def test_python_runs_where_the_package_is(self):
        page = "```python\nimport sys\nsys.exit(5)\n```\n"
        self.assertEqual(self.run_page(page).returncode, run_page.SKIPPED)
        result = self.run_page(page, {run_page.INTERPRETER: sys.executable})
        self.assertIn("page.md:2: exit code 5", result.stdout)

    def test_an_unknown_dev_command_fails(self):
        self.assertEqual(self.run_page("```console\n$ ./dev nonsense\n```\n").returncode, 1)

    def test_learning_is_cut_short_unless_the_page_says_how_long(self):
        words = run_page.quick(["learn", "w", "--views", "3"])
        self.assertEqual(words[words.index("--views") + 1], "3")
        self.assertEqual(words[words.index("--tail-steps") + 1], "2")
        self.assertEqual(run_page.quick(["key", "create"]), ["key", "create"])

    def test_knows_what_a_command_makes(self):
        self.assertEqual(list(run_page.made_by(["key", "create", "k"])), ["k"])
        self.assertEqual(list(run_page.made_by(["generate", "d", "--seed", "1"])), ["d"])
        self.assertEqual(list(run_page.made_by(["learn", "w", "--output", "o"])), ["o"])


class Pages(unittest.TestCase):
    def test_every_page_of_the_guide_is_run(self):
        listed = (HERE / "CMakeLists.txt").read_text(encoding="utf-8")
        for page in (SOURCE / "docs/guide").glob("*.md"):
            self.assertIn(f"docs/guide/{page.name}", listed)

    def test_every_relative_link_leads_somewhere(self):
        pages = [*SOURCE.glob("*.md"), *(SOURCE / "docs").rglob("*.md")]
        for page in pages:
            prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"),
                           flags=re.MULTILINE | re.DOTALL)
            for target in re.findall(r"\]\(([^)#\s]+)", prose):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")


if __name__ == "__main__":
    unittest.main()
