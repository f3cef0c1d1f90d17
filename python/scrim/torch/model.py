"""A model with the noise between its halves."""
import numpy
import torch

from scrim import Noise, NoisyActivation, Release
from scrim.errors import InvalidArgument


def as_cells(activation):
    """N x K, N x K x L or N x K x H x W as N x K x H x W."""
    while activation.dim() < 4:
        activation = activation.unsqueeze(2 if activation.dim() == 3 else -1)
    return activation


class ObfuscatedModel(torch.nn.Module):
    """Head, noise and tail of one model: forward_head and forward_noise belong where the data is,
    forward_tail runs anywhere. For use, not for training: the gradient ends at the noise.

    head: input -> activation; tail: noisy activation -> outputs; noise: a scrim.Noise.
    """

    def __init__(self, head, tail, noise):
        super().__init__()
        if not isinstance(noise, Noise):
            raise InvalidArgument("an obfuscated model needs a scrim.Noise, got a "
                                  f"{type(noise).__name__}")
        self.head, self.tail, self.noise = head, tail, noise

    @classmethod
    def open(cls, release, key, **options):
        """The model of a release (or of its folder). options: those of scrim.Noise, as alpha=0.8.

        Raises as Release.open and Noise do.
        """
        if not isinstance(release, Release):
            release = Release.open(release)
        head, tail = (torch.jit.load(str(path)).eval() for path in (release.head, release.tail))
        return cls(head, tail, Noise(release, key, **options))

    @torch.no_grad()
    def forward_head(self, *inputs):
        """The clean activation: it stays where it is."""
        return self.head(*inputs)

    @torch.no_grad()
    def forward_noise(self, activation):
        """The activation with noise on every value: the only thing that may leave.

        Raises as the call of a Noise does; then nothing leaves.
        """
        cells = as_cells(activation.detach()).to("cpu")
        noisy = self.noise.apply(cells.contiguous())
        return noisy.reshape(activation.shape).to(activation.device)

    @torch.no_grad()
    def forward_tail(self, noisy_activation):
        """The outputs, from what forward_noise or a Noise returned."""
        if isinstance(noisy_activation, NoisyActivation):
            noisy_activation = torch.from_numpy(numpy.array(noisy_activation))
        return self.tail(noisy_activation)

    def forward(self, *inputs):
        """All three in order."""
        return self.forward_tail(self.forward_noise(self.forward_head(*inputs)))
