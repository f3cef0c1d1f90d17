"""python -m scrim ARGUMENTS: runs the command line `scrim`, beside the package or on the PATH."""
import os
import pathlib
import shutil
import sys


def find_program():
    """The program that lies in the package's bin, beside the interpreter, or on the PATH."""
    for folder in (pathlib.Path(__file__).parent / "bin", pathlib.Path(sys.executable).parent):
        program = folder / "scrim"
        if program.is_file() and os.access(program, os.X_OK):
            return str(program)
    return shutil.which("scrim")


def main():
    program = find_program()
    if program is None:
        print("scrim: the command line is not installed: put its folder on the PATH "
              "(build/release/bin after ./dev build)", file=sys.stderr)
        return 3
    os.execv(program, ["scrim", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
