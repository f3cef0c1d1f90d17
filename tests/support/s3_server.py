"""A real S3 server on loopback for tests, and a proxy that cuts connections to it.

The server is moto's of PyPI, in a virtual environment of the user's cache, made once; a test skips
by name where PyPI cannot be reached. moto's own check of signatures refuses listings of clients
that encode a slash, so this file has one (Signature Version 4, in headers or the query).
"""
import contextlib
import datetime
import hashlib
import hmac
import http.client
import io
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import xml.etree.ElementTree

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from client_environment import make_environment  # noqa: E402

PACKAGES = ["moto[s3]==5.2.5", "botocore==1.44.8", "flask==3.1.3", "flask-cors==6.0.5",
            "werkzeug==3.1.9"]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
VERSIONS = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:16]
ENVIRONMENT = CACHE / "scrim/s3_server" / VERSIONS
ACCESS_KEY = "SCRIMTESTACCESSKEY00"
SECRET_KEY = "scrim/test+secret"
ALGORITHM = "AWS4-HMAC-SHA256"


def sign(method, uri, headers, names, scope, when, payload):
    """The signature of a request: `uri` as sent, `names` of its signed `headers` in order,
    `payload` the hash of its body."""
    path, _, query = uri.partition("?")
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
    query = "&".join(f"{name}={value}" for name, value in pairs if name != "X-Amz-Signature")
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}" for name in names]
    request = "\n".join([method, path, query, *lines, "", ";".join(names), payload])
    key = f"AWS4{SECRET_KEY}".encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    text = "\n".join([ALGORITHM, when, scope, hashlib.sha256(request.encode()).hexdigest()])
    return hmac.digest(key, text.encode(), "sha256").hex()


def fault(method, uri, headers, body):
    """The code of S3's answer to a request that is not to be served; None where it is."""
    query = dict(urllib.parse.parse_qsl(uri.partition("?")[2], keep_blank_values=True))
    algorithm, _, fields = headers.get("authorization", "").partition(" ")
    if algorithm == ALGORITHM:
        given = dict(field.strip().split("=", 1) for field in fields.split(","))
        when, payload = headers.get("x-amz-date", ""), headers.get("x-amz-content-sha256", "")
    else:
        given = {name.removeprefix("X-Amz-"): value for name, value in query.items()}
        when = query.get("X-Amz-Date", "")
        payload = headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    if not {"Credential", "SignedHeaders", "Signature"} <= given.keys():
        return "AccessDenied"
    key, _, scope = given["Credential"].partition("/")
    if key != ACCESS_KEY:
        return "InvalidAccessKeyId"
    names = given["SignedHeaders"].split(";")
    if given["Signature"] != sign(method, uri, headers, names, scope, when, payload):
        return "SignatureDoesNotMatch"
    if len(payload) == 64 and payload != hashlib.sha256(body).hexdigest():
        return "XAmzContentSHA256Mismatch"
    return None


def checked(application):
    """The application behind the check of signatures. It sees whole bodies only: an upload that is
    cut half way stores nothing."""
    def answer(environment, start):
        headers = {name.removeprefix("HTTP_").replace("_", "-").lower(): value
                   for name, value in environment.items() if isinstance(value, str)}
        size = int(headers.get("content-length") or 0)
        body = environment["wsgi.input"].read(size)
        if len(body) != size:
            code, status = "IncompleteBody", "400 Bad Request"
        else:
            code = fault(environment["REQUEST_METHOD"], environment["RAW_URI"], headers, body)
            status = "403 Forbidden"
        if code:
            text = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
            start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(text)))])
            return [] if environment["REQUEST_METHOD"] == "HEAD" else [text]
        return application({**environment, "wsgi.input": io.BytesIO(body)}, start)
    return answer


def serve():
    """The program that S3Server runs in the virtual environment: prints its port and serves."""
    # pylint: disable=import-error,import-outside-toplevel
    from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server
    server = make_server("127.0.0.1", 0, checked(create_backend_app("s3")), threaded=True,
                         request_handler=MotoRequestHandler)
    print(server.port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until who started it is gone, however that ended


class S3Server:
    """A running server without buckets; `with` ends it, and all that it stored is gone."""
    access_key = ACCESS_KEY
    secret_key = SECRET_KEY

    def __enter__(self):
        python = make_environment(ENVIRONMENT, PACKAGES, "moto's S3 server")
        self.folder = tempfile.TemporaryDirectory(prefix="scrim-s3-")
        self.log_file = pathlib.Path(self.folder.name) / "log"
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [python, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                cwd=self.folder.name, env={**os.environ, "TMPDIR": self.folder.name})
        port = self.process.stdout.readline().decode().strip()
        if not port:
            log = self.log()
            self.__exit__()
            raise AssertionError(f"the S3 server did not start: {log}")
        self.address = ("127.0.0.1", int(port))
        self.endpoint = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(60)
        self.process.stdout.close()
        self.folder.cleanup()

    def log(self):
        """What it has answered, a line each."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def ask(self, method, path, query="", body=b""):
        """The body of the answer to a signed request; a failure where that is an error."""
        when = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        payload = hashlib.sha256(body).hexdigest()
        headers = {"host": "%s:%d" % self.address, "x-amz-content-sha256": payload,
                   "x-amz-date": when}
        uri = urllib.parse.quote(path, safe="/~") + (query and f"?{query}")
        scope = f"{when[:8]}/us-east-1/s3/aws4_request"
        signature = sign(method, uri, headers, list(headers), scope, when, payload)
        headers["authorization"] = (f"{ALGORITHM} Credential={ACCESS_KEY}/{scope}, "
                                    f"SignedHeaders={';'.join(headers)}, Signature={signature}")
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        try:
            connection.request(method, uri, body=body, headers=headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 300:
            raise AssertionError(f"{method} {uri}: {response.status} {answer.decode()}")
        return answer

    def make_bucket(self, name):
        self.ask("PUT", f"/{name}")

    def delete_bucket(self, name):
        """Deletes a bucket with all that is in it."""
        for key in self.keys(name):
            self.ask("DELETE", f"/{name}/{key}")
        self.ask("DELETE", f"/{name}")

    def put(self, bucket, key, data):
        self.ask("PUT", f"/{bucket}/{key}", body=data)

    def put_in_parts(self, bucket, key, data):
        """Stores an object as many tools do large ones: it has no MD5 of the whole."""
        path = f"/{bucket}/{key}"
        answer = xml.etree.ElementTree.fromstring(self.ask("POST", path, query="uploads="))
        upload = f"uploadId={urllib.parse.quote(answer.findtext('{*}UploadId'), safe='~')}"
        self.ask("PUT", path, query=f"partNumber=1&{upload}", body=data)
        part = f"<PartNumber>1</PartNumber><ETag>{hashlib.md5(data).hexdigest()}</ETag>"
        self.ask("POST", path, query=upload, body="".join((
            "<CompleteMultipartUpload><Part>", part, "</Part></CompleteMultipartUpload>")).encode())

    def get(self, bucket, key):
        return self.ask("GET", f"/{bucket}/{key}")

    def keys(self, bucket):
        """All keys of a bucket, sorted."""
        found, token = [], ""
        while token is not None:
            more = token and f"continuation-token={urllib.parse.quote(token, safe='~')}&"
            page = xml.etree.ElementTree.fromstring(
                self.ask("GET", f"/{bucket}", query=f"{more}list-type=2"))
            found += [key.text for key in page.findall("{*}Contents/{*}Key")]
            token = page.findtext("{*}NextContinuationToken")
        return sorted(found)


def shut(ends):
    """Ends connections, of which some may have ended."""
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def own_address():
    """One of this machine's that pods reach, other than loopback."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.connect(("10.255.255.255", 9))  # sends nothing
        return probe.getsockname()[0]


class CutProxy:
    """A proxy, on loopback unless `host` is another address, that passes bytes unchanged and closes
    each connection once it has passed `cut_after` bytes of the answers, or `cut_sent_after` of what
    was sent; None passes all.

    Both may be changed while it runs, and hold for the connections opened from then on.
    """

    def __init__(self, server, cut_after=None, cut_sent_after=None, host="127.0.0.1"):
        self.host = host
        self.upstream = server.address
        self.cut_after = cut_after
        self.cut_sent_after = cut_sent_after
        self.cuts = 0
        self.lock = threading.Lock()
        self.open = set()

    def __enter__(self):
        self.listener = socket.create_server((self.host, 0))
        self.endpoint = "http://%s:%d" % self.listener.getsockname()
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)  # ends accept()
        self.threads[0].join()
        with self.lock:
            shut(self.open)
        for thread in self.threads[1:]:
            thread.join()
        self.listener.close()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            thread = threading.Thread(target=self.carry, args=(client,))
            self.threads.append(thread)
            thread.start()

    def carry(self, client):
        """One connection, to its end."""
        with client:
            try:
                server = socket.create_connection(self.upstream)
            except OSError:
                return
            with server:
                ends = {client, server}
                with self.lock:
                    self.open |= ends
                sending = threading.Thread(
                    target=self.pump, args=(client, server, self.cut_sent_after))
                sending.start()
                self.pump(server, client, self.cut_after)
                sending.join()
                with self.lock:
                    self.open -= ends

    def pump(self, source, sink, limit):
        """Passes bytes one way until they end, or both ways end at the limit."""
        passed = 0
        try:
            while data := source.recv(65536):
                data = data if limit is None else data[:limit - passed]
                sink.sendall(data)
                passed += len(data)
                if passed == limit:
                    with self.lock:
                        self.cuts += 1
                    break
            else:
                sink.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        shut((source, sink))


if __name__ == "__main__":
    serve()
