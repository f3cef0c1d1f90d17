"""Transfers on a real control plane, by the real rclone in pods, with a real S3 server. Ends with
77 where the control plane cannot be built for want of a network."""
import base64
import contextlib
import json
import pathlib
import random
import shutil
import socket
import sys
import time
import unittest

import cluster_test
from cluster_test import ClusterTest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from cluster import may_run_pods  # noqa: E402
from s3_server import CutProxy, S3Server, own_address  # noqa: E402

FILES = {"a": b"a" * 1000, "empty": b"", "sub/c": b"c" * 99}


def setUpModule():
    global SERVER, PROXY
    if not shutil.which("rclone"):
        raise unittest.SkipTest("rclone is not installed")
    if not may_run_pods():
        raise unittest.SkipTest("who runs this may not make networks for pods")
    SERVER = unittest.enterModuleContext(S3Server())
    PROXY = unittest.enterModuleContext(CutProxy(SERVER, host=own_address()))
    cluster_test.setUpModule()
    unittest.enterModuleContext(cluster_test.NODE)


class Transfers(ClusterTest):
    def setUp(self):
        super().setUp()
        SERVER.make_bucket("files")
        self.addCleanup(SERVER.delete_bucket, "files")
        PROXY.cut_after = None
        self.write_keys(SERVER.access_key, SERVER.secret_key)
        self.succeed("create volume data --size 1Gi")

    def write_keys(self, access_key, secret_key):
        self.keys = cluster_test.FOLDER / "keys"
        self.keys.write_text(f"[default]\naws_access_key_id={access_key}\n"
                             f"aws_secret_access_key={secret_key}\n")

    def fill_bucket(self):
        for key, data in FILES.items():
            SERVER.put("files", f"some/{key}", data)

    def line(self, name="pull", places="--from s3://files/some --to data/in", more=""):
        return (f"create transfer {name} {places} --endpoint {PROXY.endpoint} "
                f"--image local/rclone:1 --credentials {self.keys} --timeout 60 {more}")

    def content(self, folder="in"):
        root = self.files("data") / folder
        return {str(path.relative_to(root)): path.read_bytes()
                for path in root.rglob("*") if path.is_file()}

    def find(self, kind, name):
        group = "/api/v1" if kind == "secrets" else "/apis/batch/v1"
        return cluster_test.CONTROL.call("GET",
                                         f"{group}/namespaces/{self.space}/{kind}/{name}")

    def count(self, kind):
        group = "/api/v1" if kind in ("secrets", "pods") else "/apis/batch/v1"
        return len(cluster_test.CONTROL.call(
            "GET", f"{group}/namespaces/{self.space}/{kind}")["items"])

    def test_in_again_and_gone_with_the_rights_for_it_alone(self):
        self.fill_bucket()
        self.allow("create transfer", "run transfer", "delete transfer", "list transfers",
                   "show transfer")
        done = self.json(self.line())
        self.assertEqual((done["state"], done["files"], done["bytes"]), ("done", 3, 1099))
        self.assertEqual(self.content(), FILES)
        SERVER.put("files", "some/new", b"new")
        self.assertEqual(self.json(self.line())["files"], 1)
        self.assertEqual(self.json("run transfer pull")["files"], 0)
        self.assertEqual(self.content(), {**FILES, "new": b"new"})
        self.assertEqual([one["name"] for one in self.json("list transfers")], ["pull"])
        self.assertEqual(self.json("show transfer pull")["to"], "data/in")
        self.refuse(2, "there is a transfer 'pull' already, from s3://files/some to data/in",
                    *self.line(places="--from s3://files/other --to data/in").split())
        self.succeed("delete transfer pull --yes")
        self.assertEqual(self.json("list transfers"), [])
        self.assertEqual((self.count("jobs"), self.count("pods"), self.count("secrets")), (0, 0, 0))
        self.assertEqual(len(self.content()), 4)

    def test_no_key_is_in_an_object_but_the_secret(self):
        self.fill_bucket()
        self.succeed(self.line())
        job = json.dumps(self.find("jobs", "transfer-pull"))
        self.assertNotIn(SERVER.secret_key, job)
        secret = self.find("secrets", "transfer-pull")["data"]
        self.assertEqual(base64.b64decode(secret["secret_key"]).decode(), SERVER.secret_key)

    def test_out_with_sync(self):
        for name, data in FILES.items():
            (self.files("data") / "out" / name).parent.mkdir(parents=True, exist_ok=True)
            (self.files("data") / "out" / name).write_bytes(data)
        SERVER.put("files", "up/old", b"old")
        done = self.json(self.line("push", "--from data/out --to s3://files/up", "--sync"))
        self.assertEqual(done["files"], 3)
        self.assertEqual(SERVER.keys("files"), sorted(f"up/{name}" for name in FILES))

    def test_faults_are_one_sentence_and_leave_nothing(self):
        self.fill_bucket()
        for code, part, places in (
                (3, "there is no bucket 'none' at http", "--from s3://none --to data"),
                (3, "there is nothing at s3://files/none", "--from s3://files/none --to data"),
                (3, "volume 'data' has no folder 'none'", "--from data/none --to s3://files"),
                (2, "bucket 'data;id>x' is none", "--from s3://data;id>x --to data"),
                (3, "there is no volume 'nosuch'", "--from s3://files --to nosuch")):
            with self.subTest(part):
                self.refuse(code, part, *self.line("x", places, "--quiet").split())
        self.refuse(2, "every '7m' is none that a CronJob can keep",
                    *self.line("x", more="--every 7m").split())
        line = self.line("x", more="--secret nosuch").replace(f"--credentials {self.keys}", "")
        self.refuse(3, "there is no secret 'nosuch'", *line.split())
        self.write_keys("WRONG", "x/+@:y")
        self.refuse(7, "refuses s3://files/some to these keys: InvalidAccessKeyId",
                    *self.line("x", more="--quiet").split())
        self.assertEqual(self.json("list transfers"), [])
        self.assertEqual((self.count("jobs"), self.count("secrets")), (0, 0))

    def test_a_vanished_source_leaves_the_files(self):
        self.fill_bucket()
        self.succeed(self.line(more="--sync"))
        for key in SERVER.keys("files"):
            SERVER.ask("DELETE", f"/files/{key}")
        self.refuse(3, "there is nothing at s3://files/some",
                    *self.line(more="--sync --quiet").split())
        self.assertEqual(self.content(), FILES)
        self.assertEqual(self.json("show transfer pull")["state"], "failed")

    def test_a_cut_connection_is_taken_up_again(self):
        big = random.Random(7).randbytes(8_000_000)
        SERVER.put("files", "some/big", big)
        PROXY.cut_after = 3_000_000
        self.succeed(self.line())
        self.assertEqual(self.content(), {"big": big})

    def test_an_object_without_a_hash_is_compared_whole(self):
        big = random.Random(7).randbytes(8_000_000)
        SERVER.put_in_parts("files", "some/big", big)
        self.assertEqual(self.json(self.line())["state"], "done")
        self.assertEqual(self.content(), {"big": big})
        self.assertGreaterEqual(SERVER.log().count('"GET /files/some/big '), 2)
        self.assertEqual(self.count("jobs"), 1)

    def test_a_schedule_runs_of_itself(self):
        self.fill_bucket()
        self.assertEqual(self.json(self.line(more="--every 1m"))["state"], "scheduled")
        self.assertEqual(self.find("cronjobs", "transfer-pull")["spec"]["concurrencyPolicy"],
                         "Forbid")
        SERVER.put("files", "some/new", b"new")
        deadline = time.monotonic() + 100
        while "new" not in self.content():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.5)
        self.assertEqual(self.json("list transfers")[0]["every"], "1m")
        self.succeed("delete transfer pull --yes")
        self.assertEqual((self.count("cronjobs"), self.count("jobs")), (0, 0))

    def test_lines_of_the_netapp_toolkit(self):
        self.fill_bucket()
        cluster_test.CONTROL.call("POST", f"/api/v1/namespaces/{self.space}/secrets", {
            "metadata": {"name": "s3-keys"}, "stringData": {
                "access_key": SERVER.access_key, "secret_key": SERVER.secret_key}})
        host, port = PROXY.endpoint.removeprefix("http://").split(":")
        store = f"-c s3-keys -o {host} -t {port} -b files -p data -n {self.space}"
        self.succeed(f"get-s3 bucket {store} -d all -i local/rclone:1 --cpu-request 1")
        self.assertEqual(self.content("all/some"), FILES)
        self.succeed(f"get-s3-object {store} --object-key=some/a -f models/m.bin")
        self.assertEqual(self.content("models"), {"m.bin": FILES["a"]})
        self.succeed(f"put-s3 object {store} -k up/m -f models/m.bin")
        self.succeed(f"put-s3-bucket {store} -d models")
        self.assertEqual(SERVER.get("files", "up/m"), FILES["a"])
        self.assertEqual(SERVER.get("files", "m.bin"), FILES["a"])
        names = [one["name"] for one in self.json("list transfers")]
        self.assertEqual(sorted(name[:-9] for name in names),
                         ["get-bucket", "get-object", "put-bucket", "put-object"])
        self.succeed(f"show s3-job -j {names[0]} -n {self.space}")
        self.succeed(f"delete s3-job --job={names[0]}")
        self.assertEqual(len(self.json("list transfers")), 3)

    def test_jobs_of_the_netapp_toolkit_are_listed_and_deleted(self):
        line = "mc cp -r DATAOPS/files/ /mnt/data/in"
        job = {"metadata": {"generateName": "s3mover-get-bucket-", "labels": {
                   "created-by": "ntap-dsutil", "created-by-operation": "get-s3-bucket"}},
               "spec": {"backoffLimit": 0, "template": {"spec": {
                   "restartPolicy": "Never",
                   "containers": [{"name": "netapp-dataops-s3mc-container", "image": "minio/mc",
                                   "command": ["/bin/bash", "-c", f"true || {line}"]}],
                   "volumes": [{"name": "s3mc-data-volume", "persistentVolumeClaim": {
                       "claimName": "data"}}]}}}}
        made = cluster_test.CONTROL.call(
            "POST", f"/apis/batch/v1/namespaces/{self.space}/jobs", job)["metadata"]["name"]
        shown = self.json(f"show transfer {made}")
        self.assertEqual((shown["from"], shown["to"]), ("s3://files", "data"))
        self.assertEqual([one["name"] for one in self.json("list transfers")], [made])
        self.succeed(f"delete s3-job -j {made}")
        self.assertEqual((self.count("jobs"), self.count("pods")), (0, 0))


if __name__ == "__main__":
    unittest.main()
