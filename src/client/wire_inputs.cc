#include "client/wire_inputs.h"

#include "base/check.h"
#include "noise/wire.h"
#include "repository/release_contract.h"

namespace scrim {
namespace {

TensorMessage coded(const Tensor& tensor, const WireTensor& wire, const std::string& name) {
  const Shape& shape = tensor.shape;
  TensorMessage message;
  message.name = name;
  message.datatype = wire_datatype(wire.code);
  message.shape = {shape[0], static_cast<std::int64_t>(wire.planes.size()), shape[2], shape[3]};
  const auto cells = static_cast<std::size_t>(shape[2] * shape[3]);
  const std::size_t size = static_cast<std::size_t>(shape[1]) * cells;
  std::string bytes;
  for (std::size_t first = 0; first < tensor.values.size(); first += size) {
    append_planes(wire.planes, std::span(tensor.values).subspan(first, size), cells, bytes);
  }
  message.bytes = TensorBytes::own(std::move(bytes));
  return message;
}

}  // namespace

TensorMessage fp32_input(const std::string& name, const Tensor& tensor) {
  TensorMessage message;
  message.name = name;
  message.shape = tensor.shape;
  message.bytes = TensorBytes::borrow(
      {reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float)});
  return message;
}

std::vector<TensorMessage> wire_inputs(const NoisyActivation& noisy_activation,
                                       const ModelContract& contract) {
  const std::size_t wanted = contract.tensors.empty() ? 1 : contract.tensors.size();
  if (contract.inputs.size() != wanted) {
    fail(ErrorCode::kCorrupt, "the model has ", contract.inputs.size(), " inputs, its wire ",
         wanted);
  }
  if (contract.tensors.empty()) {
    return {fp32_input(contract.inputs.front(), noisy_activation.tensor())};
  }
  std::vector<TensorMessage> inputs;
  for (std::size_t i = 0; i < wanted; ++i) {
    inputs.push_back(coded(noisy_activation.tensor(), contract.tensors[i], contract.inputs[i]));
  }
  return inputs;
}

}  // namespace scrim
