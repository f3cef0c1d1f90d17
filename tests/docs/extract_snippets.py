"""Writes every C++ snippet of the pages as a program; prints the programs' names.

usage: extract_snippets.py OUTPUT_FOLDER PAGE...
"""
import pathlib
import sys

from blocks import Snippet, blocks, snippet_name


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for page in map(pathlib.Path, sys.argv[2:]):
        for block in blocks(page.read_text(encoding="utf-8")):
            if isinstance(block, Snippet):
                names.append(snippet_name(page, block.number))
                target = folder / f"{names[-1]}.cc"
                # Left alone when nothing changed, so that it is not compiled again.
                if not target.exists() or target.read_text(encoding="utf-8") != block.text:
                    target.write_text(block.text, encoding="utf-8")
    print(";".join(names), end="")


if __name__ == "__main__":
    main()
