"""Runs a command with JupyterLab on the PATH; ends with 77 where it cannot be installed.

usage: with_jupyter.py COMMAND..
"""
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from jupyter_environment import jupyter_folder  # noqa: E402

SKIPPED = 77

if __name__ == "__main__":
    try:
        os.environ["PATH"] = f"{jupyter_folder()}:{os.environ['PATH']}"
    except unittest.SkipTest as why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    os.execvp(sys.argv[1], sys.argv[1:])
