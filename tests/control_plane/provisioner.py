"""What a CSI driver and its controllers do for volumes and snapshots, over folders: a volume is a
folder, a clone or a snapshot a copy of it."""
import pathlib
import shutil
import sys
import threading
import traceback
import urllib.error

DRIVER = "folders.test"
SNAPSHOTS = "snapshot.storage.k8s.io"
PROTECTION = f"{SNAPSHOTS}/volumesnapshot-bound-protection"
MERGE = "application/merge-patch+json"
BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def size_of(text):
    for unit, bytes_ in BINARY.items():
        if text.endswith(unit):
            return int(text.removesuffix(unit)) * bytes_
    return int(text)


def crd(kind, plural, namespaced):
    return {
        "metadata": {"name": f"{plural}.{SNAPSHOTS}", "annotations": {
            "api-approved.kubernetes.io": "unapproved, for tests"}},
        "spec": {
            "group": SNAPSHOTS, "scope": "Namespaced" if namespaced else "Cluster",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(),
                      "listKind": kind + "List"},
            "versions": [{"name": "v1", "served": True, "storage": True,
                          "subresources": {"status": {}},
                          "schema": {"openAPIV3Schema": {
                              "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}],
        },
    }


class Provisioner:
    """Serves the classes "folders" (the default), "late" (WaitForFirstConsumer), "unclonable"
    (volumes from snapshots only) and "broken" (whose volumes fail), and the snapshot classes
    "folders" (the default) and "broken". With `node`, the kubelet of that name can mount them."""

    def __init__(self, control, root, node=None):
        self.control, self.node = control, node
        self.root = pathlib.Path(root)
        self.stop = threading.Event()
        self.lock = threading.Lock()  # one change at a time, whichever watch it came by

    def __enter__(self):
        (self.root / "volumes").mkdir(parents=True)
        (self.root / "snapshots").mkdir()
        self._install()
        snapshots = f"/apis/{SNAPSHOTS}/v1/volumesnapshots"
        for path, handle in (("/api/v1/persistentvolumeclaims", self._claim),
                             ("/api/v1/persistentvolumes", self._volume),
                             (snapshots, self._snapshot)):
            threading.Thread(target=self._follow, args=(path, handle), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop.set()

    def folder(self, space, claim):
        """The files of a bound claim."""
        found = self.control.call("GET", self._claims(space, claim))
        return self.root / "volumes" / found["spec"]["volumeName"]

    def _follow(self, path, handle):
        def on_object(kind, item):
            if kind == "DELETED" or self.stop.is_set():
                return
            try:
                with self.lock:
                    handle(item)
            except urllib.error.HTTPError as error:
                if error.code not in (404, 409):  # changed or gone meanwhile: the next event tells
                    print(f"provisioner: {error} {error.read()[:300]}", file=sys.stderr)
            except Exception:
                traceback.print_exc()

        self.control.watch(path, on_object, self.stop)

    def _install(self):
        definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for kind, plural, namespaced in (("VolumeSnapshot", "volumesnapshots", True),
                                         ("VolumeSnapshotClass", "volumesnapshotclasses", False)):
            self.control.call("POST", definitions, crd(kind, plural, namespaced))
        for name, mode in (("folders", "Immediate"), ("late", "WaitForFirstConsumer"),
                           ("unclonable", "Immediate"), ("broken", "Immediate")):
            default = str(name == "folders").lower()
            self.control.call("POST", "/apis/storage.k8s.io/v1/storageclasses", {
                "metadata": {"name": name, "annotations": {
                    "storageclass.kubernetes.io/is-default-class": default}},
                "provisioner": DRIVER, "volumeBindingMode": mode, "allowVolumeExpansion": True})
        for name in ("folders", "broken"):
            self._until_served(f"/apis/{SNAPSHOTS}/v1/volumesnapshotclasses", {
                "metadata": {"name": name, "annotations": {
                    "snapshot.storage.kubernetes.io/is-default-class":
                        str(name == "folders").lower()}},
                "apiVersion": f"{SNAPSHOTS}/v1", "kind": "VolumeSnapshotClass",
                "driver": DRIVER, "deletionPolicy": "Delete"})

    def _until_served(self, path, body):
        for _ in range(200):
            try:
                return self.control.call("POST", path, body)
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
            self.stop.wait(0.05)
        raise TimeoutError(f"{path} is not served")

    @staticmethod
    def _claims(space, name):
        return f"/api/v1/namespaces/{space}/persistentvolumeclaims/{name}"

    @staticmethod
    def _snapshots(space, name):
        return f"/apis/{SNAPSHOTS}/v1/namespaces/{space}/volumesnapshots/{name}"

    def _say(self, item, reason, message):
        meta = item["metadata"]
        self.control.call("POST", f"/api/v1/namespaces/{meta['namespace']}/events", {
            "metadata": {"generateName": "provisioner-"}, "reason": reason, "message": message,
            "type": "Warning", "source": {"component": DRIVER}, "involvedObject": {
                "kind": item["kind"] if "kind" in item else "PersistentVolumeClaim",
                "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]}})

    def _claim(self, claim):
        meta, spec = claim["metadata"], claim["spec"]
        notes = meta.get("annotations", {})
        if meta.get("deletionTimestamp") or notes.get(
                "volume.kubernetes.io/storage-provisioner") != DRIVER:
            return
        if spec.get("volumeName"):
            return self._grow(claim)
        if spec["storageClassName"] == "late" and not notes.get(
                "volume.kubernetes.io/selected-node"):
            return
        if spec["storageClassName"] == "broken":
            return self._say(claim, "ProvisioningFailed", "the pool is out of order")
        from_claim = spec.get("dataSource", {}).get("kind") == "PersistentVolumeClaim"
        if spec["storageClassName"] == "unclonable" and from_claim:
            return self._say(claim, "ProvisioningFailed", "the driver does not support cloning")
        source = self._source(meta["namespace"], spec.get("dataSource"))
        name = f"pvc-{meta['uid']}"
        folder = self.root / "volumes" / name
        if folder.exists():
            return
        if source:
            shutil.copytree(source, folder, symlinks=True)
        else:
            folder.mkdir()
        self.control.call("POST", "/api/v1/persistentvolumes", {
            "metadata": {"name": name, "annotations": {
                "pv.kubernetes.io/provisioned-by": DRIVER}},
            "spec": {
                "capacity": {"storage": spec["resources"]["requests"]["storage"]},
                "accessModes": spec["accessModes"],
                "storageClassName": spec["storageClassName"],
                "persistentVolumeReclaimPolicy": "Delete",
                "claimRef": {"kind": "PersistentVolumeClaim", "apiVersion": "v1",
                             "namespace": meta["namespace"], "name": meta["name"],
                             "uid": meta["uid"]},
                **self._place(name)}})

    def _place(self, name):
        if not self.node:
            return {"csi": {"driver": DRIVER, "volumeHandle": name}}
        return {"local": {"path": str(self.root / "volumes" / name)},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                    {"key": "kubernetes.io/hostname", "operator": "In",
                     "values": [self.node]}]}]}}}

    def _source(self, space, source):
        if not source:
            return None
        if source["kind"] == "PersistentVolumeClaim":
            return self.folder(space, source["name"])
        snapshot = self.control.call("GET", self._snapshots(space, source["name"]))
        return self.root / "snapshots" / snapshot["metadata"]["uid"]

    def _grow(self, claim):
        meta = claim["metadata"]
        wanted = claim["spec"]["resources"]["requests"]["storage"]
        has = claim.get("status", {}).get("capacity", {}).get("storage")
        if has is None or size_of(has) >= size_of(wanted):
            return
        self.control.call("PATCH", f"/api/v1/persistentvolumes/{claim['spec']['volumeName']}",
                          {"spec": {"capacity": {"storage": wanted}}}, MERGE)
        self.control.call("PATCH", self._claims(meta["namespace"], meta["name"]) + "/status",
                          {"status": {"capacity": {"storage": wanted}}}, MERGE)

    def _volume(self, volume):
        name = volume["metadata"]["name"]
        if (volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
                and volume.get("status", {}).get("phase") == "Released"
                and not volume["metadata"].get("deletionTimestamp")):
            shutil.rmtree(self.root / "volumes" / name, ignore_errors=True)
            self.control.call("DELETE", f"/api/v1/persistentvolumes/{name}")

    def _snapshot(self, snapshot):
        meta, spec = snapshot["metadata"], snapshot["spec"]
        path = self._snapshots(meta["namespace"], meta["name"])
        folder = self.root / "snapshots" / meta["uid"]
        if meta.get("deletionTimestamp"):
            shutil.rmtree(folder, ignore_errors=True)
            self.control.call("PATCH", path, {"metadata": {"finalizers": None}}, MERGE)
            return
        if snapshot.get("status") or folder.exists():
            return
        name = spec.get("volumeSnapshotClassName", "folders")
        self.control.call("PATCH", path, {"metadata": {"finalizers": [PROTECTION]},
                                          "spec": {"volumeSnapshotClassName": name}}, MERGE)
        if name != "folders":
            status = {"readyToUse": False, "error": {"message": f"class {name} takes no snapshot"}}
        else:
            claim = self.control.call(
                "GET", self._claims(meta["namespace"], spec["source"]["persistentVolumeClaimName"]))
            shutil.copytree(self.root / "volumes" / claim["spec"]["volumeName"], folder,
                            symlinks=True)
            status = {"readyToUse": True, "creationTime": meta["creationTimestamp"],
                      "restoreSize": claim["status"]["capacity"]["storage"],
                      "boundVolumeSnapshotContentName": f"snapcontent-{meta['uid']}"}
        self.control.call("PATCH", path + "/status", {"status": status}, MERGE)
