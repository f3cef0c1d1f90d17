"""Learning the noise of a model, with its own data and its own loss."""
import copy
import dataclasses
import hashlib
import json
import math
import pathlib
import tempfile

import torch

from scrim import Manifest, Release, ReleaseParts
from scrim._progress import bar, note
from scrim.errors import InvalidArgument
from scrim.torch.code import Code, Moments, fisher_code
from scrim.torch.cut import split
from scrim.torch.export import save
from scrim.torch.halves import CodedHead, DecodedTail
from scrim.torch.model import as_cells
from scrim.torch.promise import Promise
from scrim.torch.train import group, run_stage

_TAIL_RATE = 6e-4
_SPECTRUM_RATE = 0.03
_WEIGHT_DECAY = 1e-4
_RAMP_FROM = 0.2   # the alpha that a single one is approached from
_RAMP_SHARE = 0.3  # of the steps
_MOST_CELLS = 200_000  # kept for the norms of single cells


@dataclasses.dataclass
class Options:
    """What learn() takes by name; each with its default."""

    alphas: tuple = (0.05, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 0.95, 0.98)
    directions: int = 32
    clip: float = 8.0
    tail_steps: int = 1000
    statistics_batches: int = 32
    task: str = "classification"
    classes: tuple = ()
    scale: float = 1.0
    mean: tuple = (0.0, 0.0, 0.0)
    seed: int = 1
    device: str = "auto"
    progress: bool = True

    def validate(self):
        """Raises InvalidArgument naming the first field out of range."""
        self.alphas = sorted(float(alpha) for alpha in self.alphas)
        if not self.alphas or not all(0 < alpha < 1 for alpha in self.alphas):
            raise InvalidArgument(f"alphas must be in (0, 1), got {list(self.alphas)}")
        for name, least in (("directions", 1), ("tail_steps", 0), ("statistics_batches", 3)):
            if getattr(self, name) < least:
                raise InvalidArgument(f"{name} must be at least {least}, got "
                                      f"{getattr(self, name)}")
        if not 0 < self.clip <= 511:
            raise InvalidArgument(f"clip must be in (0, 511], got {self.clip}")
        if self.device == "auto":
            self.device = "cuda" if torch.cuda.is_available() else "cpu"


class _Batches:
    """A loader's batches without end, on a device."""

    def __init__(self, loader, device):
        self.loader, self.device = loader, device
        self.source = iter(loader)

    def _on_device(self, value):
        if isinstance(value, torch.Tensor):
            return value.to(self.device)
        if isinstance(value, dict):
            return {name: self._on_device(one) for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._on_device(one) for one in value)
        return value

    def next(self):
        """(input, target) of the next batch."""
        batch = next(self.source, None)
        if batch is None:
            self.source = iter(self.loader)
            batch = next(self.source, None)
        if not isinstance(batch, (list, tuple)) or len(batch) != 2:
            raise InvalidArgument("the loader must yield pairs of input and target")
        return self._on_device(batch[0]), self._on_device(batch[1])


@dataclasses.dataclass
class _Facts:
    """What the first passes over the data measured."""

    activation: Moments = dataclasses.field(default_factory=Moments)
    gradient: Moments = dataclasses.field(default_factory=Moments)
    margin: Moments = dataclasses.field(default_factory=Moments)
    held_out: Moments = dataclasses.field(default_factory=Moments)
    cells: list = dataclasses.field(default_factory=list)
    example: torch.Tensor | None = None
    dimensions: int = 4
    stride: int = 1
    loss: float | None = None  # of the last steps
    digest: object = dataclasses.field(default_factory=hashlib.sha256)


def _keep_cells(facts, z):
    cells = z.detach().movedim(1, -1).reshape(-1, z.shape[1]).cpu()
    room = _MOST_CELLS - sum(len(one) for one in facts.cells)
    facts.cells.append(cells[:max(0, room)])


def _measure(head, tail, batches, loss, options):
    """Statistics of the activation and of the loss's gradient there: of ten batches one is for the
    margin, and one is held out."""
    facts = _Facts()
    stages = bar(range(options.statistics_batches), "statistics", options.progress)
    for at in stages:
        x, target = batches.next()
        with torch.no_grad():
            z = head(x)
        if facts.example is None:
            facts.example, facts.dimensions = x[:1].cpu(), z.dim()
            if x.dim() == z.dim() and x.dim() > 2:
                facts.stride = max(1, round(x.shape[-1] / z.shape[-1]))
        facts.digest.update(x.detach().cpu().contiguous().numpy().tobytes())
        place = at % 10 if options.statistics_batches >= 10 else at
        if place == 1:
            facts.margin.add(z)
        elif place == 2:
            facts.held_out.add(z)
            _keep_cells(facts, z)
        else:
            z = z.detach().requires_grad_(True)
            loss(tail(z), target).backward()
            facts.activation.add(z)
            facts.gradient.add(z.grad)
    return facts


def _draw_alphas(options, step, count, generator):
    """With several alphas each sample has its own, uniform in the logit; one is approached."""
    logits = [math.log(alpha / (1 - alpha)) for alpha in (options.alphas[0], options.alphas[-1])]
    if len(options.alphas) == 1:
        first = min(math.log(_RAMP_FROM / (1 - _RAMP_FROM)), logits[1])
        share = min(1.0, step / max(1.0, _RAMP_SHARE * options.tail_steps))
        shares = torch.full((count,), share, dtype=torch.float64)
    else:
        first = logits[0]
        shares = torch.rand(count, generator=generator, dtype=torch.float64)
    return torch.sigmoid(first + (logits[1] - first) * shares)


def _train(head, tail, code, batches, loss, facts, options):
    """Code, noise and tail together, by the task's loss alone."""
    tail.train()
    groups = (group(tail.parameters(), _TAIL_RATE, _WEIGHT_DECAY) + group([code.rows], _TAIL_RATE)
              + group([code.decoder], _TAIL_RATE, _WEIGHT_DECAY))
    unclipped = [{"params": [code.middle, code.slope], "rate": _SPECTRUM_RATE, "weight_decay": 0}]
    generator = torch.Generator().manual_seed(options.seed)

    def step_loss(step):
        x, target = batches.next()
        with torch.no_grad():
            z = head(x)
        alphas = _draw_alphas(options, step, len(z), generator).to(z.device)
        seen = code(as_cells(z), alphas).reshape(z.shape)
        return loss(tail(seen), target)

    course = bar(run_stage("tail", options.tail_steps, groups, unclipped, list(tail.buffers()),
                           step_loss), "tail", options.progress, options.tail_steps)
    for facts.loss in course:
        note(course, f"loss {facts.loss:.3f}")
    tail.eval()


def _seal(head, tail, promise, facts, output, options):
    """Writes the release."""
    parts, manifest = ReleaseParts(), Manifest()
    manifest.model, manifest.task, manifest.objective = "torchscript", options.task, "coded"
    manifest.classes, manifest.split_point = list(options.classes), head.split_point
    rules = manifest.input
    rules.scale, rules.mean = options.scale, list(options.mean)
    manifest.input, manifest.stride, manifest.alphas = rules, facts.stride, options.alphas
    manifest.data_digest = facts.digest.hexdigest()
    parts.manifest, parts.noise = manifest, promise.parameters()
    record = {"objective": "coded", "alphas": options.alphas, "directions": len(promise.basis),
              "realised_alphas": promise.realised_alphas, "cell_norms": promise.cell_norms,
              "channels": promise.channels, "clip": options.clip, "seed": options.seed,
              "tail_steps": options.tail_steps, "tail_loss": facts.loss,
              "statistics_batches": options.statistics_batches,
              "pytorch": str(torch.__version__)}
    parts.evidence = {"training.json": json.dumps(record, indent=2) + "\n"}
    with tempfile.TemporaryDirectory(prefix="scrim-learn-") as folder, torch.no_grad():
        parts.head, parts.tail = (pathlib.Path(folder) / name for name in ("head.pt", "tail.pt"))
        coded = CodedHead(head.module.cpu(), promise.basis, promise.mean).eval()
        save(coded, facts.example, parts.head)
        decoded = DecodedTail(tail.cpu(), promise.decode, promise.mean, facts.dimensions).eval()
        save(decoded, coded(facts.example), parts.tail)
        return Release.write(output, parts)


def learn(model, layer, loader, loss, *, output, **options):
    """Learns the noise of a model that is cut after `layer`; writes a release and returns it.

    loader: yields (input, target), as a DataLoader does; it is read again and again.
    loss: loss(outputs, target) -> a scalar, as torch.nn.functional.cross_entropy.
    output: the release folder.
    options, by name: alphas (each in (0, 1); one tail serves all), directions (32, that are sent),
    clip (8, standard deviations), tail_steps (1000), statistics_batches (32, at least 3), task,
    classes, scale and mean (how pictures become inputs, for the manifest), seed, device ("auto"),
    progress (True; needs tqdm).

    The model is left as it is. Its head stays as given; a copy of its tail is trained together with
    the code and the noise, alpha exact at every step. Raises as split does, and InvalidArgument.
    """
    try:
        settings = Options(**options)
    except TypeError:
        known = [field.name for field in dataclasses.fields(Options)]
        unknown = sorted(set(options) - set(known))
        raise InvalidArgument(f"learn has no option {', '.join(unknown)}; there are "
                              f"{', '.join(known)}") from None
    settings.validate()
    torch.manual_seed(settings.seed)
    model = copy.deepcopy(model).to(settings.device).eval()
    head, tail = split(model, layer)
    head.requires_grad_(False)
    batches = _Batches(loader, settings.device)
    facts = _measure(head, tail, batches, loss, settings)
    mean, basis, decode, fisher = fisher_code(facts.activation, facts.gradient)
    directions = min(settings.directions, len(basis))
    code = Code(mean, basis, decode, fisher, directions, settings.clip).to(settings.device)
    if settings.tail_steps > 0:
        _train(head, tail, code, batches, loss, facts, settings)
    promise = Promise(code.cpu(), settings.alphas, facts.margin, facts.held_out,
                      torch.cat(facts.cells))
    return _seal(head, tail, promise, facts, output, settings)
