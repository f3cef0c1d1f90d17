"""A cluster for a test: the control plane, its storage, and a node where pods may run here."""
import contextlib
import os
import pathlib
import subprocess

from control_plane import ControlPlane
from node import Node
from provisioner import Provisioner

NO_NETWORK = 75  # what build ends with where it cannot fetch the modules
SKIPPED = 77     # what a test then ends with


def built(*part):
    """The folder of the control plane's programs. Ends the process where there can be none."""
    done = subprocess.run([pathlib.Path(__file__).with_name("build"), *part],
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == NO_NETWORK:
        print("skipped: the modules of the control plane cannot be fetched", flush=True)
        os._exit(SKIPPED)
    done.check_returncode()
    return done.stdout.strip()


def may_run_pods():
    return subprocess.run(["unshare", "--net", "true"], capture_output=True,
                          check=False).returncode == 0


@contextlib.contextmanager
def cluster(folder, path, users=()):
    """Yields control plane, storage and node; the node is to be entered. `path` is where pods find
    their programs."""
    control = ControlPlane(built(), folder / "control")
    for user in users:
        control.user(user)
    with control, Provisioner(control, folder / "storage") as storage:
        yield control, storage, Node(control, storage, folder / "node", path)
