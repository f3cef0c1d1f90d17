"""A Kubernetes control plane on this machine: etcd, the API server and its controllers, as
processes on loopback with a folder of their own. There is no node: pods stay Pending."""
import contextlib
import json
import pathlib
import secrets
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

START_SECONDS = 90


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class ControlPlane:
    """Started by `with`; `kubeconfig` is then the file of an administrator."""

    controllers = "*,-node-lifecycle-controller"  # the nodes of the tests send no heartbeats

    def __init__(self, programs, folder):
        self.programs = pathlib.Path(programs)
        self.folder = pathlib.Path(folder)
        self.processes = []
        self.tokens = {"admin": secrets.token_hex(16), "controllers": secrets.token_hex(16)}
        self.groups = {"admin": "system:masters"}
        self.flags = {}  # more flags, by program
        client, peer, self.port, manager = free_ports(4)
        self.etcd = f"http://127.0.0.1:{client}"
        self.peer = f"http://127.0.0.1:{peer}"
        self.manager_port = manager
        self.url = f"https://127.0.0.1:{self.port}"

    def user(self, name, group=""):
        """A user without rights but those of `group`, who has a token; only before the start."""
        self.tokens[name] = secrets.token_hex(16)
        self.groups[name] = group
        return self.tokens[name]

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):  # what they hold is thrown away
            process.kill()
            process.wait()

    def log(self, program):
        return (self.folder / f"{program}.log").read_text(errors="replace")

    def write_kubeconfig(self, name, token, space="default"):
        """A kubeconfig of one context, "test"; its path."""
        path = self.folder / f"{name}.kubeconfig"
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "contexts": [{"name": "test", "context": {
                "cluster": "test", "user": name, "namespace": space}}],
            "clusters": [{"name": "test", "cluster": {
                "server": self.url, "certificate-authority": str(self.authority)}}],
            "users": [{"name": name, "user": {"token": token}}],
        }))
        path.chmod(0o600)
        return path

    def call(self, method, path, body=None, content_type="application/json"):
        """The answer of the API, as the administrator; raises urllib.error.HTTPError."""
        request = urllib.request.Request(
            self.url + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.tokens["admin"],
                     "Content-Type": content_type})
        context = ssl.create_default_context(cafile=self.authority)
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def watch(self, path, on_object, stop):
        """Calls on_object(type, object) for each object of a list and each change, until `stop`."""
        while not stop.is_set():
            with contextlib.suppress(OSError, json.JSONDecodeError):
                listed = self.call("GET", path)
                for item in listed["items"]:
                    on_object("ADDED", item)
                version = listed["metadata"]["resourceVersion"]
                request = urllib.request.Request(
                    f"{self.url}{path}?watch=1&timeoutSeconds=3600&resourceVersion={version}",
                    headers={"Authorization": "Bearer " + self.tokens["admin"]})
                context = ssl.create_default_context(cafile=self.authority)
                with urllib.request.urlopen(request, context=context) as answer:
                    for line in answer:
                        event = json.loads(line)
                        if event["type"] == "ERROR" or stop.is_set():
                            break
                        on_object(event["type"], event["object"])

    def _run(self, program, *flags):
        with (self.folder / f"{program}.log").open("wb") as log:
            self.processes.append(subprocess.Popen(
                [self.programs / program, *flags, *self.flags.get(program, [])],
                stdout=log, stderr=log, cwd=self.folder))

    def _start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        names = {"controllers": "system:kube-controller-manager"}
        tokens = self.folder / "tokens.csv"
        tokens.write_text("".join(
            f'{token},{names.get(user, user)},{user},"{self.groups.get(user, "")}"\n'
            for user, token in self.tokens.items()))
        self.authority = self.folder / "certificates/apiserver.crt"
        self._run("etcd", "--unsafe-no-fsync", "--data-dir", self.folder / "etcd",
                  "--log-level", "error", "--listen-client-urls", self.etcd,
                  "--advertise-client-urls", self.etcd, "--listen-peer-urls", self.peer,
                  "--initial-advertise-peer-urls", self.peer,
                  "--initial-cluster", f"default={self.peer}")
        self._run("kube-apiserver", "--etcd-servers", self.etcd, "--bind-address", "127.0.0.1",
                  "--secure-port", str(self.port), "--cert-dir", self.authority.parent,
                  "--token-auth-file", tokens, "--authorization-mode", "RBAC",
                  "--service-account-issuer", "https://test.invalid",
                  "--service-account-key-file", key, "--service-account-signing-key-file", key,
                  "--service-cluster-ip-range", "10.96.0.0/16", "--endpoint-reconciler-type",
                  "none", "--profiling=false")
        deadline = time.monotonic() + START_SECONDS
        self._until(deadline, lambda: self.authority.is_file() and self._is_ready())
        self.kubeconfig = self.write_kubeconfig("admin", self.tokens["admin"])
        self._run("kube-controller-manager", "--kubeconfig",
                  self.write_kubeconfig("controllers", self.tokens["controllers"]),
                  "--controllers", self.controllers, "--leader-elect=false",
                  "--use-service-account-credentials",
                  "--kube-api-qps", "1000", "--kube-api-burst", "1000",
                  "--service-account-private-key-file", key,
                  "--bind-address", "127.0.0.1", "--secure-port", str(self.manager_port),
                  "--cert-dir", self.folder / "controllers")
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        self._until(deadline, lambda: self._exists(account))

    def _is_ready(self):
        try:
            self.call("GET", "/readyz?verbose=false")
        except urllib.error.HTTPError:
            return False
        except json.JSONDecodeError:  # "ok"
            return True
        except OSError:
            return False
        return True

    def _exists(self, path):
        try:
            return bool(self.call("GET", path))
        except urllib.error.HTTPError:
            return False

    def _until(self, deadline, is_done):
        while not is_done():
            for process in self.processes:
                if process.poll() is not None:
                    program = pathlib.Path(process.args[0]).name
                    raise RuntimeError(f"{program} ended: {self.log(program)[-2000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"the control plane is not up after {START_SECONDS} s")
            time.sleep(0.05)
