"""What a Noise returned, as an array."""
import numpy

from scrim.errors import Refused


class NoisyActivation(numpy.ndarray):
    """A noisy activation: N x K x H x W, float32, the only thing that may leave the trusted zone.

    An ordinary array that cannot be written. What is computed from it is an array without its
    properties, which no Client sends.
    """

    _sent = None  # what the noise returned, over the same memory; None for what is computed from it

    def _of_noise(self):
        if self._sent is None:
            raise Refused("this array was computed from a noisy activation and is none itself")
        return self._sent

    @property
    def release_id(self):
        """Of the release whose noise it has: 64 hexadecimal digits."""
        return self._of_noise().release_id

    @property
    def alpha(self):
        """In (0, 1), of its noise."""
        return self._of_noise().alpha

    @property
    def wire_type(self):
        """"fp32", "fp16" or "int8": the values are what that wire carries, exactly."""
        return self._of_noise().wire_type

    @property
    def saturated(self):
        """How many values lay beyond the largest that the wire has, and were held to it."""
        return self._of_noise().saturated

    @property
    def contract_digest(self):
        """SHA-256 of the release's contract.json, hexadecimal."""
        return self._of_noise().contract_digest

    @property
    def fresh_nonce(self):
        """32 hexadecimal digits that no other fresh draw has; empty for a sticky one."""
        return self._of_noise().fresh_nonce

    def __array_wrap__(self, array, context=None, return_scalar=False):
        plain = numpy.asarray(array)
        return plain[()] if return_scalar or plain.ndim == 0 else plain

    def __dlpack__(self, **request):
        # Who does not know the flag for memory that is not to be written gets a copy.
        plain = self.view(numpy.ndarray)
        try:
            return plain.__dlpack__(**request)
        except BufferError:
            return plain.copy().__dlpack__(**request)
