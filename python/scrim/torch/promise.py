"""From a trained code to the numbers of a release, and what they keep on other inputs."""
import math

import torch

from scrim import NoiseParameters

_BITS_TOLERANCE = 1.02  # of the promised bits, on held-out inputs


def _gain_and_noise(snr):
    """(scale, sigma), A x K: the Wiener gain is applied by the client."""
    gain = snr / (1 + snr)
    return gain, torch.where(snr > 0, gain / snr.clamp_min(1e-300).sqrt(), 0.0)


def _alpha(scale, sigma, variances, channels):
    ratio = torch.where(scale > 0, variances * (scale / sigma.clamp_min(1e-300)) ** 2, 0.0)
    return math.exp(-torch.log1p(ratio).sum().item() / channels)


def _cell_norms(basis, mean, clip, inverse, cells):
    """Of scale * y / sigma, 99.9 % of all cells are at or below it. cells: M x N."""
    y = ((cells.double() - mean) @ basis.t()).clamp(-clip, clip)
    norms = (y * inverse).norm(dim=1).sort().values
    return norms[round(0.999 * (len(norms) - 1))].item()


class Promise:
    """The noise of a release at `alphas`, and what it keeps on held-out inputs."""

    def __init__(self, code, alphas, margin, held_out, cells):
        self.alphas, self.clip, self.channels = alphas, code.clip, code.channels
        with torch.no_grad():
            self.snr = code.snr(torch.tensor(alphas, dtype=torch.float64))
            self.mean, self.basis = code.mean, code.basis(torch.float64)
            self.decode = code.decoder.double()
        self._widen(margin)
        self._measure(held_out, cells)
        # Few or unlike inputs: then what was held out widens as well, and is held out no more.
        if any(math.log(real) < _BITS_TOLERANCE * math.log(alpha)
               for real, alpha in zip(self.realised_alphas, alphas)):
            self._widen(held_out)
            self._measure(held_out, cells)

    def _widen(self, moments):
        """Directions that vary more there are widened, so that the promise holds there too."""
        factor = self._variances(moments).clamp_min(1).sqrt()
        self.basis = self.basis / factor[:, None]
        self.decode = self.decode * factor[None, :]

    def _variances(self, moments):
        return ((self.basis @ moments.covariance()) * self.basis).sum(1)

    def _measure(self, held_out, cells):
        scale, sigma = (part.float().double() for part in _gain_and_noise(self.snr))
        self.scale, self.sigma = scale, sigma
        self.variance = self._variances(held_out)
        self.covariance = self.basis @ held_out.covariance() @ self.basis.t()
        self.realised_alphas = [_alpha(*row, self.variance, self.channels)
                                for row in zip(scale, sigma)]
        self.cell_norms = [
            _cell_norms(self.basis, self.mean, self.clip,
                        torch.where(s > 0, s / n.clamp_min(1e-300), 0.0), cells)
            for s, n in zip(scale, sigma)]

    def parameters(self):
        """As a release has them."""
        noise = NoiseParameters()
        noise.channels, noise.directions = self.channels, len(self.basis)
        noise.clip, noise.alphas = self.clip, self.alphas
        noise.scale, noise.sigma = self.scale.tolist(), self.sigma.tolist()
        noise.mean, noise.basis = self.mean.tolist(), self.basis.flatten().tolist()
        noise.decode = self.decode.flatten().tolist()
        noise.held_out_variance = self.variance.tolist()
        noise.held_out_covariance = self.covariance.flatten().tolist()
        noise.held_out_cell_norm = self.cell_norms
        return noise
