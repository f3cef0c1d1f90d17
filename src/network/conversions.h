// Tensors of the public API and of the tensor library, one as the other.
#pragma once

#include <scrim/activation.h>

#include "base/check.h"
#include "base/shape_text.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>
#include <string>

namespace scrim {

// Whether every value is a number and finite. Written to be vectorised: no early exit.
inline bool all_finite(const float* values, std::size_t count) {
  bool finite = true;
  for (std::size_t i = 0; i < count; ++i) {
    finite &= std::abs(values[i]) <= std::numeric_limits<float>::max();
  }
  return finite;
}

// The tensor's memory, seen by the tensor library; read only, and valid as long as the tensor.
// Throws kInvalidArgument unless it is N x C x H x W with the values of its shape, all finite.
inline at::Tensor view_of(const Tensor& tensor, const std::string& what) {
  check(tensor.shape.size() == 4, what, " must be N x C x H x W, got ", tensor.shape.size(),
        " dimensions");
  const std::int64_t count = element_count(tensor.shape);
  check(count > 0, what, " of shape ", shape_text(tensor.shape), " is empty");
  check(static_cast<std::uint64_t>(count) == tensor.values.size(), what, " of shape ",
        shape_text(tensor.shape), " has ", tensor.values.size(), " values, not ", count);
  check(all_finite(tensor.values.data(), tensor.values.size()), what,
        " holds a value that is not finite");
  return at::from_blob(const_cast<float*>(tensor.values.data()), tensor.shape, at::kFloat);
}

// A copy. Throws kCorrupt if a value is not finite: nothing of that kind may go on.
inline Tensor copy_of(const at::Tensor& tensor, const std::string& what) {
  const at::Tensor dense = tensor.to(at::kCPU, at::kFloat).contiguous();
  const float* values = dense.data_ptr<float>();
  const auto count = static_cast<std::size_t>(dense.numel());
  if (!all_finite(values, count)) {
    fail(ErrorCode::kCorrupt, what, " gave a value that is not finite");
  }
  return {dense.sizes().vec(), {values, values + count}};
}

}  // namespace scrim
