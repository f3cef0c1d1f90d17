"""Transfers between volumes of this machine and a real S3 server, by the real rclone."""
import json
import os
import pathlib
import random
import shutil
import signal
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from s3_server import CutProxy, S3Server  # noqa: E402

PROGRAM = os.environ["SCRIM_DATAOPS"]
BIG = random.Random(7).randbytes(30_000_000)
FILES = {"a": b"a" * 1000, "empty": b"", "sub/with space + \u00fc.txt": b"small",
         "sub/c": b"c" * 99}
FAKE_SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$HOME/systemctl.log"
[ -e "$HOME/no-bus" ] && { echo "Failed to connect to bus: No medium found" >&2; exit 1; }
exit 0
"""


def setUpModule():
    global SERVER
    if not shutil.which("rclone"):
        raise unittest.SkipTest("rclone is not installed")
    SERVER = unittest.enterModuleContext(S3Server())


def expect_one_sentence(test, done, code, part):
    test.assertEqual(done.returncode, code, done.stderr)
    test.assertEqual(done.stdout, "")
    complaints = [line for line in done.stderr.splitlines() if line.startswith("scrim-dataops: ")]
    test.assertEqual(len(complaints), 1, done.stderr)
    test.assertIn(part, complaints[0])
    test.assertNotIn(SERVER.secret_key, done.stderr)


class TlsProxy(CutProxy):
    """The same over TLS, with a certificate of its own for 127.0.0.1."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="scrim-tls-")
        self.certificate = pathlib.Path(self.folder.name) / "ca.pem"
        key = self.certificate.with_name("key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                        "/CN=store", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                        "-out", self.certificate], check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        super().__enter__()
        self.endpoint = self.endpoint.replace("http:", "https:")
        return self

    def __exit__(self, *end):
        super().__exit__(*end)
        self.folder.cleanup()

    def carry(self, client):
        try:
            wrapped = self.context.wrap_socket(client, server_side=True)
        except OSError:  # who asks does not trust it
            client.close()
        else:
            super().carry(wrapped)


class LocalTest(unittest.TestCase):
    """A home, a volume "data" and a bucket "files" of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="scrim-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("AWS_", "SCRIM_DATAOPS_", "XDG_", "KUBE"))}
        self.environment = {**kept, "HOME": str(self.folder)}
        self.write_keys(SERVER.access_key, SERVER.secret_key)
        SERVER.make_bucket("files")
        self.addCleanup(SERVER.delete_bucket, "files")
        self.data = pathlib.Path(self.json("create volume data --size 1Gi")["path"])
        self.record = self.folder / ".local/share/scrim/default/transfers"

    def write_keys(self, access_key, secret_key):
        (self.folder / ".aws").mkdir(exist_ok=True)
        (self.folder / ".aws/credentials").write_text(
            f"# mine\n[default]\naws_access_key_id = {access_key}\n"
            f"aws_secret_access_key={secret_key}\n[empty]\n")

    def start(self, *words, **more):
        return subprocess.Popen([PROGRAM, *words], cwd=self.folder, env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, **more)

    def run_words(self, *words):
        return subprocess.run([PROGRAM, *words], cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, check=False,
                              timeout=120)

    def succeed(self, line):
        done = self.run_words(*line.split())
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def json(self, line):
        return json.loads(self.succeed(line + " --output json"))

    def refuse(self, code, part, line):
        expect_one_sentence(self, self.run_words(*line.split()), code, part)

    def pull(self, more="", name="pull", endpoint=None):
        return self.json(f"create transfer {name} --from s3://files/some --to data/in "
                         f"--endpoint {endpoint or SERVER.endpoint} {more}")

    def fill_bucket(self):
        for key, data in FILES.items():
            SERVER.put("files", f"some/{key}", data)

    def fill_volume(self):
        for name, data in FILES.items():
            (self.data / "out" / name).parent.mkdir(parents=True, exist_ok=True)
            (self.data / "out" / name).write_bytes(data)

    def files(self, folder="in"):
        root = self.data / folder
        return {str(path.relative_to(root)): path.read_bytes()
                for path in root.rglob("*") if path.is_file()}


class Copies(LocalTest):
    def test_in_and_only_what_is_new(self):
        self.fill_bucket()
        done = self.pull()
        self.assertEqual((done["state"], done["files"], done["bytes"]), ("done", 4, 1104))
        self.assertEqual((done["from"], done["to"]), ("s3://files/some", "data/in"))
        self.assertEqual(self.files(), FILES)
        self.assertFalse((self.data / "in/.scrim-transfer").exists())
        SERVER.put("files", "some/new", b"new")
        (self.data / "in/own").write_text("own")
        again = self.pull()
        self.assertEqual((again["files"], again["bytes"]), (1, 3))
        self.assertEqual(self.files(), {**FILES, "new": b"new", "own": b"own"})
        self.assertEqual(self.json("run transfer pull")["files"], 0)

    def test_sync_deletes_what_the_bucket_has_not(self):
        self.fill_bucket()
        self.pull("--sync")
        SERVER.ask("DELETE", "/files/some/a")
        (self.data / "in/own").write_text("own")
        self.pull("--sync")
        self.assertEqual(self.files(), {key: data for key, data in FILES.items() if key != "a"})

    def test_out_and_sync_deletes(self):
        self.fill_volume()
        (self.data / "out/.scrim-transfer/x").mkdir(parents=True)
        (self.data / "out/.scrim-transfer/x/half").write_text("half")
        line = ("create transfer push --from data/out --to s3://files/up --endpoint "
                + SERVER.endpoint)
        self.assertEqual(self.json(line)["files"], 4)
        self.assertEqual(SERVER.keys("files"), sorted(f"up/{name}" for name in FILES))
        self.assertEqual(SERVER.get("files", "up/a"), FILES["a"])
        (self.data / "out/a").unlink()
        self.assertEqual(self.json(line)["files"], 0)
        self.assertIn("up/a", SERVER.keys("files"))
        self.refuse(2, "already, from data/out to s3://files/up, without sync", line + " --sync")
        self.json(line.replace("push", "mirror") + " --sync")
        self.assertNotIn("up/a", SERVER.keys("files"))

    def test_one_object_with_another_name(self):
        self.fill_bucket()
        for target, file in (("data/models/m.bin", "m.bin"), ("data/models/", "a")):
            self.json(f"create transfer {file}.t --from s3://files/some/a --to {target} --object "
                      f"--endpoint {SERVER.endpoint}")
            self.assertEqual((self.data / "models" / file).read_bytes(), FILES["a"])
        self.json("create transfer back --from data/models/m.bin --to s3://files/other/k --object "
                  f"--endpoint {SERVER.endpoint}")
        self.assertEqual(SERVER.get("files", "other/k"), FILES["a"])
        SERVER.put("files", "some/a", b"changed")
        self.json("run transfer m.bin.t")
        self.assertEqual((self.data / "models/m.bin").read_bytes(), b"changed")
        self.assertEqual(self.json("run transfer m.bin.t")["files"], 0)

    def test_a_verification_finds_an_object_that_was_changed(self):
        self.fill_volume()
        program = self.folder / "bin/rclone"
        program.parent.mkdir()
        rclone = shutil.which("rclone")
        # After the copy somebody changes one file, without a trace in its size and its time.
        program.write_text(f'#!/bin/sh\nif [ "$1" = check ]; then touch -r "$2/sub/c" "$HOME/t"; '
                           f'printf X | dd of="$2/sub/c" conv=notrunc status=none; '
                           f'touch -r "$HOME/t" "$2/sub/c"; fi\nexec {rclone} "$@"\n')
        program.chmod(0o755)
        self.environment["PATH"] = f"{program.parent}:{os.environ['PATH']}"
        self.refuse(4, "1 file of transfer 'push' differs at s3://files/up; the first is 'sub/c'",
                    "create transfer push --from data/out --to s3://files/up --endpoint "
                    + SERVER.endpoint)
        self.assertEqual(self.json("show transfer push")["state"], "failed")

    def test_an_object_without_a_hash_is_compared_whole(self):
        self.fill_bucket()
        SERVER.put_in_parts("files", "some/big", BIG)
        self.pull()
        log = pathlib.Path(self.json("show transfer pull")["log"]).read_text()
        self.assertIn("1 hashes could not be checked", log)
        self.assertIn("1 matching files", log.splitlines()[-2], "that one alone is read again")
        self.assertEqual(self.files(), {**FILES, "big": BIG})

    def test_keys_with_signs_in_them_and_from_the_environment(self):
        self.fill_bucket()
        shutil.rmtree(self.folder / ".aws")
        self.environment |= {"AWS_ACCESS_KEY_ID": SERVER.access_key, "AWS_SECRET_ACCESS_KEY":
                             SERVER.secret_key, "AWS_CA_BUNDLE": "/nonexistent"}
        self.assertTrue(set("/+") <= set(SERVER.secret_key))
        self.assertEqual(self.pull()["files"], 4)
        keys = self.record / "pull/keys.json"
        self.assertEqual(stat.S_IMODE(keys.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(keys.parent.stat().st_mode), 0o700)
        for path in (self.record / "pull").iterdir():
            if path != keys:
                self.assertNotIn(SERVER.secret_key, path.read_text(errors="replace"))


class Lists(LocalTest):
    def test_they_are_listed_shown_and_forgotten(self):
        self.fill_bucket()
        self.pull()
        titles, row = self.succeed("list transfers").splitlines()
        self.assertEqual(titles.split(), ["NAME", "STATE", "FROM", "TO", "BYTES", "FILES", "ENDED"])
        self.assertEqual(row.split()[:4], ["pull", "done", "s3://files/some", "data/in"])
        self.refuse(7, "nobody can be asked: Delete transfer 'pull'?", "delete transfer pull")
        self.succeed("delete transfer pull --yes")
        self.assertEqual(self.json("list transfers"), [])
        self.assertEqual(self.files(), FILES)
        self.refuse(3, "there is no transfer 'pull'", "run transfer pull")

    def test_a_dry_run_copies_nothing(self):
        self.fill_bucket()
        self.pull("--dry-run")
        self.assertFalse((self.data / "in").exists())
        self.assertEqual(self.json("list transfers"), [])

    def test_lines_of_the_netapp_toolkit_are_understood(self):
        host, port = SERVER.address
        self.refuse(2, "secret 's3-keys' is of a cluster",
                    f"get-s3 bucket -c s3-keys -o {host} -t {port} -b files -p data -d in")
        self.refuse(3, "there is no transfer 's3mover-x'", "show s3-job -j s3mover-x")


class Wrong(LocalTest):
    def test_values(self):
        self.fill_bucket()
        end = f" --endpoint {SERVER.endpoint}"
        for code, part, line in (
                (2, "bucket 'data;id>x' is none", "--from s3://data;id>x --to data" + end),
                (2, "--from and --to are needed", "--from s3://files"),
                (2, "not both", "--from s3://files --to s3://files"),
                (2, "not neither", "--from data --to data"),
                (2, "folder '../x' has the part '..'", "--from s3://files --to data/../x" + end),
                (2, "every '5_years'", "--from s3://files --to data --every 5_years" + end),
                (2, "needs its key", "--from s3://files --to data --object" + end),
                (2, "endpoint 'ftp://x' is no", "--from s3://files --to data --endpoint ftp://x"),
                (3, "has no profile 'other'", "--from s3://files --to data --profile other"),
                (3, "credentials file 'none' cannot", "--from s3://files --to data "
                                                      "--credentials none"),
                (2, "has no aws_access_key_id", "--from s3://files --to data --profile empty "
                                                "--credentials .aws/credentials"),
                (2, "the certificates to trust are none", "--from s3://files --to data --ca "
                                                          ".aws/credentials"),
                (3, "no volume 'none'", "--from s3://files --to none" + end),
                (3, "there is nothing at s3://files/no", "--from s3://files/no --to data" + end),
                (3, "volume 'data' has no folder 'none'", "--from data/none --to s3://files" + end),
                (3, "there is no bucket 'none'", "--from s3://none --to data" + end),
                (3, "there is no bucket 'none'", "--from data --to s3://none" + end)):
            with self.subTest(line):
                self.refuse(code, part, "create transfer x " + line)
        self.assertEqual(self.json("list transfers"), [])
        self.assertFalse(any("none" in line.split('"')[1] for line in SERVER.log().splitlines()
                             if '"PUT ' in line), "a bucket was made")

    def test_wrong_keys(self):
        self.fill_bucket()
        for keys, word in (((SERVER.access_key, "wrong"), "SignatureDoesNotMatch"),
                           (("WRONG", SERVER.secret_key), "InvalidAccessKeyId")):
            self.write_keys(*keys)
            self.refuse(7, f"refuses s3://files/some to these keys: {word}",
                        f"create transfer x --from s3://files/some --to data "
                        f"--endpoint {SERVER.endpoint} --quiet")
        self.assertEqual(self.json("list transfers"), [])

    def test_a_store_that_is_not_there(self):
        self.refuse(6, "http://127.0.0.1:1 cannot be reached, or not to the end: connection "
                       "refused",
                    "create transfer x --from s3://files --to data --endpoint http://127.0.0.1:1")

    def test_a_bucket_that_vanishes_leaves_the_files(self):
        self.fill_bucket()
        self.pull("--sync")
        for key in SERVER.keys("files"):
            SERVER.ask("DELETE", f"/files/{key}")
        self.refuse(3, "there is nothing at s3://files/some", "run transfer pull")
        self.assertEqual(self.files(), FILES)
        self.assertEqual(self.json("show transfer pull")["state"], "failed")

    def test_a_certificate_is_always_checked(self):
        self.fill_bucket()
        with TlsProxy(SERVER) as proxy:
            self.refuse(7, f"{proxy.endpoint} has a certificate that is not trusted",
                        "create transfer pull --from s3://files/some --to data/in --quiet "
                        f"--endpoint {proxy.endpoint}")
            done = self.pull(f"--ca {proxy.certificate}", endpoint=proxy.endpoint)
            self.assertEqual((done["state"], done["files"]), ("done", 4))
            self.assertEqual(self.json("run transfer pull")["files"], 0)

    def test_a_full_disk(self):
        self.fill_bucket()
        SERVER.put("files", "some/big", BIG)
        small = self.folder / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small],
                          capture_output=True, check=False).returncode != 0:
            self.skipTest("who runs this may not mount")
        self.addCleanup(subprocess.run, ["umount", small], check=True)
        root = f"--root {small}/root"
        self.succeed(f"create volume data --size 1Gi {root}")
        self.refuse(6, "the disk is full below volume 'data'",
                    f"create transfer x --from s3://files/some --to data {root} --endpoint "
                    f"{SERVER.endpoint} --quiet")
        self.assertFalse((small / "root/default/volumes/data/data/big").exists())

    def test_a_link_does_not_lead_out_of_the_volume(self):
        self.fill_bucket()
        (self.data / "link").symlink_to(self.folder)
        self.refuse(2, "folder 'link/x' of volume 'data' leads out of it",
                    "create transfer x --from s3://files/some --to data/link/x --endpoint "
                    + SERVER.endpoint)


class Broken(LocalTest):
    def test_a_cut_connection_is_taken_up_again(self):
        self.fill_bucket()
        SERVER.put("files", "some/big", BIG)
        with CutProxy(SERVER, cut_after=10_000_000) as proxy:
            self.assertEqual(self.pull(endpoint=proxy.endpoint)["state"], "done")
            self.assertGreater(proxy.cuts, 0)
        self.assertEqual(self.files(), {**FILES, "big": BIG})

    def test_a_connection_that_is_always_cut_is_one_sentence_and_no_half_files(self):
        self.fill_bucket()
        SERVER.put("files", "some/big", BIG)
        self.environment |= {"PATH": f"{self.patient_rclone()}:{os.environ['PATH']}"}
        with CutProxy(SERVER, cut_after=1_000_000) as proxy:
            line = ("create transfer pull --from s3://files/some --to data/in --quiet --endpoint "
                    + proxy.endpoint)
            self.refuse(6, f"{proxy.endpoint} cannot be reached, or not to the end", line)
            self.assertEqual({path for path in self.files() if "scrim-transfer" not in path}, set())
            self.assertEqual(self.json("show transfer pull")["state"], "failed")
            proxy.cut_after = None
            self.succeed(line)
        self.assertEqual(self.files(), {**FILES, "big": BIG})

    def patient_rclone(self):
        """A folder with an rclone that tries once: so that a test need not wait for ten tries."""
        program = self.folder / "bin/rclone"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {shutil.which("rclone")} "$@" --retries=1 '
                           '--low-level-retries=1\n')
        program.chmod(0o755)
        return program.parent

    def test_killed_half_way_the_same_command_ends_right(self):
        self.fill_bucket()
        SERVER.put("files", "some/big", BIG)
        self.environment["RCLONE_BWLIMIT"] = "4M"
        words = ("create transfer pull --from s3://files/some --to data/in --endpoint "
                 + SERVER.endpoint).split()
        process = self.start(*words, start_new_session=True)
        half = self.data / "in/.scrim-transfer/pull/big"
        deadline = time.monotonic() + 30
        while not (half.exists() and half.stat().st_blocks > 4000):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        self.assertEqual(self.json("show transfer pull")["state"], "running")
        self.refuse(6, "volume 'data' is busy: process ", "delete volume data --yes --timeout 0.2")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.assertEqual({path for path in self.files() if "scrim-transfer" not in path}, set())
        self.assertEqual(self.json("show transfer pull")["state"], "failed")
        del self.environment["RCLONE_BWLIMIT"]
        self.assertEqual(self.json(" ".join(words))["state"], "done")
        self.assertEqual(self.files(), {**FILES, "big": BIG})
        self.assertFalse((self.data / "in/.scrim-transfer").exists())

    def test_stopped_by_ctrl_c(self):
        SERVER.put("files", "some/big", BIG)
        self.environment["RCLONE_BWLIMIT"] = "2M"
        process = self.start(*("create transfer pull --from s3://files/some --to data/in "
                               f"--endpoint {SERVER.endpoint}").split())
        deadline = time.monotonic() + 30
        while not (self.data / "in/.scrim-transfer/pull/big").exists():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=20)
        self.assertIn(process.returncode, (6, 130))
        self.assertEqual(out, "")
        self.assertEqual(list(self.files()).count("big"), 0)


class Schedules(LocalTest):
    def setUp(self):
        super().setUp()
        self.fill_bucket()
        program = self.folder / "bin/systemctl"
        program.parent.mkdir()
        program.write_text(FAKE_SYSTEMCTL)
        program.chmod(0o755)
        self.environment["PATH"] = f"{program.parent}:{os.environ['PATH']}"
        self.units = self.folder / ".config/systemd/user"

    def test_a_timer_comes_runs_and_goes(self):
        self.assertEqual(self.pull("--every 1h")["state"], "scheduled")
        unit = "scrim-transfer-default.pull"
        timer = (self.units / f"{unit}.timer").read_text()
        self.assertIn("OnUnitActiveSec=60min\nPersistent=true\n", timer)
        service = (self.units / f"{unit}.service").read_text()
        self.assertNotIn(SERVER.secret_key, service + timer)
        asked = (self.folder / "systemctl.log").read_text()
        self.assertIn(f"--user daemon-reload\n--user enable --now {unit}.timer\n", asked)
        # What the service runs does it.
        command = next(line for line in service.splitlines() if line.startswith("ExecStart="))
        SERVER.put("files", "some/new", b"new")
        words = [word.strip('"') for word in command.removeprefix("ExecStart=").split()]
        subprocess.run(words, env=self.environment, check=True, capture_output=True)
        self.assertEqual(self.files(), {**FILES, "new": b"new"})
        self.refuse(7, "is the volume of transfer 'pull', which has a schedule",
                    "delete volume data --yes")
        self.succeed("delete transfer pull --yes")
        self.assertEqual(list(self.units.iterdir()), [])
        self.assertIn(f"--user disable --now {unit}.timer",
                      (self.folder / "systemctl.log").read_text())

    def test_systemd_takes_the_units(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("there is no systemd-analyze")
        self.pull("--every 30m")
        done = subprocess.run(["systemd-analyze", "verify", "--user", *self.units.iterdir()],
                              env={**self.environment, "XDG_RUNTIME_DIR": str(self.folder)},
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_without_systemd_nothing_is_left_behind(self):
        (self.folder / "no-bus").touch()
        self.refuse(6, "a schedule needs the systemd of this user, which does not answer "
                       "'systemctl --user show-environment': Failed to connect to bus: No medium",
                    "create transfer pull --from s3://files/some --to data/in --every 1h "
                    f"--endpoint {SERVER.endpoint}")
        self.assertEqual(self.json("list transfers"), [])
        self.assertFalse(self.units.exists())
        self.assertFalse((self.data / "in").exists())


if __name__ == "__main__":
    unittest.main()
