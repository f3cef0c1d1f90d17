"""Images for a container runtime, without one: an OCI archive of one layer, which holds programs,
the libraries that they are linked with, and busybox for what else a pod needs."""
import hashlib
import io
import json
import pathlib
import re
import subprocess
import tarfile

PATH = "/usr/local/bin:/usr/bin:/bin"
SHELL = ("sh", "cat", "mktemp", "sleep", "httpd", "id", "ls")


def libraries(program):
    """The files that `program` is linked with, as it asks for them."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(/\S+) \(0x", listed))


class Digested:
    """A file that is written once and named by what is in it."""

    def __init__(self, path):
        self.file, self.hash, self.size = path.open("wb"), hashlib.sha256(), 0

    def write(self, data):
        self.hash.update(data)
        self.size += len(data)
        return self.file.write(data)


def write_layer(out, programs, busybox):
    files = {f"/usr/local/bin/{program.name}": program for program in programs}
    for program in programs:
        files |= {name: pathlib.Path(name) for name in libraries(program)}
    files["/bin/busybox"] = busybox
    with tarfile.open(fileobj=out, mode="w|") as layer:
        def add(name, kind, mode=0o755, data=b"", target=""):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(data), target
            layer.addfile(entry, io.BytesIO(data))

        for folder in ("etc", "root", "proc", "sys", "dev"):
            add(folder, tarfile.DIRTYPE)
        add("tmp", tarfile.DIRTYPE, 0o1777)
        add("etc/passwd", tarfile.REGTYPE, 0o644,
            b"root:x:0:0::/root:/bin/sh\njovyan:x:1000:100::/home/jovyan:/bin/sh\n")
        for name, source in sorted(files.items()):
            data = source.resolve().read_bytes()
            add(name.lstrip("/"), tarfile.REGTYPE, 0o755, data)
        for name in SHELL:
            add(f"bin/{name}", tarfile.SYMTYPE, target="busybox")


def write_images(archive, folder, programs, busybox, images):
    """An archive of images that differ in their settings alone; these by name."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)

    def named(kind, digest, size, **more):
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}",
                "size": size, **more}

    def blob(kind, content, **more):
        data = json.dumps(content).encode()
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return named(kind, digest, len(data), **more)

    layer = Digested(folder / "layer")
    with layer.file:
        write_layer(layer, programs, busybox)
    digest = layer.hash.hexdigest()
    (folder / "layer").rename(blobs / digest)
    manifests = []
    for name, settings in images.items():
        config = blob("config.v1+json", {
            "architecture": "amd64", "os": "linux",
            "config": {"Env": [f"PATH={PATH}"], **settings},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}})
        manifests.append(blob("manifest.v1+json", {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config, "layers": [named("layer.v1.tar", digest, layer.size)]},
            annotations={"io.containerd.image.name": name}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": manifests}))
    with tarfile.open(archive, "w") as tar:
        for name in ("oci-layout", "index.json", "blobs"):
            tar.add(folder / name, name)
