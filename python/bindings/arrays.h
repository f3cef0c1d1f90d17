// Arrays of Python as the shapes and spans of the library, and back.
#pragma once

#include <pybind11/numpy.h>

#include <scrim/activation.h>

#include <span>
#include <vector>

namespace scrim::python {

// A float32 array whose values lie one after the other, and what the library needs to know of it.
struct FloatArray {
  pybind11::array array;  // keeps the values alive
  Shape shape;

  std::span<const float> values() const {
    return {static_cast<const float*>(array.data()), static_cast<std::size_t>(array.size())};
  }
};

// `given` itself where it is a contiguous float32 array in the processor's memory, of NumPy or of
// anybody who speaks __array__ or DLPack; a copy where only its strides are in the way. Throws
// kInvalidArgument, naming `what`, for anything else.
FloatArray float_array(pybind11::handle given, const char* what);

// The memory of `given`, to be written: a contiguous float32 array that may be. Throws
// kInvalidArgument for anything else: nothing is written to a copy.
std::span<float> writable_values(const FloatArray& array, pybind11::handle given);

// An array that owns the tensor's values.
pybind11::array array_of(Tensor tensor);

// An array over memory that `owner` keeps alive, not to be written.
pybind11::array view_of(const Tensor& tensor, pybind11::handle owner);

}  // namespace scrim::python
