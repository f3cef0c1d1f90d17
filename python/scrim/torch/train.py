"""One stage of training: steps, a schedule, and an average of the weights."""
import math

import torch

from scrim.errors import InvalidArgument

_AVERAGE_DECAY = 0.998
_CLIP_NORM = 10
_WARM_UP = 0.02  # share of the steps


def rate_factor(step, steps):
    """Warm-up, then a cosine down to a hundredth."""
    warm = max(1.0, _WARM_UP * steps)
    if step < warm:
        return (step + 1) / warm
    share = (step - warm) / max(1.0, steps - warm)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share))


class Average:
    """Exponential average of weights and buffers; over fewer steps at the start."""

    def __init__(self, live):
        self.live = live
        self.average = [tensor.detach().clone() for tensor in live]

    @torch.no_grad()
    def update(self, step):
        """After the step that is counted from 0."""
        decay = min(_AVERAGE_DECAY, (1 + step) / (10 + step))
        for average, live in zip(self.average, self.live):
            if live.is_floating_point():
                average.lerp_(live.detach(), 1 - decay)
            else:
                average.copy_(live)

    @torch.no_grad()
    def install(self):
        """Copies the average into the live tensors."""
        for average, live in zip(self.average, self.live):
            live.copy_(average)


def group(parameters, rate, weight_decay=0.0):
    """Two groups of an optimizer: matrices, which decay, and vectors, which do not."""
    parameters = [p for p in parameters if p.requires_grad]
    return [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay,
             "rate": rate},
            {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0, "rate": rate}]


def run_stage(name, steps, groups, unclipped, buffers, loss):
    """Minimises loss(step) by AdamW, then installs the averaged weights and buffers; yields the
    smoothed loss after each step. Raises InvalidArgument if the loss stops being finite."""
    groups = [one for one in groups if one["params"]]
    optimizer = torch.optim.AdamW([{**one, "lr": one["rate"]} for one in groups + unclipped])
    clipped = [p for one in groups for p in one["params"]]
    average = Average(clipped + [p for one in unclipped for p in one["params"]] + buffers)
    smooth = None
    for step in range(steps):
        optimizer.zero_grad(set_to_none=True)
        for one in optimizer.param_groups:
            one["lr"] = one["rate"] * rate_factor(step, steps)
        value = loss(step)
        number = value.item()
        if not math.isfinite(number):
            raise InvalidArgument(f"the loss of stage {name} is not finite at step {step}")
        value.backward()
        torch.nn.utils.clip_grad_norm_(clipped, _CLIP_NORM)
        optimizer.step()
        average.update(step)
        smooth = number if smooth is None else 0.95 * smooth + 0.05 * number
        yield smooth
    average.install()
