"""Noise.apply: the noise on arrays that stay what they are."""
import numpy

from scrim import _arrays


def apply(self, activation, out=None):
    """The activation with noise, as an array of the same library (NumPy, PyTorch, JAX).

    activation: N x K x H x W, float32, as the call of a Noise takes it.
    out: a contiguous float32 array of that shape, written and returned; it may be `activation`
    itself. None makes a new one.

    Raises as the call does; then `out` is as it was or all zero.
    """
    if out is not None:
        self._apply(activation, out)
        return out
    source = _arrays.as_array(activation, "the activation")
    array = numpy.empty(source.shape, numpy.float32)
    self._apply(source, array)
    return _arrays.like(activation, array)
