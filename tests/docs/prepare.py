"""Makes what the pages take for granted: a dataset, weights, a picture, a key, a release.

usage: prepare.py SOURCE_FOLDER BUILD_FOLDER
"""
import pathlib
import shutil
import subprocess
import sys

from run_page import PREPARED, quick


def detections_of(annotation):
    """An FDDB ellipse list as FDDB results: a box about each ellipse, score 0.9."""
    for line in annotation.splitlines():
        numbers = line.split()
        if len(numbers) < 5:
            yield line
            continue
        major, minor, _, x, y = map(float, numbers[:5])
        yield f"{x - minor:.2f} {y - major:.2f} {2 * minor:.2f} {2 * major:.2f} 0.9"


def main():
    source, build = map(pathlib.Path, sys.argv[1:3])
    scratch = build / PREPARED
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "share").mkdir(parents=True)
    for weights in ("faceboxes", "shapes"):
        shutil.copy(source / f"share/{weights}.safetensors", scratch / "share")

    def scrim(*words):
        subprocess.run([build / "bin/scrim", *quick(list(words))], cwd=scratch, check=True)

    scrim("generate", "drawn", "--pictures", "12")
    scrim("key", "create", "key")
    scrim("learn", "share/faceboxes.safetensors", "--dataset", "drawn", "--alpha", "0.8",
          "--output", "faces.scrim")
    scrim("export", "faces.scrim", "--repository", "models")
    pictures = sorted(p for p in (scratch / "drawn").rglob("*") if p.suffix in {".png", ".jpg"})
    subprocess.run([build / "tests/docs_to_png", pictures[0], scratch / "team.png"], check=True)
    ellipses = sorted((scratch / "drawn/FDDB-folds").glob("*ellipseList.txt"))
    lines = [line for path in ellipses for line in detections_of(path.read_text())]
    (scratch / "detections.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
