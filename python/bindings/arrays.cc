#include "arrays.h"

#include <scrim/status.h>

#include <memory>
#include <string>

namespace scrim::python {
namespace {

namespace py = pybind11;

constexpr int kReady =
    py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;

[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(ErrorCode::kInvalidArgument, sentence);
}

// What numpy makes of an array of somebody else, without a copy where that is possible.
py::array foreign_array(py::handle given, const char* what) {
  const auto made = py::module_::import("scrim._arrays").attr("as_array")(given, what);
  return py::reinterpret_borrow<py::array>(made);
}

bool is_float(const py::dtype& type) {
  return type.kind() == 'f' && type.itemsize() == sizeof(float) && type.byteorder() != '>';
}

}  // namespace

FloatArray float_array(py::handle given, const char* what) {
  auto array = py::isinstance<py::array>(given) ? py::reinterpret_borrow<py::array>(given)
                                                : foreign_array(given, what);
  if (!is_float(array.dtype())) {
    refuse(std::string(what) + " is an array of " + py::str(array.dtype()).cast<std::string>() +
           ", not of float32");
  }
  if ((array.flags() & kReady) != kReady) array = array.attr("copy")("C");
  Shape shape(array.shape(), array.shape() + array.ndim());
  return {std::move(array), std::move(shape)};
}

std::span<float> writable_values(const FloatArray& array, py::handle given) {
  const bool own = array.array.ptr() == given.ptr() || !array.array.owndata();
  if (!own || !array.array.writeable()) {
    refuse("out must be a contiguous array that can be written");
  }
  auto view = array.array;
  return {static_cast<float*>(view.mutable_data()), static_cast<std::size_t>(view.size())};
}

py::array array_of(Tensor tensor) {
  auto owned = std::make_unique<Tensor>(std::move(tensor));
  const py::capsule owner(owned.get(), [](void* held) { delete static_cast<Tensor*>(held); });
  const Tensor& held = *owned.release();
  return py::array_t<float>(held.shape, held.values.data(), owner);
}

py::array view_of(const Tensor& tensor, py::handle owner) {
  py::array_t<float> view(tensor.shape, tensor.values.data(), owner);
  py::detail::array_proxy(view.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return view;
}

}  // namespace scrim::python
