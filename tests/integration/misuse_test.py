"""Every misuse: one sentence, the documented exit code, nothing half-written."""
import resource
import shutil
import signal
import struct
import unittest
import zlib

from program import LEARN_A_LITTLE, WEIGHTS, ScrimTest, needs_weights

NOWHERE = "/proc/scrim-test"  # a folder that not even root can make


def png(width, height):
    """A black picture as bytes."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    rows = zlib.compress((b"\0" + b"\0" * (3 * width)) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows)
            + chunk(b"IEND", b""))


def full_disk():
    """Lets the process that calls this write no byte to any file, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class MisuseTest(ScrimTest):
    def letter_in(self, name):
        """A folder that holds something of the user's."""
        (self.folder / name).mkdir()
        (self.folder / name / "letter.txt").write_text("dear", encoding="utf-8")


class Values(MisuseTest):
    def test_alpha_lies_strictly_between_0_and_1(self):
        for alpha in ("0", "1", "-0.5", "1.5", "nan", "inf"):
            for verb in (["evaluate", "w"], ["learn", "w", "--output", "o"], ["demo"],
                         ["infer", "p", "--release", "r", "--output", "o"]):
                self.refuse(2, "--alpha must be in (0, 1)", *verb, f"--alpha={alpha}")

    def test_ranges_are_named_with_the_value(self):
        self.refuse(2, "got 0", "generate", "d", "--pictures", "0")
        self.refuse(2, "--width", "generate", "d", "--width", "3")
        self.refuse(2, "--iou", "evaluate", "w", "--iou", "7")
        self.refuse(2, "multiple of 64", "learn", "w", "--output", "o", "--window", "100")
        self.refuse(2, "--views", "learn", "w", "--output", "o", "--views", "0")
        self.refuse(2, "--distil", "learn", "w", "--output", "o", "--distil", "-1")
        self.refuse(2, "--nuisance", "learn", "w", "--output", "o", "--nuisance", "101")
        self.refuse(2, "multiple of 64", "train-detector", "--dataset", "d", "--output", "o",
                    "--window", "100")

    def test_contradictions_are_named(self):
        self.refuse(2, "--detections", "evaluate", "w", "--detections", "f")
        self.refuse(2, "--weights", "infer", "p", "--output", "o")
        self.refuse(2, "name the weights", "learn", "--dataset", "d", "--output", "o")


class Files(MisuseTest):
    def test_that_are_not_there(self):
        self.succeed("generate", "drawn", "--pictures", "2")
        self.refuse(3, "nothing", "inspect", "nothing")
        self.refuse(3, "nothing", "evaluate", "nothing", "--dataset", "drawn")
        self.refuse(3, "nothing", "evaluate", "w", "--dataset", "nothing")
        self.refuse(3, "nothing", "infer", "nothing", "--weights", "w", "--output", "found")
        self.refuse(3, "nothing", "evaluate", "--dataset", "drawn", "--detections", "nothing")
        self.refuse(3, "nothing", "learn", "nothing", "--dataset", "drawn", "--output", "o")
        self.refuse(3, "nothing", "export", "nothing", "--output", "o")

    def test_an_empty_dataset(self):
        (self.folder / "empty").mkdir()
        self.refuse(2, "empty", "evaluate", "w", "--dataset", "empty")
        self.refuse(2, "picture", "infer", "empty", "--weights", "w", "--output", "found")

    def test_a_folder_that_cannot_be_written(self):
        self.refuse(6, NOWHERE, "generate", NOWHERE)
        self.refuse(6, NOWHERE, "key", "create", NOWHERE + "/key")

    def test_folders_of_others_are_left_alone(self):
        self.letter_in("mine")
        self.refuse(2, "mine", "generate", "mine")

    def test_data_that_cannot_be_printed(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.refuse(6, "output", "--version", stdout=full)

    def test_a_full_disk(self):
        self.refuse(6, "key", "key", "create", "key", preexec_fn=full_disk)
        self.refuse(6, "drawn", "generate", "drawn", preexec_fn=full_disk)


class Keys(MisuseTest):
    def setUp(self):
        super().setUp()
        self.succeed("key", "create", "key")
        self.key = self.folder / "key"

    def test_are_readable_by_their_owner_alone(self):
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)

    def test_are_never_overwritten(self):
        before = self.key.read_bytes()
        self.refuse(2, "key", "key", "create", "key")
        self.assertEqual(self.key.read_bytes(), before)

    def test_that_others_can_read_are_refused(self):
        self.key.chmod(0o644)
        self.refuse(7, "key", "key", "inspect", "key")

    def test_that_are_damaged_are_refused(self):
        data = bytearray(self.key.read_bytes())
        data[len(data) // 2] ^= 1
        self.key.write_bytes(bytes(data))
        self.refuse(4, "key", "key", "inspect", "key")

    def test_that_are_missing_are_named(self):
        self.refuse(3, "absent", "key", "inspect", "absent")

    def test_show_a_fingerprint_and_nothing_of_themselves(self):
        out = self.succeed("key", "inspect", "key").out
        self.assertRegex(out, r"fingerprint [0-9a-f]{8}\n$")
        self.assertNotIn(out.split()[-1], self.key.read_bytes().hex())


@needs_weights
class Pictures(MisuseTest):
    def infer(self, picture):
        return ["infer", picture, "--weights", WEIGHTS, "--output", "found"]

    def fail_on(self, code, part, data):
        (self.folder / "found").mkdir()
        (self.folder / "bad.png").write_bytes(data)
        self.refuse(code, part, *self.infer("bad.png"))

    def test_of_no_bytes(self):
        self.fail_on(4, "bad.png", b"")

    def test_that_are_none(self):
        self.fail_on(4, "bad.png", b"not a picture")

    def test_of_40000_pixels(self):
        self.fail_on(2, "40000", png(40000, 1))

    def test_on_a_full_disk(self):
        (self.folder / "black.png").write_bytes(png(64, 64))
        (self.folder / "found").mkdir()
        self.refuse(6, "found", *self.infer("black.png"), preexec_fn=full_disk)

    def test_two_of_one_name(self):
        for name in ("a", "b"):
            (self.folder / name).mkdir()
            (self.folder / name / "x.png").write_bytes(png(64, 64))
        self.refuse(2, "x.png", "infer", "a/x.png", "b/x.png", "--weights", WEIGHTS,
                    "--output", "found")

    def test_one_bad_picture_of_many_does_not_end_the_run(self):
        (self.folder / "in").mkdir()
        (self.folder / "in/bad.png").write_bytes(b"")
        (self.folder / "in/good.png").write_bytes(png(64, 64))
        result = self.scrim(*self.infer("in"))
        self.assertEqual(result.code, 1, result.log)
        self.assertIn("bad.png", result.log)
        self.assertEqual(sorted(p.name for p in (self.folder / "found").iterdir()),
                         ["good.json", "good.png"])


@needs_weights
class Weights(MisuseTest):
    def fail_on(self, data, part):
        (self.folder / "bad.safetensors").write_bytes(data)
        self.refuse(4, part, "inspect", "bad.safetensors")
        self.refuse(4, part, "export", "bad.safetensors", "--output", "pair")

    def test_cut_off(self):
        self.fail_on(WEIGHTS.read_bytes()[:-100], "bad.safetensors")

    def test_of_no_bytes(self):
        self.fail_on(b"", "bad.safetensors")

    def test_of_another_network(self):
        header = b'{"fc.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        self.fail_on(struct.pack("<Q", len(header)) + header + b"\0\0\0\0", "")

    def test_with_a_nan(self):
        data = bytearray(WEIGHTS.read_bytes())
        start = 8 + struct.unpack("<Q", data[:8])[0]
        at = start + (len(data) - start) // 8 * 4  # in the middle, on a multiple of 4
        data[at:at + 4] = struct.pack("<f", float("nan"))
        self.fail_on(bytes(data), "")

    def test_without_such_a_module(self):
        self.refuse(3, "nowhere", "export", WEIGHTS, "--split-point", "nowhere", "--output", "o")

    def test_hold_no_noise(self):
        self.succeed("generate", "drawn", "--pictures", "1")
        for flags in (["--noisy"], ["--alpha", "0.8"], ["--compare"]):
            self.refuse(2, "release", "evaluate", WEIGHTS, "--dataset", "drawn", *flags)

    def test_are_not_exported_over_something(self):
        self.letter_in("mine")
        self.refuse(2, "mine", "export", WEIGHTS, "--output", "mine")
        self.refuse(6, NOWHERE, "export", WEIGHTS, "--output", NOWHERE)
        self.refuse(6, "", "export", WEIGHTS, "--output", "pair", preexec_fn=full_disk)

    def test_do_not_make_a_demo_of_something_else(self):
        self.letter_in("mine")
        self.refuse(2, "mine", "demo", "--weights", WEIGHTS, "--output", "mine")
        self.refuse(6, NOWHERE, "demo", "--weights", WEIGHTS, "--output", NOWHERE)

    def test_are_not_learned_from_into_something_else(self):
        self.succeed("generate", "drawn", "--pictures", "2")
        self.letter_in("mine")
        learn = ["learn", WEIGHTS, "--dataset", "drawn", *LEARN_A_LITTLE, "--output"]
        self.refuse(2, "mine", *learn, "mine")
        self.refuse(6, "/proc", *learn, NOWHERE)

    def test_learn_no_release_on_a_full_disk(self):
        self.succeed("generate", "drawn", "--pictures", "2")
        result = self.scrim("learn", WEIGHTS, "--dataset", "drawn", *LEARN_A_LITTLE,
                            "--output", "faces.scrim", preexec_fn=full_disk)
        self.assertEqual(result.code, 6, result.log)
        self.assertIn("faces.scrim", result.complaint())
        # The folder of what a run keeps to be resumed may stay, without half of anything in it.
        self.assertFalse((self.folder / "faces.scrim").exists())
        kept = [p for p in (self.folder / "faces.scrim.state").rglob("*") if p.is_file()]
        self.assertEqual(kept, [])


@needs_weights
class Releases(MisuseTest):
    """Each test has its own copy of one release that was learned in a few steps."""

    def learn(self):
        self.succeed("generate", "drawn", "--pictures", "2")
        self.succeed("key", "create", "key")
        self.succeed("learn", WEIGHTS, "--dataset", "drawn", "--output", "faces.scrim",
                     "--alpha", "0.8", *LEARN_A_LITTLE)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learned = MisuseTest()
        cls.learned.setUp()
        cls.addClassCleanup(cls.learned.doCleanups)
        cls.learn(cls.learned)

    def setUp(self):
        super().setUp()
        shutil.copytree(self.learned.folder, self.folder, dirs_exist_ok=True)

    def noisy(self, *words):
        return ["evaluate", "faces.scrim", "--dataset", "drawn", "--noisy", *words]

    def test_need_a_key(self):
        result = self.refuse(3, "scrim key create", *self.noisy())
        self.assertIn(".config/scrim/key", result.complaint())
        self.refuse(3, "absent", *self.noisy("--key", "absent"))
        self.refuse(3, "absent", "infer", "drawn", "--release", "faces.scrim", "--key", "absent",
                    "--output", "found")

    def test_serve_only_calibrated_alphas(self):
        self.refuse(2, "0.7", *self.noisy("--alpha", "0.7", "--key", "key"))

    def test_serve_only_the_scale_they_were_learned_at(self):
        self.refuse(2, "--scale", *self.noisy("--scale", "2", "--key", "key"))

    def test_are_refused_after_any_change(self):
        for part in ("client/head.pt", "server/tail.pt", "client/noise.safetensors",
                     "manifest.json"):
            path = self.folder / "faces.scrim" / part
            data = path.read_bytes()
            path.write_bytes(data[:-10] + bytes([data[-10] ^ 1]) + data[-9:])
            self.refuse(4, "", "inspect", "faces.scrim")
            path.write_bytes(data)
        self.succeed("inspect", "faces.scrim")

    def test_are_refused_with_a_part_missing_or_added(self):
        release = self.folder / "faces.scrim"
        (release / "client/extra").write_bytes(b"x")
        self.refuse(4, "does not list", "inspect", "faces.scrim")
        (release / "client/extra").unlink()
        (release / "server/tail.pt").unlink()
        self.refuse(4, "tail.pt", "inspect", "faces.scrim")


if __name__ == "__main__":
    unittest.main()
