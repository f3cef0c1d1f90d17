"""Scrim for models of PyTorch: cut one, learn its noise, put the noise between its halves.

    release = scrim.torch.learn(model, "layer3", loader, loss, alphas=[0.8], output="mine.scrim")
    model = scrim.torch.ObfuscatedModel.open(release, scrim.Key.load("key"), alpha=0.8)
    outputs = model(inputs)
"""
from scrim.torch.cut import Head, split
from scrim.torch.export import export
from scrim.torch.learn import learn
from scrim.torch.model import ObfuscatedModel

__all__ = ["Head", "ObfuscatedModel", "export", "learn", "split"]
