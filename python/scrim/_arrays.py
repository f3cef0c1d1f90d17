"""Arrays of other libraries as NumPy's, without a copy where that is possible."""
import numpy

from scrim.errors import InvalidArgument

# What a DLPack device type is called (dlpack.h); 1 is the processor's memory.
_DEVICES = {2: "CUDA", 3: "CUDA pinned memory", 4: "OpenCL", 7: "Vulkan", 8: "Metal", 10: "ROCm"}
_CPU = 1
_CONVERSION_ERRORS = (TypeError, ValueError, RuntimeError, BufferError)


def _why_not(given, error):
    """What is wrong with an array that NumPy cannot take, in one sentence's end."""
    try:
        device = given.__dlpack_device__()[0]
    except Exception:  # whatever a foreign library throws, the first error is the one to show
        device = _CPU
    if device != _CPU:
        return f"is on {_DEVICES.get(device, 'another device')}: move it to the CPU first"
    if getattr(given, "requires_grad", False):
        return "requires a gradient, which ends at the noise: pass it with .detach()"
    dtype = getattr(given, "dtype", None)
    if dtype is not None and "float32" not in str(dtype):
        return f"is an array of {str(dtype).removeprefix('torch.')}, not of float32"
    return f"cannot be read as an array: {' '.join(str(error).split())}"


def as_array(given, what):
    """NumPy's view of an array with __array__ or __dlpack__; `what` names it in errors."""
    if isinstance(given, numpy.ndarray):
        return given
    for name, read in (("__array__", numpy.asarray), ("__dlpack__", numpy.from_dlpack)):
        if not hasattr(type(given), name):
            continue
        try:
            return read(given)
        except _CONVERSION_ERRORS as error:
            raise InvalidArgument(f"{what} {_why_not(given, error)}") from error
    raise InvalidArgument(f"{what} is a {type(given).__name__}, not an array of float32")


def like(given, array):
    """A NumPy array as the library of `given` has arrays, over the same memory where it can."""
    if isinstance(given, numpy.ndarray):
        return array
    library = type(given).__module__.split(".")[0]
    if library == "torch":
        import torch
        return torch.from_numpy(array)
    if hasattr(given, "__array_namespace__"):
        return given.__array_namespace__().from_dlpack(array)
    return array
