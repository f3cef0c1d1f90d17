"""Data operations on a real node, as a transcript: the control plane of the tests with a kubelet,
containerd, runc and kube-proxy of its own. Run by hand; needs root and control groups.

usage: kubelet.py BUILD_FOLDER

Everything is in namespaces of its own (network, mounts, processes) and in a folder that goes with
it. Ends with 77 where that cannot be had.
"""
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

from cluster import SKIPPED, built
from control_plane import ControlPlane
from image import write_images
from packages import unpacked
from provisioner import Provisioner
from real_node import NAME, PAUSE, RealNode, connect, prepare, remove_groups, why_not

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/docs"))
from run_page import quick  # noqa: E402

IMAGE = "registry.example/scrim:0.1"
JOVYAN = "registry.example/jovyan:0.1"  # the same, whose user is that of Jupyter's images
IMAGES = {IMAGE: {}, JOVYAN: {"User": "1000:100"},
          PAUSE: {"Entrypoint": ["/bin/sleep", "2147483647"]}}
# kube-proxy hears of a pod that is ready up to a second after the tool does.
CURL = "curl --silent --show-error --fail --retry 5 --retry-connrefused --retry-delay 1"
UNSHARED = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


class Timer:
    def __init__(self):
        self.start = time.monotonic()

    def say(self, what):
        print(f"# {what}: {time.monotonic() - self.start:.1f} s", flush=True)
        self.start = time.monotonic()


class Transcript:
    """Runs commands as a person types them, in a folder of their own."""

    def __init__(self, build, folder, kubeconfig):
        self.folder = folder
        self.faults = 0
        self.environment = {"HOME": str(folder), "KUBECONFIG": str(kubeconfig),
                            "PATH": f"{build / 'bin'}:{os.environ['PATH']}"}

    def run(self, line, *, code=0):
        """Prints a command and what it says; what it prints to stdout."""
        print(f"\n$ {line}", flush=True)
        words = shlex.split(line)
        if words[0] == "scrim":
            words = ["scrim", *quick(words[1:])]
        start = time.monotonic()
        done = subprocess.run(words, cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        print(done.stderr + done.stdout, end="")
        print(f"[{seconds:.1f} s, exit code {done.returncode}]", flush=True)
        if done.returncode != code:
            self.fault(f"{code} was expected")
        return done.stdout

    def json(self, line, **more):
        program, verb, noun, rest = line.split(" ", 3)
        return json.loads(self.run(f"{program} {verb} {noun} --output json {rest}", **more) or "{}")

    def fault(self, what):
        print(f"# FAULT: {what}", flush=True)
        self.faults += 1


class Scenarios:
    """Those of the tech report, and workspaces, in the namespace `inference`."""

    def __init__(self, transcript, control, storage):
        self.tell, self.control, self.storage = transcript, control, storage

    def pods(self):
        return self.control.call("GET", "/api/v1/namespaces/inference/pods")["items"]

    def put(self, source, volume):
        target = self.storage.folder("inference", volume)
        print(f"# the files of {source} are copied into the volume {volume}")
        subprocess.run(["cp", "-r", f"{self.tell.folder / source}/.", target], check=True)

    def states(self):
        for pod in self.pods():
            for one in pod["status"].get("containerStatuses", []):
                print(f"# {pod['metadata']['name']}: {one['image']} ready {one['ready']}, "
                      f"{one['restartCount']} restarts, {json.dumps(one['state'])}", flush=True)

    def prepare(self):
        run = self.tell.run
        run("scrim generate drawn --pictures 12")
        run("scrim key create drawn/key")
        run(f"scrim learn {SOURCE}/share/faceboxes.safetensors --dataset drawn --alpha 0.8 "
            "--output faces.scrim")
        run("cp -r faces.scrim drawn/faces.scrim")
        run("scrim export faces.scrim --repository models")

    def sweep(self):
        run = self.tell.run
        run("scrim-dataops create namespace inference")
        run("scrim-dataops create volume inference-data --size 1Gi --namespace inference")
        self.put("drawn", "inference-data")
        sweep = (f"scrim-dataops run sweep --volume inference-data --image {IMAGE} --release "
                 "faces.scrim --alphas 0.8 --key key --resource memory=4Gi --namespace inference")
        run(sweep)
        self.states()
        run(sweep)
        run("scrim-dataops list runs --namespace inference")
        run("scrim-dataops delete run sweep --yes --namespace inference")

    def serve(self):
        run = self.tell.run
        run("scrim-dataops create volume triton-model-repo --size 1Gi --namespace inference")
        self.put("models", "triton-model-repo")
        made = self.tell.json(
            "scrim-dataops create server netapp-inference --model-repository triton-model-repo "
            f"--image {IMAGE} --resource memory=4Gi --namespace inference")
        self.states()
        address = made.get("http", "")
        run(f"{CURL} --request POST {address}/v2/repository/index")
        run("scrim infer drawn/originalPics --release faces.scrim --alpha 0.8 --key drawn/key "
            f"--output found --server {address} --model face_detection_noisy --plain-http")
        run("scrim-dataops clone server canary --from netapp-inference --namespace inference")
        run("scrim-dataops list servers --namespace inference")
        run("scrim-dataops create snapshot models-1 --of triton-model-repo --namespace inference")
        run("scrim-dataops restore snapshot models-1 --stop --yes --namespace inference")
        run("scrim-dataops start server netapp-inference --namespace inference")
        run(f"{CURL} {address}/v2/models/face_detection_noisy/ready")
        run("scrim-dataops stop server canary --namespace inference")
        run("scrim-dataops delete server canary --yes --namespace inference")
        run("scrim-dataops delete server netapp-inference --yes --namespace inference")

    def work(self):
        run = self.tell.run
        made = self.tell.json(
            f"scrim-dataops create workspace files --size 1Gi --no-tls --image {JOVYAN} --mount "
            "inference-data:/home/jovyan/data --namespace inference -- sh -c "
            "'id > {folder}/index.html; exec httpd -f -p {port} -h {folder}'")
        self.states()
        url = made.get("url", "")
        run(f"{CURL} {url}")
        run("scrim-dataops create snapshot first --of workspace/files --namespace inference")
        clone = self.tell.json(
            "scrim-dataops clone workspace more --from snapshot/first --namespace inference")
        run(f"{CURL} {clone.get('url', '')}")
        run("scrim-dataops restore snapshot first --stop --yes --namespace inference")
        run("scrim-dataops list workspaces --namespace inference")
        run("scrim-dataops stop workspace files --namespace inference")
        run("scrim-dataops start workspace files --namespace inference")
        run("scrim-dataops delete workspace more --yes --namespace inference")
        run("scrim-dataops delete workspace files --cascade --yes --namespace inference")
        print("# its group may now write what is in the volume of the data")
        run("ls -l " + str(self.storage.folder("inference", "inference-data")))
        run(f"scrim-dataops run sweep --name after --volume inference-data --image {IMAGE} "
            "--release faces.scrim --alphas 0.8 --key key --no-clean --namespace inference")
        run(f"scrim-dataops run sweep --name long --volume inference-data --image {IMAGE} "
            "--alphas 0.8 --no-wait --namespace inference -- sleep 1000")
        time.sleep(5)
        run("scrim-dataops delete run long --yes --namespace inference")

    def refuse(self):
        run = self.tell.run
        server = "scrim-dataops create server broken --model-repository triton-model-repo "
        end = " --namespace inference"
        run(server + "--image registry.example/none:1 --timeout 15" + end, code=6)
        run(server + f"--image {IMAGE} --program no-such-program --timeout 15" + end, code=6)
        run(server + f"--image {IMAGE} --flag=--no-such-flag --timeout 20" + end, code=6)
        run(server + f"--image {IMAGE} --resource cpu=1000 --timeout 10" + end, code=6)
        run(f"scrim-dataops run sweep --name none --volume inference-data --image {IMAGE} "
            "--alphas 0.8 --timeout 20" + end + " -- no-such-program", code=1)
        run("scrim-dataops run sweep --name gone --volume inference-data --image "
            "registry.example/none:1 --alphas 0.8 --timeout 15" + end + " -- true", code=6)
        run("scrim-dataops list servers" + end)


def inside(build, folder, programs, node_programs, packages):
    timer = Timer()
    connect()
    control = ControlPlane(programs, folder / "control")
    prepare(control)
    with control, Provisioner(control, folder / "storage", NAME) as storage, \
            RealNode(control, node_programs, packages, folder / "node") as node:
        timer.say("the control plane is up, the node starts")
        node.import_images(folder / "images.tar")
        timer.say("the images are imported")
        node.wait_until_ready()
        timer.say("the node is ready")
        for program in (("containerd", "--version"), ("runc", "--version"),
                        (node.programs / "kubelet", "--version")):
            print("# " + node.call(*program).splitlines()[0])
        tell = Transcript(build, folder / "home", control.kubeconfig)
        scenarios = Scenarios(tell, control, storage)
        try:
            for part in (scenarios.prepare, scenarios.sweep, scenarios.serve, scenarios.work,
                         scenarios.refuse):
                print(f"\n## {part.__name__}", flush=True)
                part()
                timer.say(f"{part.__name__}, in all")
        finally:
            for program in node.ended():
                tell.fault(f"{program} has ended: {node.log(program)[-2000:]}")
        print(f"\n{tell.faults} faults")
        return 1 if tell.faults else 0


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    if sys.argv[2:]:
        return inside(build, *map(pathlib.Path, sys.argv[2:]))
    reason = why_not()
    packages = None if reason else unpacked()
    if not reason and not packages:
        reason = "the packages of the node cannot be fetched"
    if reason:
        print(f"skipped: {reason}")
        return SKIPPED
    programs, node_programs = built(), built("node")
    with tempfile.TemporaryDirectory(prefix="scrim-kubelet-") as name:
        folder = pathlib.Path(name)
        (folder / "home").mkdir()
        timer = Timer()
        binaries = [build / "bin" / one for one in ("scrim", "scrim-server", "scrim-dataops")]
        write_images(folder / "images.tar", folder / "image", binaries, packages / "bin/busybox",
                     IMAGES)
        timer.say(f"an image of {(folder / 'images.tar').stat().st_size >> 20} MB is made")
        try:
            return subprocess.run([*UNSHARED, sys.executable, __file__, build, folder, programs,
                                   node_programs, packages], check=False).returncode
        finally:
            remove_groups()


if __name__ == "__main__":
    sys.exit(main())
