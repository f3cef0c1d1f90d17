"""What a node does for pods, over processes: a container is a process on this machine's own files,
which it cannot change, with its volumes mounted and a network of its own. Its image is not looked
at. Needs root, as a node does."""
import contextlib
import http.client
import http.server
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

NAME = "here"
MERGE = "application/merge-patch+json"
ADDRESS = "127.0.0.1"
GRACE_SECONDS = 5

# The root is a layer above this machine's, so that mount points and files come and go with the pod.
# Words: ROOT, then for each mount SOURCE TARGET ro|rw, then --, then the command.
START = r"""
set -e
root=$1; shift
mount -t overlay overlay -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$root/merged"
for folder in proc sys dev; do mount --rbind "/$folder" "$root/merged/$folder"; done
while [ "$1" != -- ]; do
  mkdir -p "$root/merged$2"
  mount --bind "$1" "$root/merged$2"
  [ "$3" = rw ] || mount -o remount,bind,ro "$root/merged$2"
  shift 3
done
shift
ip link set lo up
exec chroot "$root/merged" "$@"
"""


class Node:
    """One node, "here", which takes every pod."""

    def __init__(self, control, storage, folder, path):
        self.control, self.storage = control, storage
        self.folder = pathlib.Path(folder)
        self.path = path  # where the programs of containers are found
        self.stop = threading.Event()
        self.pods = {}  # by uid: the process of each
        self.ports = {}  # of services: the listeners
        self.running = set()  # "SPACE.NAME" of pods
        self.addresses = 0
        self.lock = threading.Lock()

    def __enter__(self):
        self.folder.mkdir(parents=True)
        self.control.call("POST", "/api/v1/nodes", {"metadata": {"name": NAME}})
        resources = {"cpu": "8", "memory": "16Gi", "pods": "100", "nvidia.com/gpu": "4"}
        self.control.call("PATCH", f"/api/v1/nodes/{NAME}/status", {"status": {
            "capacity": resources, "allocatable": resources,
            "addresses": [{"type": "InternalIP", "address": ADDRESS}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self._serve_logs()}},
            "conditions": [{"type": "Ready", "status": "True"}]}}, MERGE)
        for path, handle in (("/api/v1/pods", self._pod), ("/api/v1/services", self._service)):
            threading.Thread(target=self.control.watch, args=(path, handle, self.stop),
                             daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for listener in self.ports.values():
            listener.close()
        for process in list(self.pods.values()):
            process.kill()
            process.wait()

    def log(self, space, name):
        return (self.folder / f"{space}.{name}.log").read_text(errors="replace")

    def _serve_logs(self):
        """Answers the API server as a kubelet does; returns the port."""
        node = self

        class Logs(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                _, _, space, name, *_ = self.path.split("?")[0].split("/")
                self.send_response(200)
                self.end_headers()
                with (node.folder / f"{space}.{name}.log").open("rb") as log:
                    while True:
                        running = f"{space}.{name}" in node.running
                        self.wfile.write(log.read())
                        self.wfile.flush()
                        if not running or "follow=true" not in self.path:
                            return
                        time.sleep(0.02)

            def log_message(self, *_):
                pass

        key, certificate = self.folder / "logs.key", self.folder / "logs.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                        "/CN=node", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = http.server.ThreadingHTTPServer((ADDRESS, 0), Logs)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_port

    def _pod(self, kind, pod):
        if kind == "DELETED":
            return
        uid = pod["metadata"]["uid"]
        with self.lock:
            if pod["metadata"].get("deletionTimestamp"):
                self._end(pod)
            elif uid not in self.pods and pod["status"].get("phase") == "Pending":
                self.pods[uid] = None
                threading.Thread(target=self._run, args=(pod,), daemon=True).start()

    @staticmethod
    def _now():
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    @staticmethod
    def _place(pod):
        return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"

    def _end(self, pod):
        process = self.pods.get(pod["metadata"]["uid"])
        if process:
            with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
                inner = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
                os.kill(int(inner), signal.SIGTERM)
                process.wait(GRACE_SECONDS)
            process.kill()
        with contextlib.suppress(OSError):
            self.control.call("DELETE", self._place(pod), {"gracePeriodSeconds": 0})

    def _run(self, pod):
        meta = pod["metadata"]
        place = self._place(pod)
        if not pod["spec"].get("nodeName"):
            self.control.call("POST", place + "/binding", {
                "metadata": {"name": meta["name"]},
                "target": {"apiVersion": "v1", "kind": "Node", "name": NAME}})
        root = self.folder / meta["uid"]
        for name in ("upper", "work", "merged"):
            (root / name).mkdir(parents=True)
        sources = {volume["name"]: self._source(meta["namespace"], volume, root)
                   for volume in pod["spec"].get("volumes", [])}
        container = pod["spec"]["containers"][0]
        words = []
        for mount in container.get("volumeMounts", []):
            words += [sources[mount["name"]], mount["mountPath"],
                      "ro" if mount.get("readOnly") else "rw"]
        command = container.get("command", []) + container.get("args", [])
        environment = {"PATH": self.path, "HOME": "/tmp"}
        for variable in container.get("env", []):
            environment[variable["name"]] = self._value(pod, variable)
        full_name = f"{meta['namespace']}.{meta['name']}"
        log = self.folder / f"{full_name}.log"
        self.running.add(full_name)
        began = self._now()
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["unshare", "--mount", "--net", "--kill-child", "--fork", "--pid", "bash", "-c",
                 START, "start", str(root), *map(str, words), "--", *command],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment)
        self.pods[meta["uid"]] = process
        address = self._connect(process)
        started = {"name": container["name"], "image": container["image"], "imageID": "",
                   "restartCount": 0, "started": True}
        ready = False
        while process.poll() is None and not self.stop.is_set():
            if not ready and self._probe(container.get("readinessProbe"), container, address):
                ready = True
                self._report(place, "Running", address, True, {
                    **started, "ready": True, "state": {"running": {}}})
            time.sleep(0.02 if not ready else 0.1)
        if self.stop.is_set():
            return
        self.running.discard(full_name)
        code = process.returncode & 0xff
        ended = {**started, "ready": False, "state": {"terminated": {
            "exitCode": code, "startedAt": began, "finishedAt": self._now()}}}
        phase = "Succeeded" if code == 0 else "Failed"
        if pod["spec"].get("restartPolicy") == "Always":  # it is not started again here
            phase = "Running"
            ended["state"] = {"waiting": {"reason": "CrashLoopBackOff",
                                          "message": f"the container ended with {code}"}}
        with contextlib.suppress(OSError):
            self._report(place, phase, address, False, ended)
        shutil.rmtree(root, ignore_errors=True)

    def _source(self, space, volume, root):
        if "persistentVolumeClaim" in volume:
            claim = volume["persistentVolumeClaim"]["claimName"]
            while True:
                found = self.control.call(
                    "GET", f"/api/v1/namespaces/{space}/persistentvolumeclaims/{claim}")
                if found["status"]["phase"] == "Bound":
                    return self.storage.folder(space, claim)
                time.sleep(0.05)
        folder = root / volume["name"]
        folder.mkdir()
        return folder

    @staticmethod
    def _value(pod, variable):
        field = variable.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath", "")
        for notes in ("annotations", "labels"):
            if field.startswith(f"metadata.{notes}['"):
                return pod["metadata"].get(notes, {}).get(field.split("'")[1], "")
        return variable.get("value", "")

    def _connect(self, process):
        """A pair of links between this machine and the network of the process."""
        with self.lock:
            self.addresses += 1
            number = self.addresses
        outer, inner = f"10.213.{number}.1", f"10.213.{number}.2"
        pid = process.pid
        own = pathlib.Path("/proc/self/ns/net").readlink()
        while process.poll() is None and pathlib.Path(f"/proc/{pid}/ns/net").readlink() == own:
            time.sleep(0.005)
        link = f"scrim{number}"
        for line in (f"ip link add {link} type veth peer name eth0 netns {pid}",
                     f"ip address add {outer}/30 dev {link}", f"ip link set {link} up",
                     f"nsenter --net=/proc/{pid}/ns/net ip address add {inner}/30 dev eth0",
                     f"nsenter --net=/proc/{pid}/ns/net ip link set eth0 up"):
            for _ in range(50):
                if subprocess.run(line.split(), capture_output=True, check=False).returncode == 0:
                    break
                time.sleep(0.02)
        return inner

    @staticmethod
    def _probe(probe, container, address):
        if not probe:
            return True
        get = probe["httpGet"]
        port = get["port"]
        for named in container.get("ports", []):
            port = named["containerPort"] if named.get("name") == port else port
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(address, port, timeout=1)
            with contextlib.closing(connection):
                connection.request("GET", get["path"])
                return connection.getresponse().status == 200
        return False

    def _report(self, place, phase, address, ready, container):
        self.control.call("PATCH", place + "/status", {"status": {
            "phase": phase, "podIP": address, "startTime": self._now(), "podIPs": [{"ip": address}],
            "conditions": [{"type": "Ready", "status": str(ready)},
                           {"type": "ContainersReady", "status": str(ready)}],
            "containerStatuses": [container]}}, MERGE)

    def _service(self, kind, service):
        if kind == "DELETED" or service["spec"].get("type") not in ("NodePort", "LoadBalancer"):
            return
        for port in service["spec"]["ports"]:
            number = port.get("nodePort")
            if number and number not in self.ports:
                listener = socket.create_server((ADDRESS, number))
                self.ports[number] = listener
                threading.Thread(target=self._forward, args=(listener, service, port),
                                 daemon=True).start()

    def _forward(self, listener, service, port):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError, LookupError):
                server = socket.create_connection(self._behind(service, port), timeout=5)
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _behind(self, service, port):
        selector = service["spec"]["selector"]
        pods = self.control.call(
            "GET", f"/api/v1/namespaces/{service['metadata']['namespace']}/pods?labelSelector="
            + ",".join(f"{key}%3D{value}" for key, value in selector.items()))["items"]
        pod = next(one for one in pods if one["status"].get("phase") == "Running")
        target = port["targetPort"]
        for named in pod["spec"]["containers"][0].get("ports", []):
            target = named["containerPort"] if named.get("name") == target else target
        return pod["status"]["podIP"], target

    @staticmethod
    def _pump(one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
