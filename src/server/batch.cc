#include "server/batch.h"

#include "base/check.h"
#include "protocol/string_tensor.h"

namespace scrim {
namespace {

// Bytes of `count` strings at the start of `bytes`.
std::size_t string_bytes(std::string_view bytes, std::int64_t count) {
  std::string_view rest = bytes;
  for (std::int64_t i = 0; i < count; ++i) {
    check(take_string(rest).has_value(), "a string tensor ends early");
  }
  return bytes.size() - rest.size();
}

std::size_t bytes_of(std::string_view bytes, Datatype type, std::int64_t elements) {
  if (type == Datatype::kBytes) return string_bytes(bytes, elements);
  return static_cast<std::size_t>(elements) * element_bytes(type);
}

void check_output(TensorMessage& output, const TensorConfig& wanted, const ModelConfig& config,
                  std::int64_t batch) {
  const std::string what = sentence("output '", wanted.name, "' of model '", config.name, "' is ");
  if (output.datatype != wanted.datatype) {
    fail(ErrorCode::kInternal, what, name(output.datatype), " and should be ",
         name(wanted.datatype));
  }
  const auto elements = counted_elements(output.shape);
  const bool batched = config.max_batch_size > 0;
  if (!elements || (batched && (output.shape.empty() || output.shape[0] != batch))) {
    fail(ErrorCode::kInternal, what, "of shape ", shape_list(output.shape),
         " and should begin with the batch of ", batch);
  }
  const std::size_t expected = bytes_of(output.bytes.view(), output.datatype, *elements);
  if (output.bytes.view().size() != expected) {
    fail(ErrorCode::kInternal, what, output.bytes.view().size(), " bytes and should be ", expected);
  }
  output.name = wanted.name;
  if (!wanted.reshape) return;
  const std::size_t lead = batched ? 1 : 0;
  if (output.shape.size() != lead + wanted.reshape->size()) {
    fail(ErrorCode::kInternal, what, "of shape ", shape_list(output.shape),
         " and should be reshaped from ", shape_list(*wanted.reshape));
  }
  output.shape = reshaped(output.shape, lead, *wanted.reshape, wanted.dims);
}

}  // namespace

std::vector<TensorMessage> joined_inputs(std::vector<CheckedRequest*> requests) {
  std::vector<TensorMessage> inputs = std::move(requests.front()->inputs);
  if (requests.size() == 1) return inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::string bytes(inputs[i].bytes.view());
    for (std::size_t r = 1; r < requests.size(); ++r) {
      const TensorMessage& more = requests[r]->inputs[i];
      inputs[i].shape[0] += more.shape[0];
      bytes += more.bytes.view();
    }
    inputs[i].bytes = TensorBytes::own(std::move(bytes));
  }
  return inputs;
}

void check_outputs(std::vector<TensorMessage>& outputs, const ModelConfig& config,
                   std::int64_t batch) {
  if (outputs.size() != config.outputs.size()) {
    fail(ErrorCode::kInternal, "model '", config.name, "' has ", outputs.size(),
         " outputs and its config ", config.outputs.size());
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    check_output(outputs[i], config.outputs[i], config, batch);
  }
}

TensorMessage batch_slice(const TensorMessage& output, std::int64_t begin, std::int64_t count) {
  TensorMessage slice;
  slice.name = output.name;
  slice.datatype = output.datatype;
  slice.shape = output.shape;
  slice.shape.front() = count;
  const std::int64_t rows = output.shape.front();
  const std::int64_t row = rows == 0 ? 0 : *counted_elements(output.shape) / rows;
  std::string_view bytes = output.bytes.view();
  bytes.remove_prefix(bytes_of(bytes, output.datatype, begin * row));
  bytes = bytes.substr(0, bytes_of(bytes, output.datatype, count * row));
  slice.bytes = TensorBytes::own(std::string(bytes));
  return slice;
}

}  // namespace scrim
