"""Scrim for models of PyTorch: cut one, learn its noise, put the noise between its halves."""
import pathlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from .. import Key, Noise, NoisyActivation, Release
from .. import _Path

__all__ = ["Head", "ObfuscatedModel", "export", "learn", "split"]

class Head(torch.nn.Module):
    """The first layers of a model, up to and with `split_point`; checks what comes out of them."""

    module: torch.nn.Module
    split_point: str
    channels: int | None
    def __init__(self, module: torch.nn.Module, split_point: str) -> None: ...
    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """N x K, N x K x L or N x K x H x W. Raises Unsupported, InvalidArgument."""

def split(model: torch.nn.Module, layer: str,
          example: torch.Tensor | None = None) -> tuple[Head, torch.nn.Module]:
    """(head, tail), which share the model's weights. Raises NotFound, Unsupported."""

def export(head: torch.nn.Module, tail: torch.nn.Module, folder: _Path,
           example: torch.Tensor) -> tuple[pathlib.Path, pathlib.Path]:
    """Writes head.pt and tail.pt. Raises NotFound, Unsupported."""

class ObfuscatedModel(torch.nn.Module):
    """Head, noise and tail of one model. For use, not for training."""

    head: torch.nn.Module
    tail: torch.nn.Module
    noise: Noise
    def __init__(self, head: torch.nn.Module, tail: torch.nn.Module, noise: Noise) -> None: ...
    @classmethod
    def open(cls, release: Release | _Path, key: Key, **options: Any) -> ObfuscatedModel:
        """options: those of scrim.Noise. Raises as Release.open and Noise do."""
    def forward_head(self, *inputs: torch.Tensor) -> torch.Tensor: ...
    def forward_noise(self, activation: torch.Tensor) -> torch.Tensor:
        """The only thing that may leave. Raises as the call of a Noise does."""
    def forward_tail(self, noisy_activation: torch.Tensor | NoisyActivation) -> Any: ...
    def forward(self, *inputs: torch.Tensor) -> Any: ...

def learn(model: torch.nn.Module, layer: str, loader: Iterable[tuple[torch.Tensor, Any]],
          loss: Callable[[Any, Any], torch.Tensor], *, output: _Path,
          alphas: Sequence[float] = ..., directions: int = 32, clip: float = 8.0,
          tail_steps: int = 1000, statistics_batches: int = 32, task: str = "classification",
          classes: Sequence[str] = (), scale: float = 1.0, mean: Sequence[float] = ...,
          seed: int = 1, device: str = "auto", progress: bool = True) -> Release:
    """Writes a release. Raises as split does, and InvalidArgument."""
