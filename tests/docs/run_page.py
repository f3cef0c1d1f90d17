"""Runs the commands and snippets of one page, in order, in a scratch folder, to the first failure.

usage: run_page.py SOURCE_FOLDER BUILD_FOLDER PAGE
"""
import atexit
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from blocks import Command, PythonProgram, blocks, snippet_name

PREPARED = "docs_prepared"
# Names the interpreter that has the Python package, once its test has made one.
INTERPRETER = "python_package/interpreter"
SKIPPED = 77

# A page shows a verb with its defaults; a test has no quarter of an hour.
QUICK = {
    "audit": {"--pictures": "3", "--decoder-steps": "2"},
    "learn": {"--views": "1", "--adapt-steps": "2", "--tail-steps": "2",
              "--statistics-views": "24"},
    "train-detector": {"--steps": "2", "--batch": "2", "--window": "128"},
    "train-classifier": {"--steps": "2"},
    "split": {"--steps": "2", "--window": "128"},
}

# Attackers of two steps fail their controls, and the audit says so by its exit code.
MAY_REFUSE = {"audit": 7}


def quick(words):
    """The words of a `scrim` command with flags that cut it short, unless it has them already."""
    verb = words[0] if words else ""
    for flag, value in QUICK.get(verb, {}).items():
        if flag not in words:
            words = [*words, flag, value]
    return words


def made_by(words):
    """The files or folders that a `scrim` command is asked to make."""
    if words[:1] == ["generate"]:
        yield words[1]
    if words[:2] == ["key", "create"]:
        yield words[2]
    if "--output" in words:
        yield words[words.index("--output") + 1]


class Page:
    """One page's scratch folder, and how its blocks run there."""

    def __init__(self, source, build, page, scratch):
        self.source, self.build, self.page, self.scratch = source, build, page, scratch
        self.made = set()
        self.servers = []
        self.environment = {**os.environ, "HOME": str(scratch),
                            "PATH": f"{build / 'bin'}:{os.environ['PATH']}"}

    def run(self, block):
        """Returns the exit code of a block."""
        if isinstance(block, PythonProgram):
            return self.call([self.interpreter(), "-W", "ignore", "-c", block.text])
        if not isinstance(block, Command):
            program = self.build / "docs" / snippet_name(self.page, block.number)
            return self.call([program])
        words = shlex.split(block.text)
        if words[0] == "pip":
            return 0 if (self.source / words[-1] / "pyproject.toml").exists() else 1
        if words[0] == "python":
            return self.call([self.interpreter(), *words[1:]])
        if words[0] == "scrim-server":
            return self.serve(words[1:])
        if words[0] == "./dev":
            return self.check_dev(words[1])
        if words[0] == "scrim":
            self.forget_prepared(words[1:])
            code = self.call([self.build / "bin/scrim", *quick(words[1:])])
            return 0 if code == MAY_REFUSE.get(words[1]) else code
        return self.call(["bash", "-ec", block.text])

    def interpreter(self):
        """Python with the package; ends the page where there is none."""
        named = self.build / INTERPRETER
        if not named.exists():
            print(f"skipped: {named} names no interpreter with the package")
            sys.exit(SKIPPED)
        return named.read_text(encoding="utf-8")

    def call(self, arguments):
        return subprocess.run(arguments, cwd=self.scratch, env=self.environment,
                              check=False).returncode

    def serve(self, words):
        """Starts a server that ends with the page; returns once it is ready, 1 if it ends."""
        server = subprocess.Popen([self.build / "bin/scrim-server", *words], cwd=self.scratch,
                                  env=self.environment, stderr=subprocess.PIPE, text=True)
        self.servers.append(server)
        for line in server.stderr:
            print(line, end="", flush=True)
            if "HTTP on" in line:
                return 0
        return 1

    def end(self):
        """Ends what the page has started, as a user would."""
        for server in self.servers:
            server.terminate()
            server.communicate()

    def check_dev(self, command):
        """`./dev test` within a test would never end: the command has to exist, that is all."""
        listed = subprocess.run([self.source / "dev", "help"],
                                capture_output=True, text=True, check=True).stdout
        return 0 if f"\n  {command} " in listed else 1

    def forget_prepared(self, words):
        """Removes what the command is about to make for the first time on this page."""
        for name in made_by(words):
            target = self.scratch / name
            if name not in self.made and target.exists():
                shutil.rmtree(target) if target.is_dir() else target.unlink()
            self.made.add(name)


def main():
    source, build, page = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder) / "page"
        prepared = build / PREPARED
        shutil.copytree(prepared, scratch) if prepared.exists() else scratch.mkdir()
        runner = Page(source, build, page, scratch)
        atexit.register(runner.end)
        count = 0
        for block in blocks(page.read_text(encoding="utf-8")):
            where = f"{page.relative_to(source)}:{block.line}"
            shown = block.text if isinstance(block, Command) else "(snippet)"
            print(f"{where}: {shown}", flush=True)
            code = runner.run(block)
            if code != 0:
                print(f"{where}: exit code {code}")
                return 1
            count += 1
    print(f"{page.name}: {count} blocks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
