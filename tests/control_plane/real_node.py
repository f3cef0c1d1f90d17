"""A real node: containerd with runc, kubelet, kube-proxy and kube-scheduler, in the network and
below the folder of who starts it. Needs root and control groups."""
import contextlib
import json
import pathlib
import subprocess
import time

ADDRESS = "10.215.0.1"  # of the node: a kubelet takes none of the loopback's
PODS = "10.214.0.0/24"
NAME = "here"
GROUP = "scrim-kubelet"  # below which all its control groups are
GROUPS = pathlib.Path("/sys/fs/cgroup")
PAUSE = "registry.example/pause:1"
START_SECONDS = 120
USERS = {f"system:node:{NAME}": "system:nodes", "system:kube-proxy": "",
         "system:kube-scheduler": ""}


def group_folders():
    """Of the control groups of the node, in each hierarchy."""
    if (GROUPS / "cgroup.controllers").exists():
        return [GROUPS / GROUP]
    return [one / GROUP for one in GROUPS.iterdir()
            if one.is_dir() and not one.is_symlink() and (one / "cgroup.procs").exists()]


def why_not():
    """One sentence where no node can run here, else None."""
    if subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "true"],
                      capture_output=True, check=False).returncode:
        return "who runs this may not make namespaces"
    try:
        for folder in group_folders():
            folder.mkdir(exist_ok=True)
    except OSError as error:
        return f"no control groups can be made: {error}"
    return None if group_folders() else f"there are no control groups in {GROUPS}"


def remove_groups():
    for folder in group_folders():
        if folder.exists():
            for part in sorted(folder.rglob("*/"), reverse=True):
                with contextlib.suppress(OSError):
                    part.rmdir()
            with contextlib.suppress(OSError):
                folder.rmdir()


def connect():
    """The network of the node, in a namespace that has none."""
    # The default route leads nowhere, but without one a service's address has no way at all.
    for line in ("ip link set lo up", "ip link add node0 type bridge",
                 f"ip address add {ADDRESS}/24 dev node0", "ip link set node0 up",
                 "ip route add default dev node0"):
        subprocess.run(line.split(), check=True)


def prepare(control):
    """What the control plane has to know before it starts."""
    control.controllers = "*"
    for user, group in USERS.items():
        control.user(user, group)
    control.folder.mkdir(parents=True)
    key, certificate = control.folder / "kubelet-client.key", control.folder / "kubelet-client.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                    "/CN=apiserver", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    control.flags["kube-apiserver"] = [
        "--authorization-mode=Node", f"--kubelet-client-certificate={certificate}",
        f"--kubelet-client-key={key}", "--kubelet-preferred-address-types=InternalIP"]
    control.client_certificate = certificate


class RealNode:
    """`programs` is where kubelet and its like are, `packages` the root of unpacked packages."""

    def __init__(self, control, programs, packages, folder):
        self.control, self.folder = control, pathlib.Path(folder)
        self.programs, self.packages = pathlib.Path(programs), pathlib.Path(packages)
        self.processes = []
        self.socket = self.folder / "containerd.sock"
        self.environment = {
            "PATH": ":".join(str(self.packages / part) for part in ("usr/bin", "usr/sbin"))
                    + ":/usr/sbin:/usr/bin:/sbin:/bin",
            "LD_LIBRARY_PATH": str(self.packages / "usr/lib/x86_64-linux-gnu"), "HOME": "/root"}

    def __enter__(self):
        self.folder.mkdir(parents=True)
        for folder in group_folders():
            folder.mkdir(exist_ok=True)
        self._start_containerd()
        self._start_kubelet()
        self._start_proxy()
        self._start("kube-scheduler", self.programs / "kube-scheduler",
                    "--kubeconfig", self._kubeconfig("system:kube-scheduler"),
                    "--leader-elect=false", "--bind-address=127.0.0.1")
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def ended(self):
        return [pathlib.Path(process.args[0]).name for process in self.processes
                if process.poll() is not None]

    def log(self, program):
        return (self.folder / f"{program}.log").read_text(errors="replace")

    def import_images(self, archive):
        self.call("ctr", "--address", self.socket, "--namespace", "k8s.io", "images", "import",
                  archive)

    def wait_until_ready(self):
        self._until(self._is_ready, "the node is not ready")

    def call(self, *words):
        done = subprocess.run([*map(str, words)], env=self.environment, text=True,
                              capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr}")
        return done.stdout

    def _start(self, name, *words):
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes.append(subprocess.Popen(
                [*map(str, words)], stdout=log, stderr=log, env=self.environment, cwd=self.folder))

    def _kubeconfig(self, user):
        return self.control.write_kubeconfig(user, self.control.tokens[user])

    def _write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def _start_containerd(self):
        run = pathlib.Path("/run/containerd")  # its shims' sockets are there and nowhere else
        run.mkdir(exist_ok=True)
        self.call("mount", "-t", "tmpfs", "tmpfs", run)
        # The machine's resolvers cannot be reached from here: without any, a name fails at once.
        self.call("mount", "--bind", self._write("resolv.conf", ""), "/etc/resolv.conf")
        self._write("cni/pods.conflist", {
            "cniVersion": "1.0.0", "name": "pods", "plugins": [
                {"type": "bridge", "bridge": "pods0", "isGateway": True, "hairpinMode": True,
                 "ipam": {"type": "host-local", "dataDir": str(self.folder / "addresses"),
                          "ranges": [[{"subnet": PODS}]], "routes": [{"dst": "0.0.0.0/0"}]}}]})
        config = self._write("containerd.toml", f"""
version = 2
root = "{self.folder}/containerd"
state = "{self.folder}/state"
[grpc]
address = "{self.socket}"
[plugins."io.containerd.grpc.v1.cri"]
restrict_oom_score_adj = true
sandbox_image = "{PAUSE}"
disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{self.packages}/usr/lib/cni"
conf_dir = "{self.folder}/cni"
""")
        self._start("containerd", "containerd", "--config", config)
        self._until(self.socket.exists, "containerd is not up")

    def _start_kubelet(self):
        config = self._write("kubelet.json", {
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
            "address": ADDRESS, "healthzPort": 0, "readOnlyPort": 0,
            "containerRuntimeEndpoint": f"unix://{self.socket}",
            "authentication": {
                "anonymous": {"enabled": False}, "webhook": {"enabled": False},
                "x509": {"clientCAFile": str(self.control.client_certificate)}},
            "authorization": {"mode": "AlwaysAllow"},
            "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{GROUP}",
            "failSwapOn": False, "failCgroupV1": False, "makeIPTablesUtilChains": False,
            "resolvConf": "", "clusterDNS": ["10.96.0.10"], "podLogsDir": str(self.folder / "logs"),
            "volumePluginDir": str(self.folder / "plugins"),
            # The disk of a machine for tests may be as full as it likes.
            "imageGCHighThresholdPercent": 100,
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "0%",
                             "nodefs.inodesFree": "0%", "imagefs.available": "0%"}})
        self._start("kubelet", self.programs / "kubelet", "--config", config,
                    "--kubeconfig", self._kubeconfig(f"system:node:{NAME}"),
                    "--hostname-override", NAME, "--node-ip", ADDRESS,
                    "--root-dir", self.folder / "kubelet",
                    "--cert-dir", self.folder / "kubelet-pki")

    def _start_proxy(self):
        config = self._write("proxy.json", {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
            "mode": "nftables", "clusterCIDR": PODS, "hostnameOverride": NAME,
            "bindAddress": ADDRESS, "healthzBindAddress": "",
            "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s",
                          "tcpCloseWaitTimeout": "0s"},
            "clientConnection": {"kubeconfig": str(self._kubeconfig("system:kube-proxy"))}})
        self._start("kube-proxy", self.programs / "kube-proxy", "--config", config)

    def _is_ready(self):
        with contextlib.suppress(OSError):
            node = self.control.call("GET", f"/api/v1/nodes/{NAME}")
            return any(one["type"] == "Ready" and one["status"] == "True"
                       for one in node["status"].get("conditions", []))
        return False

    def _until(self, is_done, otherwise):
        deadline = time.monotonic() + START_SECONDS
        while not is_done():
            for program in self.ended():
                raise RuntimeError(f"{program} ended: {self.log(program)[-2000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{otherwise} after {START_SECONDS} s")
            time.sleep(0.1)
