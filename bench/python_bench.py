#!/usr/bin/env python3
"""What a call from Python costs beside the same call from C++, after their values were compared.

usage: python_bench.py NOISE_PEER     with the interpreter that has the package installed

Both in processor time; they take turns, and the quickest of all rounds counts: on a machine that
does other work besides, a mean would say more of that work.
"""
import pathlib
import subprocess
import sys
import tempfile
import time
import timeit

import numpy
import scrim

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python/tests"))
from support import activation_of, parts_of  # pylint: disable=wrong-import-position

TURNS = 12
SHAPES = ((1, 32, 1, 1), (1, 32, 32, 32), (1, 32, 64, 64), (1, 32, 128, 128))


def microseconds(call):
    """Of the quickest of three rounds of a tenth of a second."""
    timer = timeit.Timer(call, timer=time.process_time)
    calls = max(1, int(0.1 / (timer.timeit(3) / 3)))
    return min(timer.repeat(3, calls)) / calls * 1e6


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="scrim-bench-"))
    release = scrim.Release.write(folder / "tiny.scrim", parts_of(folder))
    noise = scrim.Noise(release, scrim.Key.create(folder / "key"), alpha=0.8)
    print(f"{'values':>8} {'C++ call':>10} {'Python':>10} {'ratio':>7} "
          f"{'C++ apply':>10} {'Python':>10} {'ratio':>7}   microseconds")
    for shape in SHAPES:
        activation = activation_of(shape)
        out = numpy.empty_like(activation)
        words = [str(word) for word in (release.folder, folder / "key", "0.8", "fp32", *shape)]

        def peer(*flags):
            return subprocess.run([sys.argv[1], *flags, *words], input=activation.tobytes(),
                                  capture_output=True, check=True).stdout
        if peer() != noise(activation).tobytes():
            raise SystemExit("the values differ")
        rows = []
        for _ in range(TURNS):
            theirs = [float(word) for word in peer("--time").split()]
            rows.append([theirs[0], microseconds(lambda: noise(activation)), theirs[1],
                         microseconds(lambda: noise.apply(activation, out))])
        call, python_call, apply, python_apply = numpy.min(rows, axis=0)
        print(f"{activation.size:8} {call:10.2f} {python_call:10.2f} {python_call / call:7.3f} "
              f"{apply:10.2f} {python_apply:10.2f} {python_apply / apply:7.3f}")


if __name__ == "__main__":
    main()
