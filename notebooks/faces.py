"""What the three notebooks share: commands, a server, and FaceBoxes' way from picture to boxes.

The tech report's notebook calls the two steps `preprocess_input` and `postprocess_outputs`.
"""
import atexit
import pathlib
import re
import shlex
import subprocess

import matplotlib.pyplot as plt
import numpy
from PIL import Image

WEIGHTS = "../share/faceboxes.safetensors"

# Enough to show the way in seconds. Leave them out, and learn from your own pictures, for results.
QUICK = "--views 2 --statistics-views 16 --window 256 --adapt-steps 1 --tail-steps 25"

HEAD_CONFIG = """platform: "pytorch_libtorch"
input { name: "INPUT__0" data_type: TYPE_FP32 dims: [-1, 3, -1, -1] }
output { name: "OUTPUT__0" data_type: TYPE_FP32 dims: [-1, -1, -1, -1] }
"""


def run(command):
    """Runs a command and shows what it prints; an exception if it fails."""
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
    print(done.stdout, end="")


def make(path, command):
    """Runs the command that makes `path`, unless it is there."""
    if not pathlib.Path(path).exists():
        run(command)


def serve_head(repository, name, head):
    """Makes a head, a TorchScript file, a model of the repository. For the trusted zone only."""
    folder = pathlib.Path(repository, name)
    (folder / "1").mkdir(parents=True, exist_ok=True)
    (folder / "1/model.pt").write_bytes(pathlib.Path(head).read_bytes())
    (folder / "config.pbtxt").write_text(HEAD_CONFIG, encoding="utf-8")


def start_server(repository):
    """Starts scrim-server on a free port of this machine; its address. It ends with the kernel."""
    server = subprocess.Popen(
        ["scrim-server", "--model-repository", repository, "--http-port", "0",
         "--allow-grpc=false", "--allow-metrics=false"], stderr=subprocess.PIPE, text=True)
    atexit.register(server.terminate)
    lines = []
    for line in server.stderr:
        lines.append(line)
        if found := re.search(r"HTTP on \S+:(\d+)", line):
            return f"localhost:{found[1]}"
    raise RuntimeError("".join(lines))


def to_input(picture, rules):
    """A picture, H x W x 3 of R, G, B, as the head takes it: 1 x 3 x H x W of B, G, R."""
    height, width = (round(side * rules.scale) for side in picture.shape[:2])
    planes = [Image.fromarray(picture[..., channel].astype(numpy.float32)).resize(
        (width, height), Image.Resampling.BILINEAR) for channel in (2, 1, 0)]
    mean = numpy.array(rules.mean, numpy.float32).reshape(3, 1, 1)
    return (numpy.stack([numpy.asarray(plane) for plane in planes]) - mean)[None]


def priors_of(height, width):
    """FaceBoxes' prior boxes for an input: rows of centre x, centre y and side, in pixels."""
    rows = []
    for step, sets in ((32, ((32, 4, 0), (64, 2, 0), (128, 1, 0.5))),
                       (64, ((256, 1, 0.5),)), (128, ((512, 1, 0.5),))):
        for y in range(-(-height // step)):
            for x in range(-(-width // step)):
                for side, count, first in sets:
                    rows += [((x + first + j / count) * step, (y + first + i / count) * step, side)
                             for i in range(count) for j in range(count)]
    return numpy.array(rows)


def boxes_of(outputs, shape, rules, threshold=0.5):
    """Boxes x1, y1, x2, y2 in pixels of the picture, best first, of what the tail returned."""
    places, scores = outputs[0][0].astype(float), outputs[1][0, :, 1]
    best = [at for at in numpy.argsort(-scores, kind="stable") if scores[at] > threshold]
    priors, places = priors_of(*shape[2:])[best], places[best]
    centres = priors[:, :2] + 0.1 * places[:, :2] * priors[:, 2:]
    sides = priors[:, 2:] * numpy.exp(0.2 * places[:, 2:])
    boxes = numpy.hstack([centres - sides / 2, centres + sides / 2])
    kept = []
    for box in boxes:
        if all(overlap(box, better) <= 0.3 for better in kept):
            kept.append(box)
    return [box / rules.scale for box in kept]


def overlap(a, b):
    """Intersection over union of two boxes."""
    sides = numpy.clip(numpy.minimum(a[2:], b[2:]) - numpy.maximum(a[:2], b[:2]), 0, None)
    common = sides.prod()
    return common / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - common)


def show(axis, picture, boxes, title):
    """Draws a picture with its boxes."""
    axis.imshow(picture)
    axis.set_title(title)
    axis.axis("off")
    for x1, y1, x2, y2 in boxes:
        axis.add_patch(plt.Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, color="red", lw=2))
