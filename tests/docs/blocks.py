"""The commands and snippets that a page shows, in order."""
import dataclasses
import re

# A fence, its language, its text; the closing fence stands at the same indentation.
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
                   re.MULTILINE | re.DOTALL)
COMMAND_LANGUAGES = {"console", "sh", "bash"}
PROGRAM = """#include <scrim/scrim.h>

#include <iostream>

int main() {{
{text}}}
"""


@dataclasses.dataclass
class Command:
    line: int
    text: str


@dataclasses.dataclass
class PythonProgram:
    line: int
    text: str


@dataclasses.dataclass
class Snippet:
    line: int
    number: int  # 1 for the first of its page
    text: str    # a complete program


def commands_in(text, first_line):
    """The `$ ` lines of a block; a backslash at the end joins the next line."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if not line.startswith("$ "):
            continue
        command = line[2:]
        while command.endswith("\\") and at + 1 < len(lines):
            at += 1
            command = command[:-1] + lines[at].lstrip("> ")
        yield Command(first_line + at, command)


def blocks(page_text):
    """Every Command, PythonProgram and Snippet of a page, as the reader meets them."""
    snippets = 0
    for match in FENCE.finditer(page_text):
        first_line = page_text.count("\n", 0, match.start("text")) + 1
        language, text = match["language"], match["text"]
        if language in COMMAND_LANGUAGES:
            yield from commands_in(text, first_line)
        elif language == "python":
            yield PythonProgram(first_line, text)
        elif language == "cpp":
            snippets += 1
            program = text if "int main(" in text else PROGRAM.format(text=text)
            yield Snippet(first_line, snippets, program)


def snippet_name(page, number):
    """The name of a snippet's program: "guide_learn_1" for the first of docs/guide/learn.md."""
    parts = [*page.with_suffix("").parts[-2:]] if page.parent.name == "guide" else [page.stem]
    return "_".join([*parts, str(number)]).replace("-", "_").lower()
