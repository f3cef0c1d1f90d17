"""Cutting models of PyTorch: what works, and one sentence for what does not."""
import unittest

import torch
from torch import nn

import scrim
import scrim.torch
from scrim import _arrays
from networks import Small
from support import ReleaseTest


class Skip(nn.Module):
    """What comes before `second` is used behind it too."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3, 1, 1), nn.Conv2d(4, 4, 3, 1, 1)

    def forward(self, x):
        before = self.first(x)
        return self.second(before) + before


class Calls(nn.Module):
    """One layer, and a function of its output and of the input."""

    def __init__(self, layer, after):
        super().__init__()
        self.layer, self.after = layer, after

    def forward(self, x):
        return self.after(self.layer(x), x)


class Returns(nn.Module):
    """A layer that returns something of its own making."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def forward(self, x):
        return self.make(x)


class Branches(nn.Module):
    """Runs what the input's values say."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        return self.layer(x) if x.sum() > 0 else x


class Aside(nn.Module):
    """Computes something before the cut that nobody takes, as attention does with its weights."""

    def __init__(self):
        super().__init__()
        self.layer, self.last = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        parts = x.chunk(3, 1)
        left = parts[0].relu() + 1
        del left
        return self.last(self.layer(x))


class Cuts(ReleaseTest):
    def setUp(self):
        torch.manual_seed(1)
        self.example = torch.randn(2, 3, 64, 64)

    def refuse(self, kind, part, call):
        return self.assert_error(kind, part, call)

    def test_both_halves_are_the_whole_at_every_layer(self):
        model = Small().eval()
        for layer in ("conv1", "bn", "block", "block.0", "conv3", "fc"):
            head, tail = scrim.torch.split(model, layer, self.example)
            activation = head(self.example)
            self.assertTrue(torch.equal(tail(activation), model(self.example)), layer)
            self.assertEqual(head.channels, activation.shape[1])

    def test_what_is_left_aside_does_not_cross(self):
        model = Aside().eval()
        head, tail = scrim.torch.split(model, "layer", self.example)
        self.assertTrue(torch.equal(tail(head(self.example)), model(self.example)))

    def test_the_model_stays_as_it_is(self):
        model = Small().train()
        before = {name: value.clone() for name, value in model.state_dict().items()}
        scrim.torch.split(model, "block", self.example)
        self.assertTrue(model.training and model.bn.training)
        for name, value in model.state_dict().items():
            self.assertTrue(torch.equal(value, before[name]), name)

    def test_an_unknown_layer_lists_those_that_there_are(self):
        error = self.refuse(scrim.NotFound, "no module named 'conv9'",
                            lambda: scrim.torch.split(Small(), "conv9"))
        for name in ("conv1", "block.0", "fc"):
            self.assertIn(name, str(error))

    def test_one_value_crosses(self):
        self.refuse(scrim.Unsupported, "2 values cross the cut after 'second'",
                    lambda: scrim.torch.split(Skip(), "second"))
        scrim.torch.split(Skip(), "first", self.example)
        layer = nn.Conv2d(3, 3, 1)
        self.refuse(scrim.Unsupported, "'x'",
                    lambda: scrim.torch.split(Calls(layer, lambda z, x: z + x), "layer"))
        self.refuse(scrim.Unsupported, "runs 2 times", lambda: scrim.torch.split(
            nn.Sequential(layer, nn.ReLU(), layer), "0"))
        self.refuse(scrim.Unsupported, "cannot follow this model",
                    lambda: scrim.torch.split(Branches(), "layer"))

    def test_only_a_tensor_of_floating_point_crosses(self):
        for make, kind, part in (
                (lambda x: (x, x), scrim.Unsupported, "is a tuple"),
                (lambda x: x.long(), scrim.Unsupported, "int64"),
                (lambda x: x / 0, scrim.InvalidArgument, "not finite"),
                (lambda x: x[:, 0, 0, 0], scrim.Unsupported, "1 dimensions")):
            model = nn.Sequential(Returns(make), Returns(lambda z: z))
            head, _ = scrim.torch.split(model, "0")
            self.refuse(kind, part, lambda head=head: head(self.example))

    def test_channels_do_not_change_with_the_input(self):
        head, _ = scrim.torch.split(nn.Sequential(nn.Flatten(), nn.ReLU()), "0")
        head(self.example)
        self.refuse(scrim.Unsupported, "may not change with the size",
                    lambda: head(self.example[..., :32]))


class Models(ReleaseTest):
    """The directions of the test release are the channels of Small's `block`."""

    def setUp(self):
        torch.manual_seed(1)
        self.model = Small().eval()
        self.example = torch.randn(2, 3, 64, 64)

    def test_three_calls_are_the_whole(self):
        head, tail = scrim.torch.split(self.model, "block", self.example)
        noise = self.noise(alpha=0.95)
        model = scrim.torch.ObfuscatedModel(head, tail, noise)
        activation = model.forward_head(self.example)
        noisy = model.forward_noise(activation)
        # Behind a ReLU many values are 0, and so is a noisy one now and then: it is on a grid.
        self.assertLess((noisy == activation).float().mean().item(), 0.01)
        self.assertTrue(torch.equal(noisy, noise.apply(activation)))
        outputs = model.forward_tail(noisy)
        self.assertTrue(torch.equal(outputs, model(self.example)))
        self.assertTrue(torch.equal(outputs, model.forward_tail(noise(activation))))
        self.assertTrue(torch.equal(outputs, tail(noisy)))
        self.assertFalse(torch.equal(outputs, self.model(self.example)))

    def test_vectors_and_series_are_noisy_too(self):
        model = scrim.torch.ObfuscatedModel(nn.Identity(), nn.Identity(), self.noise())
        for shape in ((3, 32), (3, 32, 5), (3, 32, 5, 7)):
            self.assertEqual(model(torch.randn(shape)).shape, shape)

    def test_nothing_leaves_without_noise(self):
        self.refuse_model(None)
        self.refuse_model(lambda x: x)
        model = scrim.torch.ObfuscatedModel(nn.Identity(), nn.Identity(), self.noise())
        for bad in (torch.full((1, 32, 2, 2), float("nan")), torch.ones(1, 31, 2, 2),
                    torch.ones(1, 32, 2, 2, dtype=torch.float64)):
            with self.assertRaises(scrim.InvalidArgument):
                model(bad)

    def refuse_model(self, noise):
        self.assert_error(scrim.InvalidArgument, "needs a scrim.Noise",
                          lambda: scrim.torch.ObfuscatedModel(nn.Identity(), nn.Identity(), noise))

    def test_tensors_are_read_and_written_where_they_are(self):
        noise, tensor = self.noise(), torch.randn(1, 32, 8, 8)
        expected = noise(tensor.numpy())
        self.assertEqual(noise(tensor).tobytes(), expected.tobytes())
        out = torch.zeros_like(tensor)
        address = out.data_ptr()
        self.assertIs(noise.apply(tensor, out), out)
        self.assertEqual(out.data_ptr(), address)
        self.assertEqual(out.numpy().tobytes(), expected.tobytes())
        read = _arrays.as_array(tensor, "it")
        self.assertEqual(read.ctypes.data, tensor.data_ptr())
        self.assertEqual(_arrays.like(tensor, read).data_ptr(), tensor.data_ptr())
        strided = tensor.to(memory_format=torch.channels_last)
        self.assertEqual(noise(strided).tobytes(), expected.tobytes())
        self.assertEqual(torch.from_dlpack(noise(tensor)).numpy().tobytes(), expected.tobytes())
        with self.assertRaisesRegex(scrim.InvalidArgument, "contiguous"):
            noise.apply(tensor, torch.zeros(1, 8, 8, 32).permute(0, 3, 1, 2))

    def test_a_wrong_tensor_is_named_in_one_sentence(self):
        tensor = torch.randn(1, 32, 8, 8)
        for given, part in ((tensor.double(), "float64"), (tensor.half(), "float16"),
                            (tensor.bfloat16(), "bfloat16"), (tensor.long(), "int64"),
                            (tensor.requires_grad_(True), ".detach()"),
                            (torch.empty(1, 32, 8, 8, device="meta"), "the activation")):
            self.assert_error(scrim.InvalidArgument, part,
                              lambda given=given: self.noise()(given))

    def test_export_writes_a_pair(self):
        head, tail = scrim.torch.split(self.model, "block", self.example)
        folder = self.folder / "pair"
        self.assert_error(scrim.NotFound, "pair",
                          lambda: scrim.torch.export(head, tail, folder, self.example))
        folder.mkdir()
        paths = scrim.torch.export(head, tail, folder, self.example)
        loaded = [torch.jit.load(str(path)) for path in paths]
        larger = torch.randn(1, 3, 96, 128)
        self.assertTrue(torch.allclose(loaded[1](loaded[0](larger)), self.model(larger), atol=1e-6))


if __name__ == "__main__":
    unittest.main()
