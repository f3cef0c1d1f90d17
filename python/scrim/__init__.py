"""Learned noise for inference on a machine that must not see the data.

    release = scrim.Release.open("faces.scrim")
    noise = scrim.Noise(release, scrim.Key.load("key"), alpha=0.8)
    noisy_activation = noise(activation)  # the one added line
    outputs = scrim.Client("localhost:8000").infer("face_detection_noisy", noisy_activation).outputs

Names, order and defaults are those of the C++ library. Arrays are N x K x H x W, float32, of NumPy
or of anything with __array__ or __dlpack__. Errors are exceptions: see scrim.Error. Every call lets
other threads run, and threads may share every object.
"""
import importlib

from scrim import _html
from scrim._apply import apply as _apply
from scrim._noisy import NoisyActivation
from scrim._scrim import (Accountant, AlphaMeter, Client, ClientTag, ClientTls, Inference,
                          InputRules, Key, Manifest, Noise, NoiseParameters, Release, ReleaseParts,
                          from_wire, to_wire, version)
from scrim.errors import (Corrupt, Error, InvalidArgument, NotFound, Refused, Unavailable,
                          Unsupported)

__all__ = ["Accountant", "AlphaMeter", "Client", "ClientTag", "ClientTls", "Corrupt", "Error",
           "Inference", "InputRules", "InvalidArgument", "Key", "Manifest", "Noise",
           "NoiseParameters", "NotFound", "NoisyActivation", "Refused", "Release", "ReleaseParts",
           "Unavailable", "Unsupported", "from_wire", "to_wire", "torch", "version"]
__version__ = version()

Noise.apply = _apply
Release._repr_html_ = _html.release_table


def __getattr__(name):
    """scrim.torch, which needs PyTorch, is imported when it is first asked for."""
    if name == "torch":
        return importlib.import_module("scrim.torch")
    raise AttributeError(f"module 'scrim' has no attribute '{name}'")
