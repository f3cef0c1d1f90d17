"""Workspaces as a person types them: JupyterLab itself, by the same commands on this machine and on
a real control plane. Without a control plane or JupyterLab, for want of a network, those are
skipped."""
import base64
import contextlib
import http.cookiejar
import json
import os
import pathlib
import pty
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

from jupyter_environment import jupyter_folder

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/control_plane"))
from cluster import cluster, may_run_pods  # noqa: E402

PROGRAM = pathlib.Path(os.environ["SCRIM_DATAOPS"])


class Tool:
    """The tool in a folder of its own, with JupyterLab on the PATH."""

    def __init__(self, folder, variables):
        self.folder = folder
        self.environment = {**os.environ, **variables, "HOME": str(folder),
                            "PATH": f"{jupyter_folder()}:{PROGRAM.parent}:{os.environ['PATH']}"}

    def run(self, line, text=None):
        return subprocess.run([PROGRAM, *line.split()], cwd=self.folder, env=self.environment,
                              text=True, capture_output=True, check=False, timeout=180,
                              input=text or "")

    def succeed(self, line, text=None):
        done = self.run(line, text)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    def json(self, line, text=None):
        verb, noun, *rest = line.split()
        return json.loads(self.succeed(" ".join([verb, noun, "--output json", *rest]), text))


class Page:
    """A workspace's page, as a browser meets it."""

    def __init__(self, url, certificate=None):
        self.parts = urllib.parse.urlsplit(url)
        self.token = urllib.parse.parse_qs(self.parts.query).get("token", [""])[0]
        context = ssl.create_default_context(cadata=certificate) if certificate else None
        self.cookies = http.cookiejar.CookieJar()
        handlers = [urllib.request.HTTPCookieProcessor(self.cookies),
                    urllib.request.ProxyHandler({})]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self.opener = urllib.request.build_opener(*handlers)

    def ask(self, path, token=None, data=None, method=None):
        """Status and body."""
        request = urllib.request.Request(
            f"{self.parts.scheme}://{self.parts.netloc}{path}", data=data, method=method)
        if token:
            request.add_header("Authorization", f"token {token}")
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def write(self, path, text):
        body = json.dumps({"type": "file", "format": "text", "content": text}).encode()
        return self.ask(f"/api/contents/{path}", self.token, body, "PUT")[0]

    def read(self, path):
        return json.loads(self.ask(f"/api/contents/{path}", self.token)[1]).get("content")

    def logs_in(self, password):
        self.cookies.clear()
        self.ask("/login")
        xsrf = next(cookie.value for cookie in self.cookies if cookie.name == "_xsrf")
        form = urllib.parse.urlencode({"_xsrf": xsrf, "password": password}).encode()
        self.ask("/login?next=%2Fapi%2Fstatus", data=form)
        return self.ask("/api/status")[0] == 200


class Workspaces:
    """What holds on both engines."""

    def setUp(self):
        self.tool = self.make_tool()
        self.tool.succeed("create volume inference-data --size 1Gi")

    def make(self, more="", text=None):
        return self.tool.json("create workspace live-inference --size 5Gi "
                              f"--mount inference-data:/home/jovyan/data {more}", text)

    def page(self, name="live-inference"):
        return Page(self.tool.json(f"show workspace {name}")["url"], self.certificate(name))

    def test_a_person_works_in_it_and_it_survives_all_that_is_done_to_it(self):
        (self.files("inference-data") / "picture").write_text("seen")
        self.assertEqual(self.make()["state"], "ready")
        page = self.page()
        self.assertEqual(len(page.token), 32)
        self.assertEqual(page.ask("/lab?token=" + page.token)[0], 200)
        self.assertEqual(self.page().ask("/api/status")[0], 403, "without the token")
        self.assertEqual(page.read("data/picture"), "seen")
        self.assertEqual(page.write("notes", "first"), 201)
        self.tool.succeed("create snapshot baseline --of workspace/live-inference")
        self.assertEqual(page.write("notes", "second"), 200)
        self.tool.succeed("clone workspace now --from live-inference")
        self.tool.succeed("clone workspace then --from snapshot/baseline")
        self.assertEqual(self.page("now").read("notes"), "second")
        self.assertEqual(self.page("then").read("notes"), "first")
        self.assertEqual(self.page("then").read("data/picture"), "seen", "it has its mounts")
        refused = self.tool.run("restore snapshot baseline --yes")
        self.assertEqual(refused.returncode, 7, refused.stderr)
        self.tool.succeed("restore snapshot baseline --yes --stop")
        self.tool.succeed("start workspace live-inference")  # waits until it is ready again
        again = self.page()
        self.assertEqual(again.token, page.token)
        self.assertEqual(again.read("notes"), "first")
        self.assertEqual(self.page("now").read("notes"), "second")
        for name in ("now", "then", "live-inference"):
            self.tool.succeed(f"delete workspace {name} --yes --keep-snapshots")
        self.assertEqual(self.tool.json("list workspaces"), [])
        self.assertEqual([one["name"] for one in self.tool.json("list volumes")],
                         ["inference-data"])

    def test_a_password_opens_it(self):
        url = self.make("--password-file -", "open sesame\n")["url"]
        self.assertNotIn("token", url)
        self.assertTrue(self.page().logs_in("open sesame"))
        self.assertFalse(self.page().logs_in("open sesam"))
        self.tool.succeed("stop workspace live-inference")
        self.assertEqual(self.tool.json("list workspaces")[0]["state"], "stopped")
        self.tool.succeed("start workspace live-inference")
        self.assertEqual(self.tool.json("show workspace live-inference")["url"], url)
        self.assertTrue(self.page().logs_in("open sesame"))

    def test_the_toolkits_own_lines(self):
        out = self.tool.succeed("create jupyterlab --workspace-name=live-inference --size=50Gi "
                                "--nvidia-gpu=2 --mount-pvc=inference-data:/home/jovyan/data")
        url = self.tool.json("show workspace live-inference")["url"]
        self.assertEqual(out, "Workspace successfully created.\n"
                              f"To access workspace, navigate to {url}\n")
        self.assertEqual(self.tool.succeed("create jupyterlab-snapshot -w live-inference -s one"),
                         "Snapshot successfully created.\n")
        out = self.tool.succeed("clone jupyterlab -w second -s one")
        self.assertTrue(out.endswith("JupyterLab workspace successfully cloned.\n"), out)
        self.assertIn("one", self.tool.succeed("list jupyterlab-snapshots -w live-inference"))
        self.assertEqual(self.tool.succeed("restore jupyterlab-snapshot -s one -f"),
                         "JupyterLab workspace snapshot successfully restored.\n")
        self.assertEqual(len(self.tool.succeed("list jupyterlabs").splitlines()), 3)
        self.assertEqual(self.tool.succeed("delete jupyterlab -w live-inference -s -f"),
                         "Workspace successfully deleted.\n")

    def test_what_cannot_be_is_said_in_one_sentence(self):
        for code, part, line in (
                (2, "--size is missing", "create workspace w"),
                (2, "parse", "create workspace w --size=-5Gi"),
                (2, "--mount is VOLUME:PATH, not 'data'",
                 "create workspace w --size 1Gi --mount data"),
                (3, "there is no volume 'none'", "create workspace w --size 1Gi --mount none:/x"),
                (2, "workspace name '../w' is none", "create workspace ../w --size 1Gi"),
                (2, "has 300 characters", f"create workspace {'w' * 300} --size 1Gi"),
                (3, "there is no workspace 'w'", "show workspace w"),
                (3, "there is no workspace 'w'", "delete workspace w --yes"),
                (3, "there is no workspace 'w'", "clone workspace x --from w"),
                (2, "is of no workspace", "clone workspace x --from volume/inference-data"),
                (2, "the password is empty", "create workspace w --size 1Gi --password-file -"),
                (3, "cannot read the password file 'none'",
                 "create workspace w --size 1Gi --password-file none"),
                (2, "--http-port is 70000", "create workspace w --size 1Gi --http-port 70000")):
            with self.subTest(line[:60]):
                done = self.tool.run(line)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertEqual((done.stdout, len(done.stderr.splitlines())), ("", 1), done.stderr)
                if part != "parse":
                    self.assertIn(part, done.stderr)
        self.assertEqual(self.tool.json("list workspaces"), [])


class OnThisMachine(Workspaces, unittest.TestCase):
    def make_tool(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "root"
        return Tool(pathlib.Path(folder.name), {"SCRIM_DATAOPS_ROOT": str(self.root)})

    def tearDown(self):
        for one in self.tool.json("list workspaces"):
            self.tool.succeed(f"delete workspace {one['name']} --yes --cascade")

    def files(self, volume):
        return self.root / "default/volumes" / volume / "data"

    @staticmethod
    def certificate(_):
        return None

    def test_a_terminal_is_asked_for_the_password_and_shows_nothing(self):
        master, slave = pty.openpty()
        words = "create workspace live-inference --size 1Gi --password-file -".split()
        with subprocess.Popen([PROGRAM, *words], env=self.tool.environment, stdin=slave,
                              stdout=subprocess.PIPE, stderr=slave, text=True) as process:
            os.close(slave)
            shown = b""
            for question in (b"workspace: ", b"again: "):
                while question not in shown:
                    shown += os.read(master, 1000)
                os.write(master, b"open sesame\n")
            with contextlib.suppress(OSError):
                while more := os.read(master, 1000):
                    shown += more
            out = process.communicate(timeout=60)[0]
        os.close(master)
        self.assertEqual(process.returncode, 0, shown)
        self.assertNotIn(b"sesame", shown)
        self.assertNotIn("token", out)
        self.assertTrue(self.page().logs_in("open sesame"))


class OnACluster(Workspaces, unittest.TestCase):
    count = 0

    @classmethod
    def setUpClass(cls):
        if not may_run_pods():
            raise unittest.SkipTest("no pod may run here")
        folder = tempfile.TemporaryDirectory(prefix="scrim-workspaces-")
        cls.addClassCleanup(folder.cleanup)
        path = f"{jupyter_folder()}:{os.environ['PATH']}"
        cls.scratch = pathlib.Path(folder.name)
        cls.control, cls.storage, node = cls.enterClassContext(cluster(cls.scratch, path))
        cls.enterClassContext(node)

    def make_tool(self):
        OnACluster.count += 1
        self.space = f"lab-{self.count}"
        kubeconfig = self.control.write_kubeconfig("lab", self.control.tokens["admin"], self.space)
        folder = self.scratch / self.space
        folder.mkdir()
        tool = Tool(folder, {"KUBECONFIG": str(kubeconfig)})
        tool.environment.pop("SCRIM_DATAOPS_ROOT", None)
        tool.succeed(f"create namespace {self.space}")
        return tool

    def files(self, volume):
        return self.storage.folder(self.space, volume)

    def secret(self, name):
        return self.control.call(
            "GET", f"/api/v1/namespaces/{self.space}/secrets/workspace-{name}")["data"]

    def certificate(self, name):
        return base64.b64decode(self.secret(name)["tls.crt"]).decode()

    def test_nothing_secret_is_in_the_deployment_and_a_second_run_keeps_it(self):
        self.make("--password-file -", "open sesame\n")
        before = self.secret("live-inference")
        deployment = json.dumps(self.control.call(
            "GET", f"/apis/apps/v1/namespaces/{self.space}/deployments/workspace-live-inference"))
        for word in ("argon2", "sesame"):
            self.assertNotIn(word, deployment)
        self.assertFalse(self.make("--password-file -", "open sesame\n")["changed"])
        self.assertEqual(self.secret("live-inference"), before)

    def test_a_program_of_ones_own_and_what_keeps_it_from_starting(self):
        made = self.tool.json("create workspace web --size 1Gi --image any --no-tls --folder /web "
                              "-- python3 -m http.server {port} --directory {folder}")
        (self.files("workspace-web") / "page").write_text("hello")
        self.assertEqual(Page(made["url"]).ask("/page"), (200, b"hello"))
        done = self.tool.run("create workspace bad --size 1Gi --timeout 3 -- false")
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn("CrashLoopBackOff", done.stderr)
        self.assertEqual([one["name"] for one in self.tool.json("list workspaces")], ["web"])
        self.assertNotIn("workspace-bad", self.tool.succeed("list volumes"))

    def test_a_dry_run_is_checked_by_the_cluster_and_keeps_nothing(self):
        self.tool.succeed("create workspace w --size 1Gi --dry-run")
        self.assertEqual(self.tool.json("list workspaces"), [])
        self.assertNotIn("workspace-w", self.tool.succeed("list volumes"))


if __name__ == "__main__":
    unittest.main()
