"""The obfuscation as training sees it: a code that is learned together with the tail.

The formulas, constants and orders of operations are those of src/learn; docs/decisions/0005 and
0010 have their reasons.
"""
import math

import torch
from torch.nn import functional

from scrim.errors import InvalidArgument

SNR_CAP = 1e4
_DROP_VARIANCE = 1e-6      # of the mean variance
_SMALLEST_START_SNR = 0.003
_MIDDLE_ALPHA = 1 / (1 + math.exp(-1.0))  # logit(alpha) is 1
_HIGH_ALPHA = 0.95


class Moments:
    """Second moments over the cells of many activations, float64."""

    def __init__(self):
        self.cells, self.sum, self.outer = 0, 0, 0

    @torch.no_grad()
    def add(self, activation):
        """activation: B x N x h x w."""
        cells = activation.detach().movedim(1, -1).reshape(-1, activation.shape[1]).double()
        self.sum = self.sum + cells.sum(0).cpu()
        self.outer = self.outer + (cells.t() @ cells).cpu()
        self.cells += cells.shape[0]

    def mean(self):
        """N."""
        return self.sum / self.cells

    def second_moment(self):
        """N x N, about zero."""
        return self.outer / self.cells

    def covariance(self):
        """N x N, about the mean."""
        return self.second_moment() - torch.outer(self.mean(), self.mean())


def _eigen_rows(symmetric):
    values, vectors = torch.linalg.eigh(symmetric)
    rows = vectors.t().flip(0)
    largest = rows.abs().argmax(1, keepdim=True)
    return values.flip(0), rows * rows.gather(1, largest).sign()


def fisher_code(activation, gradient):
    """(mean, basis K x N, decode N x K, fisher K): the whitening code, turned onto the eigenvectors
    of the gradient's second moment."""
    variances, axes = _eigen_rows(activation.covariance())
    kept = variances > _DROP_VARIANCE * variances.mean()
    deviation, rows = variances[kept].sqrt(), axes[kept]
    basis, decode = rows / deviation[:, None], (rows * deviation[:, None]).t()
    fisher, rotation = _eigen_rows(decode.t() @ gradient.second_moment() @ decode)
    return activation.mean(), rotation @ basis, decode @ rotation.t(), fisher.clamp_min(0)


def water_filling(fisher, alpha, channels):
    """SNR of each direction: 1 + SNR = max(1, fisher / theta), theta by bisection such that alpha
    holds; at most 1e4."""
    logs, ceiling = fisher.log(), math.log1p(SNR_CAP)
    positive = logs[fisher > 0]
    if not len(positive):
        raise InvalidArgument("no direction has Fisher information: the loss does not depend on "
                              "the activation")
    wanted = -channels * math.log(alpha)
    low, high = positive.min().item() - ceiling, positive.max().item()
    for _ in range(200):
        middle = (low + high) / 2
        nats = (positive - middle).clamp(0, ceiling).sum().item()
        low, high = (middle, high) if nats > wanted else (low, middle)
    return torch.expm1((logs - high).clamp(0, ceiling))


def _newton_step(s, t, target):
    x = -(s + t)
    excess = functional.softplus(x, threshold=700).mean(1, keepdim=True) - target
    return excess / torch.sigmoid(x).mean(1, keepdim=True).detach()


def alpha_root(s, alphas, channels):
    """t with (1/N) sum softplus(-(s + t)) = ln(1 / alpha); s: B x K, alphas: B, float64."""
    target = (-alphas.log() * (channels / s.shape[1]))[:, None].detach()
    with torch.no_grad():
        # The Jensen point lies left of the root of a convex falling function: Newton climbs.
        t = -target.expm1().log() - s.mean(1, keepdim=True)
        for _ in range(100):
            change = _newton_step(s, t, target)
            t = t + change
            if (change.abs() <= 1e-13 * t.abs().clamp_min(1)).all():
                break
    return t + _newton_step(s, t, target)  # at the root: adds nothing but the gradient


def _line_variable(alphas):
    return ((alphas.log() - (1 - alphas).log() - 1) / 2)[:, None]


class Code(torch.nn.Module):
    """Free rows of norm 1 in white space, a free decoder, and the noise of each direction at every
    alpha. activation: B x N x h x w; alphas: B, float64."""

    def __init__(self, mean, basis, decode, fisher, directions, clip):
        super().__init__()
        self.channels, self.clip = len(mean), clip
        self.register_buffer("mean", mean)
        self.register_buffer("whitening", basis)
        self.rows = torch.nn.Parameter(torch.eye(directions, basis.shape[0]))
        self.decoder = torch.nn.Parameter(decode[:, :directions].float().clone())

        def start(alpha):
            snr = water_filling(fisher, alpha, self.channels)[:directions]
            return -snr.clamp_min(_SMALLEST_START_SNR).log()
        reach = _line_variable(torch.tensor([_HIGH_ALPHA], dtype=torch.float64)).item()
        middle = start(_MIDDLE_ALPHA)
        self.middle = torch.nn.Parameter(middle)
        self.slope = torch.nn.Parameter((start(_HIGH_ALPHA) - middle) / reach)

    def basis(self, dtype=torch.float32):
        """K x N; the variance of a direction is the squared norm of its row in white space."""
        rows = self.rows.to(dtype)
        return (rows / rows.norm(dim=1, keepdim=True)) @ self.whitening.to(dtype)

    def snr(self, alphas):
        """B x K, float64; differentiable. sum ln(1 + SNR) is N ln(1 / alpha), less at the cap."""
        s = self.middle + self.slope * _line_variable(alphas)
        return torch.exp(-(s + alpha_root(s, alphas, self.channels))).clamp_max(SNR_CAP)

    def forward(self, activation, alphas):
        """What the tail sees of an activation under noise."""
        basis, mean = self.basis(), self.mean.float()
        y = functional.conv2d(activation, basis[:, :, None, None], -(basis @ mean))
        snr = self.snr(alphas).float()[:, :, None, None]
        sigma = snr.clamp_min(1e-30).sqrt() / (1 + snr)
        noisy = snr / (1 + snr) * y.clamp(-self.clip, self.clip) + sigma * torch.randn_like(y)
        return functional.conv2d(noisy, self.decoder[:, :, None, None], mean)
