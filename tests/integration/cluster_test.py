"""The cluster engine against a real control plane: its own tests, the tool as a person types it,
and what goes wrong on the way to a cluster. Ends with 77 where the control plane cannot be built
for want of a network."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from server_program import make_models

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/control_plane"))
from cluster import cluster, may_run_pods  # noqa: E402

PROGRAM = os.environ["SCRIM_DATAOPS"]


def setUpModule():
    global FOLDER, CONTROL, STORAGE, NODE
    folder = tempfile.TemporaryDirectory(prefix="scrim-cluster-")
    unittest.addModuleCleanup(folder.cleanup)
    FOLDER = pathlib.Path(folder.name)
    path = f"{pathlib.Path(PROGRAM).parent}:{os.environ['PATH']}"
    CONTROL, STORAGE, NODE = unittest.enterModuleContext(cluster(FOLDER, path, users=["nobody"]))


class ClusterTest(unittest.TestCase):
    """A test with a namespace of its own."""

    count = 0

    def setUp(self):
        ClusterTest.count += 1
        self.space = f"lab-{ClusterTest.count}"
        self.kubeconfig = CONTROL.write_kubeconfig("lab", CONTROL.tokens["admin"], self.space)
        self.succeed(f"create namespace {self.space}")

    def environment(self, kubeconfig=None):
        home = FOLDER / "home"
        home.mkdir(exist_ok=True)
        environment = {**os.environ, "HOME": str(home),
                       "KUBECONFIG": str(kubeconfig or self.kubeconfig)}
        environment.pop("SCRIM_DATAOPS_ROOT", None)
        return environment

    def run_words(self, *words, kubeconfig=None):
        return subprocess.run([PROGRAM, *words], cwd=FOLDER, text=True, capture_output=True,
                              env=self.environment(kubeconfig), stdin=subprocess.DEVNULL,
                              check=False, timeout=120)

    def succeed(self, line):
        done = self.run_words(*line.split())
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def json(self, line):
        return json.loads(self.succeed(line + " --output json"))

    def refuse(self, code, part, *words, kubeconfig=None):
        done = self.run_words(*words, kubeconfig=kubeconfig)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("scrim-dataops: "), done.stderr)
        self.assertIn(part, done.stderr)
        for token in CONTROL.tokens.values():
            self.assertNotIn(token, done.stderr)

    def files(self, volume):
        return STORAGE.folder(self.space, volume)

    def config(self, change):
        """A kubeconfig like the one that works, changed in one place; its path."""
        config = json.loads(self.kubeconfig.read_text())
        change(config)
        path = FOLDER / "changed.kubeconfig"
        path.write_text(json.dumps(config))
        return path

    def allow(self, *commands):
        """From here on as somebody who has the rights of these commands alone."""
        words = [word for command in commands for word in ("--for", command)]
        done = self.run_words("show", "role", "--namespace", self.space, "--output", "json", *words)
        for role in json.loads(done.stdout)["items"]:
            group = "/apis/rbac.authorization.k8s.io/v1"
            where = group if role["kind"] == "ClusterRole" else f"{group}/namespaces/{self.space}"
            name = f"{self.space}-{ClusterTest.count}"
            role["metadata"]["name"] = name
            CONTROL.call("POST", f"{where}/{role['kind'].lower()}s", role)
            CONTROL.call("POST", f"{where}/{role['kind'].lower()}bindings", {
                "metadata": {"name": name},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role["kind"],
                            "name": name},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User",
                              "name": "nobody"}]})
        self.kubeconfig = CONTROL.write_kubeconfig("nobody", CONTROL.tokens["nobody"], self.space)


class Tests(ClusterTest):
    """The tests of the folders that talk to a cluster, on a real one."""

    def run_program(self, name, only):
        done = subprocess.run(
            [os.environ[name], f"--gtest_filter={only}"], text=True, capture_output=True,
            check=False, timeout=600,
            env={**os.environ, "SCRIM_TEST_KUBECONFIG": str(CONTROL.kubeconfig),
                 "SCRIM_TEST_VOLUMES": str(STORAGE.root / "volumes")})
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])
        self.assertIn("[  PASSED  ]", done.stdout)
        self.assertNotIn("PASSED  ] 0 tests", done.stdout)

    def test_the_double_of_the_api_answers_as_the_real_one(self):
        self.run_program("KUBE_TESTS", "Real/*")

    def test_the_engine(self):
        self.run_program("CLUSTER_TESTS", "Cluster*:RestoreTest.*")


class Tool(ClusterTest):
    def test_a_volume_from_its_making_to_its_end(self):
        made = self.json("create volume data --size 1Gi --label team=vision")
        self.assertEqual((made["state"], made["class"], made["namespace"]),
                         ("Bound", "folders", self.space))
        self.assertNotIn("path", made)
        (self.files("data") / "one").write_text("1")
        self.assertEqual(self.json("create snapshot snap --of data")["state"], "Ready")
        (self.files("data") / "one").write_text("2")
        self.succeed("clone volume copy --from snap")
        self.assertEqual((self.files("copy") / "one").read_text(), "1")
        self.succeed("restore snapshot snap --yes")
        self.assertEqual((self.files("data") / "one").read_text(), "1")
        shown = self.json("show volume data")
        self.assertEqual(shown["labels"], {"team": "vision"})
        self.assertEqual(shown["snapshots"], ["snap"])
        self.assertEqual(shown["clones"], ["copy"])
        asked = self.json("create volume copy2 --size 1Gi --no-wait")
        self.assertIn(asked["state"], ("Pending", "Bound"))
        self.assertEqual([one["name"] for one in self.json("list volumes")],
                         ["copy", "copy2", "data"])
        self.succeed("delete volume data --yes --cascade")
        self.assertEqual(self.json("list snapshots"), [])

    def test_tables_leave_out_what_is_of_the_other_engine(self):
        self.succeed("create volume data --size 1Gi")
        titles = self.succeed("list volumes").splitlines()[0].split()
        self.assertEqual(titles, ["NAME", "SIZE", "CREATED", "FROM", "STATE", "CLASS"])

    def test_the_lines_of_the_netapp_toolkit(self):
        space = self.space
        self.succeed(f"create volume --namespace={space} --pvc-name=inference-data --size=50Gi")
        claim = CONTROL.call(
            "GET", f"/api/v1/namespaces/{space}/persistentvolumeclaims/inference-data")
        self.assertEqual(claim["spec"]["accessModes"], ["ReadWriteMany"])
        self.assertEqual(claim["spec"]["resources"]["requests"]["storage"], "50Gi")
        self.succeed(f"create volume-snapshot -n {space} -p inference-data -s first")
        self.succeed(f"clone volume -n {space} -p copy -s first")
        self.succeed(f"restore volume-snapshot -n {space} -s first -f")
        self.succeed(f"delete volume -n {space} -p copy -f")
        self.assertIn("first", self.succeed(f"list volume-snapshots -n {space}"))

    def test_a_folder_is_used_where_one_is_named(self):
        made = self.json(f"create volume data --size 1Gi --root {FOLDER}/root")
        self.assertIn("path", made)
        self.assertEqual(self.json("list volumes"), [])

    def test_killed_at_any_moment_a_restore_loses_nothing(self):
        random.seed(7)
        self.succeed("create volume data --size 1Gi")
        (self.files("data") / "one").write_text("old")
        self.succeed("create snapshot snap --of data")
        (self.files("data") / "one").write_text("new")
        ended = 0
        for _ in range(15):
            running = subprocess.Popen([PROGRAM, "restore", "snapshot", "snap", "--yes"],
                                       env=self.environment(), stdout=subprocess.DEVNULL)
            time.sleep(random.uniform(0, 0.4))
            running.send_signal(signal.SIGKILL)
            ended += running.wait() == 0
            self.assertEqual(self.json("show volume data")["state"], "Bound")
            self.assertIn((self.files("data") / "one").read_text(), ("old", "new"))
        self.assertLess(ended, 15)
        self.succeed("restore snapshot snap --yes")
        self.assertEqual((self.files("data") / "one").read_text(), "old")
        self.assertEqual([one["name"] for one in self.json("list volumes")], ["data"])

    def test_eight_at_once_end_in_a_state_that_each_would_have_made(self):
        self.succeed("create volume data --size 1Gi")
        (self.files("data") / "one").write_text("1")
        self.succeed("create snapshot snap --of data")
        end = time.monotonic() + float(os.environ.get("SCRIM_TEST_SECONDS", "8"))

        def work(number):
            done = 0
            while time.monotonic() < end:
                for line in (f"clone volume own-{number} --from snap",
                             "clone volume shared --from snap",
                             f"delete volume own-{number} --yes", "delete volume shared --yes"):
                    ran = self.run_words(*line.split())
                    if "shared" not in line:
                        self.assertEqual(ran.returncode, 0, f"{line}: {ran.stderr}")
                    self.assertIn(ran.returncode, (0, 3, 6), f"{line}: {ran.stderr}")
                done += 1
            return done

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            rounds = list(pool.map(work, range(8)))
        self.assertTrue(all(rounds), rounds)
        names = [one["name"] for one in self.json("list volumes")]
        self.assertIn("data", names)
        self.assertEqual(set(names) - {"data", "shared"}, set())
        self.assertEqual((self.files("data") / "one").read_text(), "1")


class Rights(ClusterTest):
    """Who has just the rights that `show role` prints can do it."""

    def test_all_commands_on_volumes(self):
        self.allow("create volume", "clone volume", "resize volume", "delete volume",
                   "list volumes", "show volume", "create snapshot", "restore snapshot",
                   "delete snapshot", "list snapshots", "show snapshot")
        for line in ("create volume data --size 1Gi", "create snapshot snap --of data",
                     "clone volume copy --from data", "clone volume other --from snap",
                     "resize volume copy --size 2Gi", "list volumes", "show volume data",
                     "restore snapshot snap --yes", "list snapshots", "show snapshot snap",
                     "delete volume copy --yes", "delete snapshot snap --yes",
                     "delete volume data --yes"):
            with self.subTest(line):
                self.succeed(line)

    def test_all_commands_on_servers(self):
        self.succeed("create volume models --size 1Gi")
        self.allow("create server", "start server", "stop server", "delete server",
                   "list servers", "show server")
        for line in ("create server faces --model-repository models --image x --no-wait",
                     "show server faces", "stop server faces --no-wait",
                     "start server faces --no-wait", "list servers", "delete server faces --yes"):
            with self.subTest(line):
                self.succeed(line)

    def test_a_restore_without_its_rights_changes_nothing(self):
        self.succeed("create volume data --size 1Gi")
        self.succeed("create snapshot snap --of data")
        self.allow("create volume", "clone volume", "delete volume", "list snapshots")
        self.refuse(7, "may not patch", "restore", "snapshot", "snap", "--yes")
        self.assertEqual([one["name"] for one in self.json("list volumes")], ["data"])


class Servers(ClusterTest):
    """Pods run here, as processes with a network of their own."""

    @classmethod
    def setUpClass(cls):
        if not may_run_pods():
            raise unittest.SkipTest("who runs this may not make networks for pods")
        cls.enterClassContext(NODE)

    def setUp(self):
        super().setUp()
        self.succeed("create volume models --size 1Gi")
        make_models(self.files("models"))

    def ask(self, address, path):
        with contextlib.closing(http.client.HTTPConnection(address, timeout=10)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    def test_a_server_serves_the_models_of_its_volume(self):
        made = self.json("create server faces --model-repository models --image local/scrim:1 "
                         "--resource nvidia.com/gpu=1 --timeout 60")
        self.assertEqual((made["state"], made["changed"]), ("ready", True))
        self.assertEqual(self.ask(made["http"], "/v2/models/face_detection_base"), 200)
        again = self.json("create server faces --model-repository models --image local/scrim:1 "
                          "--resource nvidia.com/gpu=1")
        self.assertFalse(again["changed"])
        self.assertEqual(self.json("stop server faces")["state"], "stopped")
        self.refuse(7, "is the model repository of server 'faces'", "delete", "volume", "models",
                    "--yes")
        started = self.json("start server faces --timeout 60")
        self.assertEqual(self.ask(started["http"], "/v2/health/ready"), 200)
        self.assertEqual([one["name"] for one in self.json("list servers")], ["faces"])
        self.succeed("delete server faces --yes")
        self.assertEqual(self.json("list servers"), [])
        self.succeed("delete volume models --yes")

    def test_a_restore_stops_what_uses_the_volume_when_told_and_starts_it_again(self):
        self.succeed("create server faces --model-repository models --image local/scrim:1 "
                     "--timeout 60")
        self.succeed("create snapshot snap --of models")
        (self.files("models") / "added").write_text("x")
        self.refuse(7, "volume 'models' is in use by pod 'server-faces-", "restore", "snapshot",
                    "snap", "--yes")
        self.succeed("restore snapshot snap --yes --stop")
        self.assertFalse((self.files("models") / "added").exists())
        started = self.json("start server faces --timeout 60")  # waits until it is ready
        self.assertFalse(started["changed"])
        self.assertEqual(self.ask(started["http"], "/v2/models/face_detection_base"), 200)
        self.succeed("delete server faces --yes")

    def test_a_sweep_runs_every_case_over_the_same_files(self):
        self.succeed("create volume data --size 1Gi")
        (self.files("data") / "number").write_text("7")
        self.allow("run sweep", "list runs", "delete run", "list volumes")
        program = ('echo "at $1" >&2; printf \'{"mean_average_precision": 0.%s}\' '
                   '"$(cat "$2/number")"; [ "$1" != 0.4 ]')
        words = ["run", "sweep", "--volume", "data", "--image", "local/scrim:1", "--alphas",
                 "0.2,0.4", "--timeout", "60", "--", "sh", "-c", program, "sh", "{alpha}", "{data}"]
        done = self.run_words(*words)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("alpha-0.2  at 0.2", done.stderr)
        rows = [line.split() for line in done.stdout.splitlines()]
        self.assertEqual(rows[1], ["yes", "0.2", "0.7000", "0"])
        self.assertEqual(rows[2], ["yes", "0.4", "1"])
        self.assertEqual([one["name"] for one in self.json("list runs")], ["sweep"])
        # What ended well is not done again; what did not, is, over the files of then.
        (self.files("data") / "number").write_text("8")
        words[words.index("0.2,0.4")] = "0.2,0.4,0.6"
        again = self.run_words(*words)
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertNotIn("at 0.2", again.stderr)
        self.assertIn("alpha-0.4  at 0.4", again.stderr)
        self.assertIn("yes         0.6    0.7000", again.stdout)
        self.succeed("delete run sweep --yes")
        self.assertEqual(self.json("list runs"), [])
        self.assertEqual([one["name"] for one in self.json("list volumes")], ["data", "models"])

    def test_a_key_is_in_the_cluster_only_while_its_run_goes_on(self):
        self.succeed("create volume data --size 1Gi")
        key = FOLDER / "run.key"
        key.write_text("sesame")
        self.allow("run sweep", "delete run")
        program = 'echo "$(stat -L -c %a "$1") $(cat "$1")" >&2'
        done = self.run_words("run", "sweep", "--volume", "data", "--image", "local/scrim:1",
                              "--alphas", "0.4", "--key", str(key), "--timeout", "60", "--", "sh",
                              "-c", program, "sh", "{key}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("alpha-0.4  400 sesame", done.stderr)
        secrets = CONTROL.call("GET", f"/api/v1/namespaces/{self.space}/secrets")["items"]
        self.assertEqual([one["metadata"]["name"] for one in secrets], [])
        self.refuse(3, "there is no key file", "run", "sweep", "--volume", "data", "--image", "x",
                    "--key", "nosuch", "--", "true")
        self.succeed("delete run sweep --yes")

    def test_a_server_that_cannot_start_is_taken_back(self):
        self.refuse(6, "CrashLoopBackOff: the container ended with 2 (Error): scrim-server: The "
                    "following argument was not expected: --no-such-flag", "create", "server",
                    "faces", "--model-repository", "models", "--image", "local/scrim:1",
                    "--flag=--no-such-flag", "--timeout", "6", "--quiet")
        self.assertEqual(self.json("list servers"), [])

    def test_the_line_of_the_netapp_toolkit(self):
        out = self.succeed(f"create triton-server --namespace={self.space} "
                           "--server-name=netapp-inference --model-repo-pvc-name=models --no-wait")
        server = self.json("show server netapp-inference")
        self.assertEqual(out, "Server successfully created.\nServer endpoints:\n"
                              f"http: {server['http']}\ngrpc: {server['grpc']}\n"
                              f"metrics: {server['metrics']}\n")
        deployment = CONTROL.call("GET", f"/apis/apps/v1/namespaces/{self.space}/deployments/"
                                         "server-netapp-inference")
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["image"], "nvcr.io/nvidia/tritonserver:21.11-py3")
        self.succeed(f"delete triton-server -n {self.space} -s netapp-inference -f")


class Refusals(ClusterTest):
    def test_values(self):
        self.succeed("create volume data --size 1Gi")
        for code, part, line in (
                (2, "size '-5Gi' is none", "create volume x --size=-5Gi"),
                (2, "has 300 characters, at most 253",
                 "create volume " + "x" * 300 + " --size 1Gi"),
                (2, "../x", "create volume ../x --size 1Gi"),
                (2, "no/space", "list volumes --namespace no/space"),
                (3, "there is no namespace 'nosuch'", "list volumes --namespace nosuch"),
                (3, "there is no namespace 'nosuch'",
                 "create volume x --size 1Gi --namespace nosuch"),
                (3, "no storage class 'nosuch'; there are: broken, folders, late, unclonable",
                 "create volume x --size 1Gi --class nosuch"),
                (3, "there is no volume 'nosuch'", "create snapshot --of nosuch"),
                (3, "there is no snapshot 'nosuch'", "restore snapshot nosuch --yes"),
                (2, "cannot become smaller", "resize volume data --size 1Mi"),
                (2, "exclude each other", "list volumes --root x --context test"),
                (3, "no context 'nosuch'", "list volumes --context nosuch"),
                (7, "nobody can be asked", "delete volume data"),
                (2, "accessModes", "create volume x --size 1Gi --access-mode Sometimes")):
            with self.subTest(line[:60]):
                self.refuse(code, part, *line.split())

    def test_kubeconfigs(self):
        def set_user(value):
            return lambda config: config["users"][0].update(user=value)

        def set_cluster(**values):
            return lambda config: config["clusters"][0]["cluster"].update(values)

        other = FOLDER / "other.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                        "/CN=other", "-keyout", FOLDER / "other.key", "-out", other],
                       check=True, capture_output=True)
        cases = (
            (7, "does not know who asks", set_user({"token": "expired"})),
            (7, "User \"nobody\" cannot list", set_user({"token": CONTROL.tokens["nobody"]})),
            (7, "User \"nobody\" cannot list",
             set_user({"token": CONTROL.tokens["admin"], "as": "nobody"})),
            (7, "ended with exit code 1", set_user({"exec": {
                "apiVersion": "client.authentication.k8s.io/v1", "command": "false"}})),
            (3, "no program 'no-such-plugin' on the PATH", set_user({"exec": {
                "apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}})),
            (7, "a certificate that is not trusted", set_cluster(**{
                "certificate-authority": str(other)})),
            (7, "a certificate that is not trusted", set_cluster(**{
                "tls-server-name": "other.example"})),
            (6, "cannot be reached", set_cluster(server="https://127.0.0.1:1")),
            (6, "cannot be reached", set_cluster(**{"proxy-url": "http://127.0.0.1:1"})),
            (4, "is no http or https URL", set_cluster(server="ftp://127.0.0.1")))
        for code, part, change in cases:
            with self.subTest(part):
                self.refuse(code, part, "list", "volumes", kubeconfig=self.config(change))
        broken = FOLDER / "broken.kubeconfig"
        broken.write_text("{unclosed")
        self.refuse(4, "is not a kubeconfig", "list", "volumes", kubeconfig=broken)

    def test_ways_in_that_work(self):
        token = CONTROL.tokens["admin"]
        plugin = FOLDER / "plugin"
        plugin.write_text("#!/bin/bash\necho '" + json.dumps({
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
            "status": {"token": token}}) + "'\n")
        plugin.chmod(0o755)
        (FOLDER / "token").write_text(token + "\n")
        for change in (
                lambda config: config["users"][0].update(user={"tokenFile": "token"}),
                lambda config: config["users"][0].update(user={"exec": {
                    "apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin"}}),
                lambda config: config["clusters"][0]["cluster"].update(
                    {"tls-server-name": "kubernetes.default.svc"})):
            done = self.run_words("list", "volumes", "--output", "json",
                                  kubeconfig=self.config(change))
            self.assertEqual((done.returncode, done.stdout), (0, "[]\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
