"""Runs a command with an S3 server of its own: S3_ENDPOINT leads there, also from pods, the keys
are in the environment, and a bucket "pictures" has a few files. A bucket "inference" has those of
FOLDER.

usage: with_s3.py FOLDER COMMAND..
"""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from s3_server import CutProxy, S3Server, own_address

SKIPPED = 77


def main(folder, *command):
    if not shutil.which("rclone"):
        print("skipped: rclone is not installed")
        return SKIPPED
    try:
        with S3Server() as server, CutProxy(server, host=own_address()) as door:
            server.make_bucket("pictures")
            for key in ("fddb/one.jpg", "fddb/two.jpg", "models/faces.pt"):
                server.put("pictures", key, key.encode())
            server.make_bucket("inference")
            for path in sorted(pathlib.Path(folder).rglob("*")):
                if path.is_file():
                    server.put("inference", str(path.relative_to(folder)), path.read_bytes())
            return subprocess.run(command, check=False, env={
                **os.environ, "S3_ENDPOINT": door.endpoint,
                "AWS_ACCESS_KEY_ID": server.access_key,
                "AWS_SECRET_ACCESS_KEY": server.secret_key}).returncode
    except unittest.SkipTest as reason:
        print(f"skipped: {reason}")
        return SKIPPED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
