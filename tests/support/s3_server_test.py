"""The tests' S3 server and its proxy, as rclone sees them."""
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import unittest

from s3_server import CutProxy, S3Server

BIG = random.Random(7).randbytes(30_000_000)  # rclone sends it in parts of 5 MiB
FILES = {"big": BIG, "empty": b"", "sub/with space + \u00fc.txt": b"small"}


class S3ServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("rclone"):
            raise unittest.SkipTest("rclone is not installed")
        cls.server = cls.enterClassContext(S3Server())
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.source = cls.folder / "source"
        for name, data in FILES.items():
            path = cls.source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def setUp(self):
        self.server.make_bucket("files")
        self.addCleanup(self.server.delete_bucket, "files")
        self.target = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def environment(self, endpoint=None, **more):
        settings = {"type": "s3", "provider": "Other", "force_path_style": "true",
                    "endpoint": endpoint or self.server.endpoint, "region": "us-east-1",
                    "access_key_id": self.server.access_key,
                    "secret_access_key": self.server.secret_key, **more}
        # rclone 1.60 ends at once where AWS_CA_BUNDLE is set.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, "RCLONE_CONFIG": "/dev/null",
                **{f"RCLONE_CONFIG_S3_{name.upper()}": value for name, value in settings.items()}}

    def rclone(self, *words, **more):
        """Exit code and what it said."""
        done = subprocess.run(["rclone", *words, "--s3-no-check-bucket"], capture_output=True,
                              text=True, timeout=60, env=self.environment(**more), check=False)
        return done.returncode, done.stdout + done.stderr

    def succeed(self, *words, **more):
        code, said = self.rclone(*words, **more)
        self.assertEqual(code, 0, said)
        return said

    def fail(self, *words, **more):
        code, said = self.rclone(*words, "--retries=1", "--low-level-retries=1", **more)
        self.assertNotEqual(code, 0, said)
        return said

    def expect_files(self, folder):
        found = {str(path.relative_to(folder)): path.read_bytes()
                 for path in folder.rglob("*") if path.is_file()}
        self.assertEqual(found, FILES)

    def test_copies_both_ways_and_syncs(self):
        self.succeed("copy", self.source, "s3:files/some/folder")
        self.assertEqual(self.server.keys("files"), sorted(f"some/folder/{key}" for key in FILES))
        self.assertEqual(self.server.get("files", "some/folder/big"), BIG)
        self.succeed("check", self.source, "s3:files/some/folder")
        self.succeed("copy", "s3:files/some/folder", self.target)
        self.expect_files(self.target)

        (self.target / "big").unlink()
        (self.target / "empty").write_text("no more")
        self.succeed("sync", self.target, "s3:files/some/folder")
        self.assertEqual(self.server.get("files", "some/folder/empty"), b"no more")
        self.assertEqual(len(self.server.keys("files")), 2)

    def test_sends_large_files_in_parts(self):
        self.succeed("copy", self.source / "big", "s3:files", "--s3-upload-cutoff=5Mi")
        self.assertEqual(self.server.get("files", "big"), BIG)
        self.assertIn("uploadId=", self.server.log())
        self.succeed("check", "--one-way", "--include=big", self.source, "s3:files")

    def test_check_sees_a_changed_byte(self):
        for key, data in FILES.items():
            self.server.put("files", key, data)
        self.assertIn("3 matching files", self.succeed("check", self.source, "s3:files"))
        self.server.put("files", "sub/with space + \u00fc.txt", b"smalL")
        self.assertIn("md5 differ", self.fail("check", self.source, "s3:files"))

    def test_wrong_credentials(self):
        for code, more in (("SignatureDoesNotMatch", {"secret_access_key": "wrong"}),
                           ("InvalidAccessKeyId", {"access_key_id": "WRONG"})):
            for words in (("lsf", "s3:files"), ("copy", self.source, "s3:files")):
                said = self.fail(*words, **more)
                self.assertIn(code, said)
                self.assertIn("status code: 403", said)
        said = self.fail("lsf", "s3:files", access_key_id="", secret_access_key="")
        self.assertIn("AccessDenied", said)
        self.assertEqual(self.server.keys("files"), [])

    def test_missing_bucket(self):
        self.assertIn("directory not found", self.fail("lsf", "s3:missing"))
        said = self.fail("copy", self.source, "s3:missing")
        self.assertIn("NoSuchBucket", said)
        self.assertIn("status code: 404", said)

    def test_lists_more_keys_than_a_page_has(self):
        for number in range(1002):
            self.server.put("files", f"{number:04}", b"")
        self.assertEqual(self.server.keys("files"), [f"{number:04}" for number in range(1002)])
        self.assertEqual(len(self.succeed("lsf", "s3:files").splitlines()), 1002)

    def test_cut_download(self):
        self.server.put("files", "big", BIG)
        with CutProxy(self.server, cut_after=10_000_000) as proxy:
            self.fail("copy", "s3:files", self.target, endpoint=proxy.endpoint)
            self.assertGreater(proxy.cuts, 0)
            self.assertFalse((self.target / "big").exists())
            proxy.cut_after = None
            self.succeed("copy", "s3:files", self.target, endpoint=proxy.endpoint)
        self.assertEqual((self.target / "big").read_bytes(), BIG)

    def test_cut_upload(self):
        with CutProxy(self.server, cut_sent_after=10_000_000) as proxy:
            self.fail("copy", self.source / "big", "s3:files", endpoint=proxy.endpoint)
            self.assertGreater(proxy.cuts, 0)
            self.assertEqual(self.server.keys("files"), [])
            proxy.cut_sent_after = None
            self.succeed("copy", self.source, "s3:files", endpoint=proxy.endpoint)
        self.assertEqual(self.server.get("files", "big"), BIG)

    def test_starts_soon_and_ends(self):
        begin = time.monotonic()
        with S3Server() as server:
            print(f"started in {time.monotonic() - begin:.2f} s", flush=True)
            folder = pathlib.Path(server.folder.name)
            self.assertNotEqual(server.endpoint, self.server.endpoint)
        self.assertFalse(folder.exists())
        with self.assertRaises(OSError):
            server.ask("GET", "/")


if __name__ == "__main__":
    unittest.main()
