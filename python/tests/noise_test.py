"""What Python adds to the noise: arrays of others, strides, threads, and nothing to the values."""
import os
import pathlib
import subprocess
import threading
import unittest

import numpy
import scrim
from scrim import _arrays

from support import ReleaseTest, activation_of

PEER = os.environ.get("NOISE_PEER", "")


class Bytes:
    """An array of a library that speaks __array__ alone."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class Exchanged:
    """An array of a library that speaks DLPack alone."""

    def __init__(self, array, device=None):
        self.array, self.device = array, device

    def __dlpack__(self, **request):
        if self.device:
            raise BufferError("not for the processor")
        return self.array.__dlpack__(**request)

    def __dlpack_device__(self):
        return self.device or self.array.__dlpack_device__()


class Values(ReleaseTest):
    @unittest.skipUnless(PEER, "NOISE_PEER names no program")
    def test_are_those_of_cpp_bit_for_bit(self):
        for wire in ("fp32", "fp16", "int8"):
            for shape in ((1, 32, 8, 8), (3, 32, 5, 7), (2, 32, 1, 1)):
                activation = activation_of(shape)
                words = [PEER, self.release.folder, self.folder / "key", "0.8", wire, *shape]
                done = subprocess.run(list(map(str, words)), input=activation.tobytes(),
                                      capture_output=True, check=True)
                noise = self.noise(alpha=0.8, wire=wire)
                self.assertEqual(noise(activation).tobytes(), done.stdout)
                self.assertEqual(noise.apply(activation).tobytes(), done.stdout)

    def test_do_not_depend_on_how_the_array_lies_in_memory(self):
        activation = activation_of((2, 32, 6, 4))
        expected = self.noise()(activation).tobytes()
        unaligned = numpy.ndarray(activation.shape, numpy.float32, b"x" + activation.tobytes(),
                                  offset=1)
        wide = numpy.zeros((2, 32, 6, 8), numpy.float32)
        wide[..., ::2] = activation
        for same in (numpy.asfortranarray(activation), wide[..., ::2], unaligned,
                     activation[::-1][::-1], activation[:, :, ::-1].copy()[:, :, ::-1],
                     activation.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2),
                     Bytes(activation), Exchanged(activation)):
            self.assertEqual(self.noise()(same).tobytes(), expected)

    def test_no_value_leaves_as_it_came(self):
        activation = activation_of()
        for draw in ("sticky", "fresh"):
            self.assertFalse((self.noise(draw=draw)(activation) == activation).any())

    def test_sticky_repeats_itself_and_fresh_never(self):
        activation = activation_of()
        sticky, fresh = self.noise(), self.noise(draw="fresh")
        self.assertTrue((sticky(activation) == sticky(activation)).all())
        self.assertFalse((fresh(activation) == fresh(activation)).all())
        self.assertEqual(len(fresh(activation).fresh_nonce), 32)


class Memory(ReleaseTest):
    def test_apply_writes_where_it_is_told(self):
        activation = activation_of()
        out = numpy.zeros_like(activation)
        address = out.ctypes.data
        self.assertIs(self.noise().apply(activation, out), out)
        self.assertEqual(out.ctypes.data, address)
        expected = out.copy()
        self.noise().apply(activation, out=activation)
        self.assertTrue((activation == expected).all())

    def test_out_must_be_writable_memory_of_the_same_shape(self):
        activation = activation_of()
        locked = numpy.zeros_like(activation)
        locked.setflags(write=False)
        for out in (locked, numpy.zeros((1, 32, 8, 16), numpy.float32)[..., ::2],
                    numpy.asfortranarray(activation)):
            before = out.copy()
            self.assert_error(scrim.InvalidArgument, "out must be",
                              lambda out=out: self.noise().apply(activation, out))
            self.assertTrue((out == before).all())
        self.assert_error(scrim.InvalidArgument, "another shape",
                          lambda: self.noise().apply(activation, numpy.zeros(4, numpy.float32)))
        self.assert_error(scrim.InvalidArgument, "float64",
                          lambda: self.noise().apply(activation, activation.astype(float)))

    def test_what_leaves_cannot_be_written_and_has_one_copy(self):
        noisy = self.noise()(activation_of())
        with self.assertRaises(ValueError):
            noisy[0] = 0
        with self.assertRaises(ValueError):
            noisy.setflags(write=True)
        self.assertEqual(numpy.asarray(noisy).ctypes.data, noisy.ctypes.data)

    def test_arrays_of_others_are_read_where_they_are(self):
        activation = activation_of()
        for given in (Bytes(activation), Exchanged(activation)):
            self.assertEqual(_arrays.as_array(given, "it").ctypes.data, activation.ctypes.data)

    def test_a_consumer_of_dlpack_gets_the_values(self):
        noisy = self.noise()(activation_of())
        self.assertTrue((numpy.from_dlpack(noisy) == noisy).all())

    def test_values_outlive_the_noise_that_made_them(self):
        noise = scrim.Noise(scrim.Release.open(self.release.folder), self.key)
        noisy = noise(activation_of())
        expected = noisy.copy()
        del noise
        self.assertTrue((noisy == expected).all())


class WhatLeaves(ReleaseTest):
    def test_says_where_it_comes_from(self):
        noisy = self.noise(alpha=0.95, wire="int8")(activation_of())
        self.assertEqual((noisy.alpha, noisy.wire_type), (0.95, "int8"))
        self.assertEqual(noisy.release_id, self.release.id)
        self.assertEqual(noisy.contract_digest, self.release.contract_digest)
        self.assertEqual((noisy.saturated, noisy.fresh_nonce), (0, ""))

    def test_what_is_computed_from_it_is_none(self):
        noisy = self.noise()(activation_of())
        client = scrim.Client("localhost:1")
        self.assertIs(type(noisy + 1), numpy.ndarray)
        self.assertIs(type(noisy.mean()), numpy.float32)
        for other in (noisy[:], noisy.copy(), noisy + 0, numpy.asarray(noisy), activation_of(),
                      None, 7):
            error = self.assert_error(scrim.Refused, "Noise returned",
                                      lambda other=other: client.infer("model", other))
            self.assertEqual(error.code, "refused")
        with self.assertRaises(scrim.Refused):
            noisy[:].alpha  # pylint: disable=pointless-statement

    def test_travels_as_a_message_and_back(self):
        for wire, size in (("fp32", 4), ("fp16", 2), ("int8", 1)):
            noisy = self.noise(alpha=0.8, wire=wire)(activation_of())
            message = scrim.to_wire(noisy, self.release)
            self.assertEqual(len(message), 72 + size * noisy.size)
            back = scrim.from_wire(message, self.release)
            self.assertEqual(back.tobytes(), noisy.tobytes())
            self.assertEqual((back.alpha, back.wire_type), (0.8, wire))
        self.assert_error(scrim.Corrupt, "", lambda: scrim.from_wire(message[:-1], self.release))
        with self.assertRaises(scrim.Refused):
            scrim.to_wire(activation_of(), self.release)


class Refusals(ReleaseTest):
    def test_a_wrong_array_is_named_in_one_sentence(self):
        activation = activation_of()
        for given, part in ((activation.astype(float), "array of float64, not of float32"),
                            (activation.astype(numpy.float16), "float16"),
                            (activation.astype(">f4"), ">f4"),
                            (activation.astype(int), "int64"),
                            (activation.tolist(), "is a list"), (None, "is a NoneType"),
                            (Bytes(activation.astype(float)), "float64"),
                            (Exchanged(activation, device=(2, 0)), "CUDA"),
                            (activation[0], "N x K x H x W"), (activation[:, :31], "31"),
                            (activation[:0], "N x K x H x W")):
            self.assert_error(scrim.InvalidArgument, part,
                              lambda given=given: self.noise()(given))
            self.assert_error(scrim.InvalidArgument, part,
                              lambda given=given: self.noise().apply(given))

    def test_a_value_that_is_not_finite_lets_nothing_leave(self):
        for bad in (numpy.nan, numpy.inf, -numpy.inf):
            activation = activation_of()
            activation[0, 3, 2, 1] = bad
            out = numpy.full_like(activation, 7)
            self.assert_error(scrim.InvalidArgument, "not finite",
                              lambda: self.noise().apply(activation, out))
            self.assertTrue(((out == 7) | (out == 0)).all())

    def test_options_out_of_range_are_named(self):
        for options, part in (({"alpha": 0.7}, "0.7"), ({"draw": "none"}, "'sticky' or 'fresh'"),
                              ({"wire": "int4"}, "'int8'"), ({"source": "a"}, "accountant")):
            self.assert_error(ValueError, part, lambda options=options: self.noise(**options))
        with self.assertRaises(TypeError):
            scrim.Noise(self.release, self.key, 0.8)  # an alpha has its name beside it

    def test_an_accountant_ends_fresh_draws(self):
        accountant = scrim.Accountant.open(self.folder / "account", self.release, self.key,
                                           least_alpha=0.9)
        noise = self.noise(alpha=0.95, draw="fresh", accountant=accountant)
        activation = activation_of()
        noise(activation)
        releases, alpha = noise.spent(activation)
        self.assertEqual((releases, round(alpha, 6)), (1, 0.95))
        noise(activation)
        self.assert_error(scrim.Refused, "release 3", lambda: noise(activation))
        self.assertEqual(accountant.releases(), 2)


class Threads(ReleaseTest):
    def test_share_one_noise(self):
        noise = self.noise()
        inputs = [activation_of(seed=seed) for seed in range(8)]
        expected = [noise(x).tobytes() for x in inputs]
        wrong = []

        def work(at):
            for _ in range(50):
                if noise(inputs[at]).tobytes() != expected[at]:
                    wrong.append(at)

        threads = [threading.Thread(target=work, args=(at,)) for at in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_others_run_while_noise_is_drawn(self):
        noise, activation = self.noise(), activation_of((4, 32, 256, 256))
        ticks, done = 0, threading.Event()

        def work():
            for _ in range(3):
                noise(activation)
            done.set()

        thread = threading.Thread(target=work)
        thread.start()
        while not done.wait(0.0005):
            ticks += 1
        thread.join()
        # A call that kept the interpreter to itself would let this loop turn between calls only.
        self.assertGreater(ticks, 10)


class Facts(ReleaseTest):
    def test_bits_are_those_of_the_contract(self):
        noise = self.noise(alpha=0.5)
        self.assertAlmostEqual(noise.bits_per_element, 0.5)
        self.assertAlmostEqual(noise.bits_per_cell, 16)
        self.assertAlmostEqual(noise.realised_alpha, 0.5, places=6)
        self.assertEqual(repr(noise), "<scrim.Noise alpha=0.5>")

    def test_clipped_values_are_counted(self):
        activation = activation_of()
        activation[0, 0, 0, :3] = 100
        self.assertEqual(self.noise().count_clipped(activation), 3)

    def test_the_meter_measures_what_passes(self):
        meter = scrim.AlphaMeter(self.release)
        meter.add(activation_of((4, 32, 64, 64)))
        self.assertEqual(meter.cells(), 4 * 64 * 64)
        for row in meter.measure():
            self.assertAlmostEqual(row["diagonal"], row["alpha"], delta=0.01)
            self.assertTrue(row["within_margin"])
        self.assertEqual(len(meter.covariance()), 32 * 32)

    def test_every_public_name_is_there_and_stubs_are_shipped(self):
        for name in scrim.__all__:
            if name != "torch":
                self.assertTrue(getattr(scrim, name).__doc__, name)
        package = pathlib.Path(scrim.__file__).parent
        self.assertTrue((package / "py.typed").exists())
        self.assertTrue((package / "__init__.pyi").exists())


if __name__ == "__main__":
    unittest.main()
