"""Learned noise for inference on a machine that must not see the data."""
import os
import pathlib
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy
import numpy.typing

from . import torch as torch
from .errors import Corrupt as Corrupt
from .errors import Error as Error
from .errors import InvalidArgument as InvalidArgument
from .errors import NotFound as NotFound
from .errors import Refused as Refused
from .errors import Unavailable as Unavailable
from .errors import Unsupported as Unsupported

class _HasArray(Protocol):
    def __array__(self) -> numpy.typing.NDArray[Any]: ...

class _HasDlpack(Protocol):
    def __dlpack__(self) -> Any: ...

# N x K x H x W, float32, in the processor's memory.
_Array = numpy.typing.NDArray[numpy.float32] | _HasArray | _HasDlpack
_Path = str | os.PathLike[str]
_A = TypeVar("_A", bound=_Array)

__version__: str

def version() -> str: ...

class InputRules:
    """How a picture becomes the head's input."""

    scale: float
    """Bilinear enlargement before the head, above 0."""
    mean: list[float]
    """Subtracted from B, G, R in 0..255."""
    smallest_side: int
    """In pixels; 0 where not stated."""
    largest_side: int
    """In pixels; 0 where not stated."""
    def __init__(self) -> None: ...

class NoiseParameters:
    """The learned noise: of A alphas, K directions that are sent, N channels."""

    channels: int
    directions: int
    clip: float
    alphas: Sequence[float]
    scale: Sequence[Sequence[float]]
    sigma: Sequence[Sequence[float]]
    mean: Sequence[float]
    basis: Sequence[float]
    decode: Sequence[float]
    held_out_variance: Sequence[float]
    held_out_covariance: Sequence[float]
    held_out_cell_norm: Sequence[float]
    def __init__(self) -> None: ...

class Manifest:
    """What a release says of itself: manifest.json."""

    @property
    def format_version(self) -> int: ...
    @property
    def release_id(self) -> str: ...
    model: str
    task: str
    classes: list[str]
    split_point: str
    objective: str
    input: InputRules
    stride: int
    alphas: list[float]
    data_digest: str
    @property
    def tool_version(self) -> str: ...
    @property
    def created(self) -> str: ...
    licences: dict[str, str]
    @property
    def files(self) -> dict[str, str]: ...
    def __init__(self) -> None: ...

class ReleaseParts:
    """What learning hands over to be sealed."""

    manifest: Manifest
    noise: NoiseParameters
    head: _Path
    tail: _Path
    evidence: dict[str, str]
    def __init__(self) -> None: ...

class Release:
    """An opened, fully checked release folder. Immutable; threads may share one."""

    @staticmethod
    def open(folder: _Path) -> Release:
        """Raises NotFound, Corrupt, Unsupported (a newer format)."""
    @staticmethod
    def write(folder: _Path, parts: ReleaseParts) -> Release:
        """Whole or not at all. Raises InvalidArgument, NotFound, Unavailable."""
    @property
    def folder(self) -> pathlib.Path: ...
    @property
    def manifest(self) -> Manifest: ...
    @property
    def id(self) -> str: ...
    @property
    def contract_digest(self) -> str: ...
    @property
    def noise(self) -> NoiseParameters: ...
    @property
    def head(self) -> pathlib.Path: ...
    @property
    def tail(self) -> pathlib.Path: ...

class Key:
    """The secret that the noise is drawn with: 32 bytes that are never shown."""

    @staticmethod
    def create(path: _Path) -> Key:
        """A new file of mode 0600. Raises InvalidArgument if it exists, NotFound, Unavailable."""
    @staticmethod
    def load(path: _Path) -> Key:
        """Raises NotFound, Corrupt, Unsupported; Refused if others can read the file."""
    @staticmethod
    def rotate(path: _Path, old: str = "keep") -> Key:
        """old: "keep" or "destroy"."""
    @staticmethod
    def from_bytes(bytes: bytes) -> Key:
        """For tests. Never for a release of real data."""
    def fingerprint(self) -> str: ...

class Accountant:
    """Counts releases in a file and refuses those beyond a limit."""

    @staticmethod
    def open(file: _Path, release: Release, key: Key, *, least_alpha: float) -> Accountant:
        """least_alpha: in (0, 1). Raises InvalidArgument, Refused, Corrupt."""
    @property
    def least_alpha(self) -> float: ...
    def releases(self) -> int: ...
    def spent_by(self, source: str) -> tuple[int, float]: ...
    def most_spent(self) -> tuple[int, float]: ...

class NoisyActivation(numpy.ndarray[Any, numpy.dtype[numpy.float32]]):
    """What a Noise returned: N x K x H x W, float32, not to be written."""

    @property
    def release_id(self) -> str: ...
    @property
    def alpha(self) -> float: ...
    @property
    def wire_type(self) -> str: ...
    @property
    def saturated(self) -> int: ...
    @property
    def contract_digest(self) -> str: ...
    @property
    def fresh_nonce(self) -> str: ...

class Noise:
    """The noise of one release at one alpha, drawn with one key. Immutable; threads may share one.

    alpha: in (0, 1), one that the release was calibrated for. draw: "sticky" or "fresh".
    wire: "fp32", "fp16" or "int8". Raises InvalidArgument, Refused.
    """

    def __init__(self, release: Release, key: Key, *, alpha: float = 0.8, draw: str = "sticky",
                 wire: str = "fp32", accountant: Accountant | None = None,
                 source: str = "") -> None: ...
    def __call__(self, activation: _Array) -> NoisyActivation:
        """N x K x H x W, float32. Raises InvalidArgument, Refused: then nothing leaves."""
    def apply(self, activation: _A, out: _A | None = None) -> _A:
        """The same as an array of the same library; `out` may be `activation` itself."""
    @property
    def alpha(self) -> float: ...
    @property
    def realised_alpha(self) -> float: ...
    @property
    def joint_alpha(self) -> float: ...
    @property
    def bits_per_element(self) -> float: ...
    @property
    def bits_per_cell(self) -> float: ...
    def count_clipped(self, activation: _Array) -> int: ...
    def spent(self, activation: _Array) -> tuple[int, float]: ...

class AlphaMeter:
    """Measures the alphas of a release on activations of its head."""

    def __init__(self, release: Release) -> None: ...
    def add(self, activation: _Array) -> None: ...
    def cells(self) -> int: ...
    def covariance(self) -> list[float]: ...
    def measure(self) -> list[dict[str, Any]]: ...

def to_wire(noisy_activation: NoisyActivation, release: Release) -> bytes:
    """Raises InvalidArgument on another release's, Refused on what no Noise returned."""

def from_wire(message: bytes, release: Release) -> NoisyActivation:
    """Raises Corrupt, Unsupported (another version), InvalidArgument (another release)."""

class ClientTls:
    """Whom the client trusts and who it is: PEM texts, "sha256//BASE64" of a pinned key."""

    def __init__(self, *, authority: str = "", certificate: str = "", private_key: str = "",
                 pinned_key: str = "") -> None: ...

class ClientTag:
    """The name and key that a server knows this client by. Not the noise's key."""

    def __init__(self, name: str, key: Key) -> None: ...

class Inference:
    """What came back for one noisy activation."""

    @property
    def outputs(self) -> list[numpy.typing.NDArray[numpy.float32]]: ...
    @property
    def model_version(self) -> str: ...
    @property
    def bytes_sent(self) -> int: ...
    @property
    def bytes_received(self) -> int: ...

class Client:
    """Calls one server of the Open Inference Protocol over HTTP. Threads may share one.

    url: HOST:PORT, http://... or https://.... Timeouts in seconds, above 0. Raises InvalidArgument;
    Refused for plain HTTP to another machine.
    """

    def __init__(self, url: str, *, require_contract: bool = True, allow_plain_http: bool = False,
                 tls: ClientTls = ..., tag: ClientTag | None = None,
                 headers: Sequence[tuple[str, str]] = ..., connect_timeout: float = 5.0,
                 timeout: float = 60.0, retries: int = 2, max_answer_bytes: int = ...,
                 json: bool = False) -> None: ...
    def live(self) -> bool: ...
    def ready(self, model: str = ...) -> bool: ...
    def server(self) -> tuple[str, str]: ...
    def infer(self, model: str, noisy_activation: NoisyActivation) -> Inference:
        """Raises Unavailable, NotFound, Refused, InvalidArgument, Unsupported, Corrupt."""
    def infer_clean(self, model: str, input: _Array) -> Inference:
        """Without noise: whoever runs the server sees what it holds. Refused by contracts."""
