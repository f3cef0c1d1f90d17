#include "server/raw_request.h"

#include "protocol/infer_request.h"
#include "protocol/request_error.h"
#include "protocol/string_tensor.h"

#include <algorithm>

namespace scrim {
namespace {

[[noreturn]] void invalid(const std::string& sentence) {
  throw RequestError(RequestFault::kInvalid, request_prefix("") + sentence);
}

std::vector<std::int64_t> deduced_shape(const TensorConfig& input, std::size_t bytes) {
  std::vector<std::int64_t> shape = input.dims;
  const auto variable = std::ranges::find(shape, -1);
  if (variable == shape.end()) return shape;
  if (std::find(variable + 1, shape.end(), -1) != shape.end()) {
    invalid("The shape of the raw input '" + input.name +
            "' can not be deduced because there are more than one variable-sized dimension");
  }
  *variable = 1;
  const auto others = counted_elements(shape);
  const std::size_t step = element_bytes(input.datatype);
  const auto whole = others ? static_cast<std::uint64_t>(*others) * step : 0;
  if (whole == 0 || bytes % whole != 0) {
    invalid("The shape of the raw input '" + input.name + "' can not be deduced because " +
            std::to_string(bytes) + " bytes are no multiple of the " + std::to_string(whole) +
            " of one step of its variable-sized dimension");
  }
  *variable = static_cast<std::int64_t>(bytes / whole);
  return shape;
}

}  // namespace

InferRequest raw_request(std::string_view body, const ModelConfig& config) {
  if (config.inputs.size() != 1) {
    invalid("Raw request must only have 1 input (found 1) to be deduced but got " +
            std::to_string(config.inputs.size()) + " inputs in '" + config.name +
            "' model configuration");
  }
  const TensorConfig& input = config.inputs.front();
  TensorMessage tensor;
  tensor.name = input.name;
  tensor.datatype = input.datatype;
  tensor.binary = true;
  if (input.datatype == Datatype::kBytes) {
    if (input.dims != std::vector<std::int64_t>{1}) {
      invalid("For BYTE datatype raw input '" + input.name +
              "', the model must have input shape [1]");
    }
    std::string bytes;
    append_string(bytes, body);
    tensor.bytes = TensorBytes::own(std::move(bytes));
    tensor.shape = {1};
  } else {
    tensor.bytes = TensorBytes::borrow(body);
    tensor.shape = deduced_shape(input, body.size());
  }
  if (config.max_batch_size > 0) tensor.shape.insert(tensor.shape.begin(), 1);
  InferRequest request;
  request.inputs.push_back(std::move(tensor));
  request.binary_outputs = true;
  return request;
}

}  // namespace scrim
