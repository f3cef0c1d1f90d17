"""What a node does for pods, over processes: a container is a process on this machine's own files,
which it cannot change, with its volumes mounted, in the network of its pod. Its image is not looked
at. Needs root, as a node does."""
import contextlib
import http.server
import itertools
import pathlib
import socket
import ssl
import subprocess
import threading
import time

from pod import MERGE, Pod, number_of

ADDRESS = "127.0.0.1"


class Node:
    """One node, "here", which takes every pod."""

    name = "here"

    def __init__(self, control, storage, folder, path):
        self.control, self.storage = control, storage
        self.folder = pathlib.Path(folder)
        self.path = path  # where the programs of containers are found
        self.stop = threading.Event()
        self.pods = {}  # by uid
        self.named = {}  # by namespace and name: the last pod of that name
        self.ports = {}  # of services: the listeners
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()

    def __enter__(self):
        self.folder.mkdir(parents=True)
        self.control.call("POST", "/api/v1/nodes", {"metadata": {"name": self.name}})
        resources = {"cpu": "8", "memory": "16Gi", "pods": "100", "nvidia.com/gpu": "4"}
        self.control.call("PATCH", f"/api/v1/nodes/{self.name}/status", {"status": {
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
        for pod in list(self.pods.values()):
            pod.kill()

    def log(self, space, name):
        """What the containers of a pod have printed, one after another."""
        pod = self.named[space, name]
        logs = [pod.log(container) for container in pod.states]
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())

    def _serve_logs(self):
        """Answers the API server as a kubelet does; returns the port."""
        node = self

        class Logs(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                space, name, container = self.path.split("?")[0].split("/")[2:5]
                pod = node.named.get((space, name))
                if not pod or not pod.log(container).exists():
                    self.send_response(400)
                    self.end_headers()
                    self.wfile.write(f'container "{container}" is waiting to start'.encode())
                    return
                self.send_response(200)
                self.end_headers()
                with pod.log(container).open("rb") as log:
                    while True:
                        running = pod.is_running(container)
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
        uid, name = pod["metadata"]["uid"], pod["metadata"]["name"]
        with self.lock:
            known = self.pods.get(uid)
            if kind == "DELETED" or pod["metadata"].get("deletionTimestamp"):
                known = self.pods[uid] = known or Pod(self, pod, None)
                if not known.is_deleted:
                    known.is_deleted = True
                    threading.Thread(target=known.end, daemon=True).start()
            elif not known and pod["status"].get("phase") == "Pending":
                known = self.pods[uid] = Pod(self, pod, next(self.numbers))
                self.named[pod["metadata"]["namespace"], name] = known
                threading.Thread(target=known.run, daemon=True).start()

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
            threading.Thread(target=self._carry, args=(client, service, port), daemon=True).start()

    def _carry(self, client, service, port):
        with client, contextlib.suppress(OSError, LookupError, StopIteration):
            with socket.create_connection(self._behind(service, port), timeout=5) as server:
                server.settimeout(None)
                back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
                back.start()
                self._pump(client, server)
                back.join()

    def _behind(self, service, port):
        selector = service["spec"]["selector"]
        pods = self.control.call(
            "GET", f"/api/v1/namespaces/{service['metadata']['namespace']}/pods?labelSelector="
            + ",".join(f"{key}%3D{value}" for key, value in selector.items()))["items"]
        pod = next(one for one in pods if any(
            status["ready"] for status in one["status"].get("containerStatuses", [])))
        target = number_of(port["targetPort"], pod["spec"]["containers"][0])
        return pod["status"]["podIP"], target

    @staticmethod
    def _pump(one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
