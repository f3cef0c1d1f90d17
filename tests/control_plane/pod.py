"""A pod as processes: its volumes, a network of its own, and its containers one after another, of
which the last is the first of `containers`."""
import base64
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.error

MERGE = "application/merge-patch+json"
GRACE_SECONDS = 5
MESSAGE_SIZE = 2048

# The root is a layer above this machine's, so that mount points and files come and go with the
# container. Words: ROOT FOLDER, then for each mount SOURCE TARGET ro|rw, then --, then the command.
# Targets are looked up inside: a link there may lead to a path of this machine.
START = r"""
set -e
root=$1 folder=$2; shift 2
mount -t overlay overlay -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$root/merged"
for part in proc sys dev; do mount --rbind "/$part" "$root/merged/$part"; done
while [ "$1" != -- ]; do
  target=$root/merged$(chroot "$root/merged" realpath -m -- "$2")
  if [ -d "$1" ]; then
    mkdir -p "$target"
  else
    mkdir -p "${target%/*}"
    [ -e "$target" ] || : > "$target"
  fi
  mount --bind "$1" "$target"
  [ "$3" = rw ] || mount -o remount,bind,ro "$target"
  shift 3
done
shift
chroot "$root/merged" mkdir -p -- "$folder"
exec chroot "$root/merged" env -C "$folder" "$@"
"""


class Ended(Exception):
    """The pod is deleted, or its node ends."""


class Pod:
    """One pod of `node`; `number` is its own among all that the node has had."""

    def __init__(self, node, pod, number):
        self.node, self.control, self.number = node, node.control, number
        self.meta, self.spec = pod["metadata"], pod["spec"]
        self.space = f"/api/v1/namespaces/{self.meta['namespace']}"
        self.place = f"{self.space}/pods/{self.meta['name']}"
        self.root = node.folder / self.meta["uid"]
        self.before = self.spec.get("initContainers", [])
        self.first = self.spec["containers"][0]
        self.states = {one["name"]: {"waiting": {"reason": "PodInitializing"}}
                       for one in [*self.before, self.first]}
        self.ends = {}  # the states before, of what is to be started again
        self.began = self._now()
        self.address = None
        self.network = self.process = None
        self.ended = threading.Event()
        self.is_deleted = False
        self.lock = threading.Lock()  # of starting a process and of ending all

    def log(self, container):
        """The file of what a container prints, which is there once that has begun."""
        return self.node.folder / f"{self.meta['uid']}.{container}.log"

    def is_running(self, container):
        return "running" in self.states[container]

    def end(self):
        """As when it is deleted: the container may take its time."""
        self.ended.set()
        with self.lock:
            process = self.process
        if process and process.poll() is None:
            with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
                inner = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
                os.kill(int(inner), signal.SIGTERM)
                process.wait(GRACE_SECONDS)
        self.kill()
        with contextlib.suppress(OSError):
            self.control.call("DELETE", self.place, {
                "gracePeriodSeconds": 0, "preconditions": {"uid": self.meta["uid"]}})

    def kill(self):
        self.ended.set()
        with self.lock:
            processes = [one for one in (self.process, self.network) if one]
        for process in processes:
            process.kill()
            process.wait()

    def run(self):
        try:
            self._run()
        except Ended:
            pass
        except OSError as error:
            if not self.ended.is_set() and getattr(error, "code", None) != 404:  # deleted meanwhile
                raise
        finally:
            self.kill()
            shutil.rmtree(self.root, ignore_errors=True)

    def _run(self):
        if not self.spec.get("nodeName"):
            self.control.call("POST", self.place + "/binding", {
                "metadata": {"name": self.meta["name"]},
                "target": {"apiVersion": "v1", "kind": "Node", "name": self.node.name}})
        sources = {volume["name"]: self._source(volume) for volume in self.spec.get("volumes", [])}
        self._connect()
        for container in self.before:
            code = self._contain(container, sources, "Pending")
            if code:
                break
        else:
            container = self.first
            code = self._contain(container, sources, "Running")
        phase = "Failed" if code else "Succeeded"
        if self.spec.get("restartPolicy") == "Always":  # it is not started again here
            phase = "Running" if container is self.first else "Pending"
            name = container["name"]
            self.ends[name] = self.states[name]
            self.states[name] = {"waiting": {
                "reason": "CrashLoopBackOff", "message": f"back-off 10s restarting {name}"}}
        self._report(phase)

    def _contain(self, container, sources, phase):
        """Runs a container from beginning to end; its exit code."""
        name = container["name"]
        command = self._command(container, sources)
        environment = self._environment(container)
        began = self._now()
        self.states[name] = {"running": {"startedAt": began}}
        with self.log(name).open("wb") as out:
            process = self.process = self._start(command, stdin=subprocess.DEVNULL, stdout=out,
                                                 stderr=out, env=environment)
        probe = container.get("readinessProbe")
        ready = not probe
        self._report(phase, ready)
        while process.poll() is None:
            if not ready and answers(probe, container, self.address):
                ready = True
                self._report(phase, ready)
            time.sleep(0.02)
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        self.states[name] = {"terminated": {
            "exitCode": code, "reason": "Error" if code else "Completed", "startedAt": began,
            "finishedAt": self._now()}}
        if code and container.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            said = self.log(name).read_text(errors="replace")
            self.states[name]["terminated"]["message"] = said[-MESSAGE_SIZE:]
        if self.ended.is_set():
            raise Ended
        return code

    def _start(self, command, **options):
        with self.lock:
            if self.ended.is_set():
                raise Ended
            return subprocess.Popen(command, **options)

    def _command(self, container, sources):
        root = self.root / "containers" / container["name"]
        for folder in ("upper", "work", "merged"):
            (root / folder).mkdir(parents=True)
        words = [root, container.get("workingDir", "/")]
        mounts = container.get("volumeMounts", [])
        for mount in sorted(mounts, key=lambda one: one["mountPath"].count("/")):
            source, may_write = sources[mount["name"]]
            source = source / mount.get("subPath", "")
            if not source.exists():
                source.mkdir(parents=True)
            may_write = may_write and not mount.get("readOnly")
            words += [source, mount["mountPath"], "rw" if may_write else "ro"]
        return ["nsenter", f"--net=/proc/{self.network.pid}/ns/net",
                "unshare", "--mount", "--kill-child", "--fork", "--pid", "bash", "-c", START,
                "start", *map(str, words), "--",
                *container.get("command", []), *container.get("args", [])]

    def _environment(self, container):
        values = {"PATH": self.node.path, "HOME": "/tmp", "HOSTNAME": self.meta["name"]}
        for source in container.get("envFrom", []):
            for kind in ("secret", "configMap"):
                for key, value in self._data(kind, source.get(kind + "Ref")).items():
                    values[source.get("prefix", "") + key] = value
        for variable in container.get("env", []):
            value = self._value(variable)
            if value is not None:
                values[variable["name"]] = value
        return values

    def _value(self, variable):
        origin = variable.get("valueFrom", {})
        for kind in ("secret", "configMap"):
            if reference := origin.get(kind + "KeyRef"):
                key = reference["key"]
                return self._data(kind, reference, [key]).get(key)
        field = origin.get("fieldRef", {}).get("fieldPath", "")
        for notes in ("annotations", "labels"):
            if field.startswith(f"metadata.{notes}['"):
                return self.meta.get(notes, {}).get(field.split("'")[1], "")
        return variable.get("value", "")

    def _source(self, volume):
        """The folder of a volume, and whether it may be written."""
        if claim := volume.get("persistentVolumeClaim"):
            place = f"{self.space}/persistentvolumeclaims/{claim['claimName']}"
            while (self._find(place) or {}).get("status", {}).get("phase") != "Bound":
                self._pause()
            folder = self.node.storage.folder(self.meta["namespace"], claim["claimName"])
            return pathlib.Path(folder), True
        folder = self.root / "volumes" / volume["name"]
        folder.mkdir(parents=True)
        for kind in ("secret", "configMap"):
            if part := volume.get(kind):
                self._fill(folder, kind, part)
                return folder, False
        return folder, True

    def _fill(self, folder, kind, part):
        items = part.get("items")
        data = self._data(kind, part, [item["key"] for item in items or []])
        for item in items or [{"key": key, "path": key} for key in data]:
            if item["key"] in data:
                path = folder / item["path"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data[item["key"]])
                path.chmod(item.get("mode", part.get("defaultMode", 0o644)))

    def _data(self, kind, reference, keys=()):
        """The bytes of a Secret or ConfigMap by key, once it is there and has `keys`."""
        if not reference:
            return {}
        name = reference.get("secretName") or reference["name"]
        while True:
            found = self._find(f"{self.space}/{kind.lower()}s/{name}") or {}
            encoded = found.get("data" if kind == "secret" else "binaryData") or {}
            data = {key: base64.b64decode(value) for key, value in encoded.items()}
            if kind == "configMap":
                data |= {key: value.encode() for key, value in (found.get("data") or {}).items()}
            if reference.get("optional") or (found and set(keys) <= set(data)):
                return data
            self._pause()

    def _find(self, place):
        try:
            return self.control.call("GET", place)
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None

    def _pause(self):
        if self.ended.wait(0.05):
            raise Ended

    def _connect(self):
        """A network, which a process holds, and a pair of links between it and this machine, all of
        whose addresses it reaches."""
        self.network = self._start(["unshare", "--net", "cat"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL)
        network = pathlib.Path(f"/proc/{self.network.pid}/ns/net")
        own = pathlib.Path("/proc/self/ns/net").readlink()
        while self.network.poll() is None and network.readlink() == own:
            time.sleep(0.005)
        block = f"10.213.{self.number // 64}.{self.number % 64 * 4}"
        part, _, start = block.rpartition(".")
        outer, self.address = f"{part}.{int(start) + 1}", f"{part}.{int(start) + 2}"
        link, enter = f"scrim{self.number}", f"nsenter --net={network}"
        for line in (f"ip link add {link} type veth peer name eth0 netns {self.network.pid}",
                     f"ip address add {outer}/30 dev {link}", f"ip link set {link} up",
                     f"{enter} ip address add {self.address}/30 dev eth0",
                     f"{enter} ip link set eth0 up", f"{enter} ip link set lo up",
                     f"{enter} ip route add default via {outer}"):
            for _ in range(50):
                if subprocess.run(line.split(), capture_output=True, check=False).returncode == 0:
                    break
                time.sleep(0.02)

    @staticmethod
    def _now():
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def _report(self, phase, ready=False):
        ready = ready and phase == "Running"
        conditions = {"Initialized": all(self._is_done(one) for one in self.before),
                      "Ready": ready, "ContainersReady": ready}
        self.control.call("PATCH", self.place + "/status", {"status": {
            "phase": phase, "startTime": self.began, "podIP": self.address,
            "podIPs": [{"ip": self.address}],
            "conditions": [{"type": kind, "status": str(holds)}
                           for kind, holds in conditions.items()],
            "initContainerStatuses": [self._status(one, self._is_done(one)) for one in self.before],
            "containerStatuses": [self._status(self.first, ready)]}}, MERGE)

    def _is_done(self, container):
        return self.states[container["name"]].get("terminated", {}).get("exitCode") == 0

    def _status(self, container, ready):
        return {"name": container["name"], "image": container["image"], "imageID": "",
                "restartCount": 0, "ready": ready, "started": self.is_running(container["name"]),
                "state": self.states[container["name"]],
                "lastState": self.ends.get(container["name"], {})}


def number_of(port, container):
    """Of a port that is given by its number or by its name in `container`."""
    return next((one["containerPort"] for one in container.get("ports", [])
                 if one.get("name") == port), port)


def answers(probe, container, address):
    get = probe.get("httpGet")
    port = number_of((get or probe["tcpSocket"])["port"], container)
    with contextlib.suppress(OSError, http.client.HTTPException):
        if not get:
            socket.create_connection((address, port), timeout=1).close()
            return True
        if get.get("scheme") == "HTTPS":
            anyone = ssl.create_default_context()
            anyone.check_hostname = False
            anyone.verify_mode = ssl.CERT_NONE
            connection = http.client.HTTPSConnection(address, port, timeout=1, context=anyone)
        else:
            connection = http.client.HTTPConnection(address, port, timeout=1)
        with contextlib.closing(connection):
            connection.request("GET", get.get("path", "/"))
            return 200 <= connection.getresponse().status < 400
    return False
