"""Runs a command with a cluster of its own: KUBECONFIG is that of its administrator.

usage: run.py BIN_FOLDER COMMAND..
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from cluster import SKIPPED, cluster, may_run_pods


def main(programs, *command):
    if not may_run_pods():
        print("skipped: who runs this may not make networks for pods")
        return SKIPPED
    path = f"{pathlib.Path(programs).resolve()}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="scrim-cluster-") as name:
        folder = pathlib.Path(name)
        with cluster(folder, path) as (control, storage, node), node:
            environment = {**os.environ, "KUBECONFIG": str(control.kubeconfig),
                           "SCRIM_TEST_KUBECONFIG": str(control.kubeconfig),
                           "SCRIM_TEST_VOLUMES": str(storage.root / "volumes")}
            return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
