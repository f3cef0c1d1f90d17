#include "repository/tensor_config_check.h"

#include "repository/config_fault.h"

#include <limits>
#include <set>
#include <vector>

namespace scrim {
namespace {

using Dims = google::protobuf::RepeatedField<std::int64_t>;

constexpr std::int64_t kMostDimensions = 64;

void check_dims(const std::string& model, const std::string& what, const Dims& dims) {
  if (dims.size() > kMostDimensions) {
    invalid(model, what, " has ", dims.size(), " dimensions, more than ", kMostDimensions);
  }
  for (const std::int64_t dim : dims) {
    if (dim < -1 || dim == 0) {
      invalid(model, what, " has a dimension of ", dim, ", which must be at least 1, or -1");
    }
  }
}

// The elements before, between and after the dimensions of any length: [2, 4, -1, 6] is 8 and 6.
// Two shapes of the same parts hold the same elements whatever those lengths are.
std::vector<std::int64_t> parts_of(const std::string& model, const std::string& what,
                                   const Dims& dims) {
  std::vector<std::int64_t> parts = {1};
  std::int64_t all = 1;
  for (const std::int64_t dim : dims) {
    if (dim == -1) {
      parts.push_back(1);
      continue;
    }
    if (all > std::numeric_limits<std::int64_t>::max() / dim) {
      invalid(model, what, " has more elements than can be counted");
    }
    all *= dim;
    parts.back() *= dim;
  }
  return parts;
}

template <typename Tensor>
void check_tensor(const Tensor& tensor, const std::string& model, const char* kind) {
  const std::string what = sentence(kind, " ", shown(tensor.name()));
  if (tensor.name().empty()) invalid(model, "an ", kind, " has no name");
  if (tensor.data_type() == inference::TYPE_INVALID) invalid(model, what, " has no data_type");
  if (tensor.dims().empty() && !tensor.has_reshape()) invalid(model, what, " has no dims");
  if (tensor.is_shape_tensor()) unserved(model, "is_shape_tensor of " + what);
  if (tensor.is_non_linear_format_io()) unserved(model, "is_non_linear_format_io of " + what);
  check_dims(model, what, tensor.dims());
  const auto parts = parts_of(model, what, tensor.dims());
  if (!tensor.has_reshape()) return;
  const auto& shape = tensor.reshape().shape();
  check_dims(model, "the reshape of " + what, shape);
  if (parts_of(model, "the reshape of " + what, shape) != parts) {
    invalid(model, what,
            " and its reshape have different numbers of elements, in all or between those of -1");
  }
}

}  // namespace

void check_tensors(const inference::ModelConfig& config, const std::string& model) {
  std::set<std::string> names;
  for (const auto& input : config.input()) {
    check_tensor(input, model, "input");
    if (input.allow_ragged_batch()) {
      unserved(model, "allow_ragged_batch of input " + shown(input.name()));
    }
    if (!names.insert(input.name()).second) {
      invalid(model, "two inputs are ", shown(input.name()));
    }
  }
  names.clear();
  for (const auto& output : config.output()) {
    check_tensor(output, model, "output");
    if (!names.insert(output.name()).second) {
      invalid(model, "two outputs are ", shown(output.name()));
    }
  }
  if (config.input().empty()) invalid(model, "the config has no input");
  if (config.output().empty()) invalid(model, "the config has no output");
}

}  // namespace scrim
