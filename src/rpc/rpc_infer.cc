#include "rpc/rpc_infer.h"

#include "protocol/infer_request.h"
#include "protocol/request_error.h"
#include "protocol/string_tensor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace scrim {
namespace {

using inference::InferParameter;
using inference::InferTensorContents;
using InputMessage = inference::ModelInferRequest::InferInputTensor;
using OutputMessage = inference::ModelInferRequest::InferRequestedOutputTensor;

[[noreturn]] void wrong_parameter(const std::string& key, const char* expected) {
  invalid_request("invalid value type for '" + key + "' parameter, expected " + expected + ".");
}

std::uint64_t unsigned_parameter(const std::string& key, const InferParameter& value) {
  if (value.has_uint64_param()) return value.uint64_param();
  if (!value.has_int64_param()) wrong_parameter(key, "int64_param");
  if (value.int64_param() < 0) {
    invalid_request("invalid value for '" + key + "', expected value >= 0.");
  }
  return static_cast<std::uint64_t>(value.int64_param());
}

bool bool_parameter(const std::string& key, const InferParameter& value) {
  if (!value.has_bool_param()) wrong_parameter(key, "bool_param");
  return value.bool_param();
}

Parameter free_parameter(const std::string& key, const InferParameter& value) {
  switch (value.parameter_choice_case()) {
    case InferParameter::kBoolParam:
      return value.bool_param();
    case InferParameter::kInt64Param:
      return value.int64_param();
    case InferParameter::kUint64Param:
      return value.uint64_param();
    case InferParameter::kDoubleParam:
      return value.double_param();
    case InferParameter::kStringParam:
      return value.string_param();
    case InferParameter::PARAMETER_CHOICE_NOT_SET:
      break;
  }
  invalid_request("parameter '" + key + "' has no value");
}

void read_parameter(const std::string& key, const InferParameter& value, InferRequest& request) {
  if (key == "priority") {
    request.priority = unsigned_parameter(key, value);
  } else if (key == "timeout") {
    request.timeout_microseconds = unsigned_parameter(key, value);
  } else if (key == "sequence_start" || key == "sequence_end" || key == kFinalResponseWanted) {
    request.parameters[key] = bool_parameter(key, value);
  } else if (key.starts_with("triton_")) {
    refuse_reserved_parameter();
  } else {
    request.parameters[key] = free_parameter(key, value);
  }
}

// The types that a message has a field for: how the field's own type is called, and which types of
// a tensor it may hold.
enum class Field { kBool, kInt, kInt64, kUint, kUint64, kFp32, kFp64, kBytes };

struct FieldRow {
  Field field;
  const char* type;
  int size;
};

std::array<FieldRow, 8> fields_of(const InferTensorContents& contents) {
  return {{{Field::kBool, "BOOL", contents.bool_contents_size()},
           {Field::kInt, "INT32", contents.int_contents_size()},
           {Field::kInt64, "INT64", contents.int64_contents_size()},
           {Field::kUint, "UINT32", contents.uint_contents_size()},
           {Field::kUint64, "UINT64", contents.uint64_contents_size()},
           {Field::kFp32, "FP32", contents.fp32_contents_size()},
           {Field::kFp64, "FP64", contents.fp64_contents_size()},
           {Field::kBytes, "BYTES", contents.bytes_contents_size()}}};
}

std::optional<Field> field_of(Datatype type) {
  switch (type) {
    case Datatype::kBool:
      return Field::kBool;
    case Datatype::kInt8:
    case Datatype::kInt16:
    case Datatype::kInt32:
      return Field::kInt;
    case Datatype::kInt64:
      return Field::kInt64;
    case Datatype::kUint8:
    case Datatype::kUint16:
    case Datatype::kUint32:
      return Field::kUint;
    case Datatype::kUint64:
      return Field::kUint64;
    case Datatype::kFp32:
      return Field::kFp32;
    case Datatype::kFp64:
      return Field::kFp64;
    case Datatype::kBytes:
      return Field::kBytes;
    case Datatype::kFp16:
    case Datatype::kBf16:
    case Datatype::kInvalid:
      break;
  }
  return std::nullopt;
}

template <typename Element, typename Values>
std::string packed(const Values& values, const InputMessage& input) {
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(values.size()) * sizeof(Element));
  for (const auto value : values) {
    const auto element = static_cast<Element>(value);
    if (static_cast<decltype(value)>(element) != value && !std::isnan(static_cast<double>(value))) {
      invalid_request("an element of input '" + input.name() + "' is out of the range of " +
                      input.datatype());
    }
    bytes.append(reinterpret_cast<const char*>(&element), sizeof(element));
  }
  return bytes;
}

std::string packed_strings(const InferTensorContents& contents) {
  std::string bytes;
  for (const std::string& element : contents.bytes_contents()) append_string(bytes, element);
  return bytes;
}

std::string packed_as(Datatype type, const InputMessage& input) {
  const InferTensorContents& contents = input.contents();
  switch (type) {
    case Datatype::kBool:
      return packed<bool>(contents.bool_contents(), input);
    case Datatype::kInt8:
      return packed<std::int8_t>(contents.int_contents(), input);
    case Datatype::kInt16:
      return packed<std::int16_t>(contents.int_contents(), input);
    case Datatype::kInt32:
      return packed<std::int32_t>(contents.int_contents(), input);
    case Datatype::kInt64:
      return packed<std::int64_t>(contents.int64_contents(), input);
    case Datatype::kUint8:
      return packed<std::uint8_t>(contents.uint_contents(), input);
    case Datatype::kUint16:
      return packed<std::uint16_t>(contents.uint_contents(), input);
    case Datatype::kUint32:
      return packed<std::uint32_t>(contents.uint_contents(), input);
    case Datatype::kUint64:
      return packed<std::uint64_t>(contents.uint64_contents(), input);
    case Datatype::kFp32:
      return packed<float>(contents.fp32_contents(), input);
    case Datatype::kFp64:
      return packed<double>(contents.fp64_contents(), input);
    case Datatype::kBytes:
      return packed_strings(contents);
    case Datatype::kFp16:
    case Datatype::kBf16:
    case Datatype::kInvalid:
      break;
  }
  return {};
}

// Reads one message; keeps how many of the raw contents are taken.
class Reader {
 public:
  explicit Reader(const inference::ModelInferRequest& message)
      : message_(message), of_model_(" for model '" + message.model_name() + "'") {}

  InferRequest read() {
    request_.id = message_.id();
    for (const auto& [key, value] : message_.parameters()) read_parameter(key, value, request_);
    for (const InputMessage& input : message_.inputs()) read_input(input);
    if (raw_taken_ < message_.raw_input_contents_size()) {
      invalid_request("there are " + std::to_string(message_.raw_input_contents_size()) +
                      " raw_input_contents and only " + std::to_string(raw_taken_) +
                      " inputs that take one" + of_model_);
    }
    for (const OutputMessage& output : message_.outputs()) read_output(output);
    request_.binary_outputs = true;
    return std::move(request_);
  }

 private:
  void read_input(const InputMessage& input) {
    if (!inputs_.insert(input.name()).second) {
      refuse_second("input", input.name(), request_.id);
    }
    if (input.parameters().contains("shared_memory_region")) {
      refuse_shared_memory("input", input.name());
    }
    TensorMessage tensor;
    tensor.name = input.name();
    tensor.datatype = datatype_of(input.datatype()).value_or(Datatype::kInvalid);
    tensor.shape.assign(input.shape().begin(), input.shape().end());
    tensor.binary = true;
    if (message_.raw_input_contents_size() > 0) {
      tensor.bytes = raw_bytes(input);
    } else {
      tensor.bytes = typed_bytes(input, tensor.datatype);
    }
    request_.inputs.push_back(std::move(tensor));
  }

  TensorBytes raw_bytes(const InputMessage& input) {
    if (input.has_contents()) {
      invalid_request("contents field must not be specified when using raw_input_contents for '" +
                      input.name() + "'" + of_model_);
    }
    if (raw_taken_ == message_.raw_input_contents_size()) no_data(input);
    return TensorBytes::borrow(message_.raw_input_contents(raw_taken_++));
  }

  TensorBytes typed_bytes(const InputMessage& input, Datatype type) const {
    if (!input.has_contents()) no_data(input);
    if (type == Datatype::kInvalid) return {};  // the check against the model names it
    const auto wanted = field_of(type);
    for (const FieldRow& row : fields_of(input.contents())) {
      if (row.size == 0 || row.field == wanted) continue;
      invalid_request("unexpected explicit tensor data for input tensor '" + input.name() + "'" +
                      of_model_ + " of type '" + row.type + "', expected datatype '" +
                      input.datatype() + "'");
    }
    return TensorBytes::own(packed_as(type, input));
  }

  [[noreturn]] void no_data(const InputMessage& input) const {
    invalid_request("unable to find data for input tensor '" + input.name() + "'" + of_model_ +
                    " in request.");
  }

  void read_output(const OutputMessage& output) {
    if (!outputs_.insert(output.name()).second) {
      refuse_second("output", output.name(), request_.id);
    }
    RequestedOutput wanted;
    wanted.name = output.name();
    wanted.binary = true;
    for (const auto& [key, value] : output.parameters()) {
      if (key == "shared_memory_region") refuse_shared_memory("output", output.name());
      if (key != "classification") continue;
      wanted.classes = static_cast<std::int64_t>(std::min<std::uint64_t>(
          unsigned_parameter(key, value), std::numeric_limits<std::int32_t>::max()));
    }
    request_.outputs.push_back(std::move(wanted));
  }

  const inference::ModelInferRequest& message_;
  const std::string of_model_;
  InferRequest request_;
  std::set<std::string> inputs_, outputs_;
  int raw_taken_ = 0;
};

InferParameter message_of(const Parameter& parameter) {
  InferParameter message;
  if (const auto* flag = std::get_if<bool>(&parameter)) message.set_bool_param(*flag);
  if (const auto* number = std::get_if<std::int64_t>(&parameter)) message.set_int64_param(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&parameter)) {
    message.set_uint64_param(*number);
  }
  if (const auto* number = std::get_if<double>(&parameter)) message.set_double_param(*number);
  if (const auto* text = std::get_if<std::string>(&parameter)) message.set_string_param(*text);
  return message;
}

}  // namespace

InferRequest infer_request_of(const inference::ModelInferRequest& message) {
  return Reader(message).read();
}

inference::ModelInferResponse message_of(InferResponse response) {
  inference::ModelInferResponse message;
  message.set_model_name(response.model_name);
  message.set_model_version(response.model_version);
  message.set_id(response.id);
  for (const auto& [key, value] : response.parameters) {
    (*message.mutable_parameters())[key] = message_of(value);
  }
  for (TensorMessage& tensor : response.outputs) {
    auto& output = *message.add_outputs();
    output.set_name(tensor.name);
    output.set_datatype(std::string(name(tensor.datatype)));
    output.mutable_shape()->Assign(tensor.shape.begin(), tensor.shape.end());
    for (const auto& [key, value] : tensor.parameters) {
      (*output.mutable_parameters())[key] = message_of(value);
    }
    *message.add_raw_output_contents() = std::move(tensor.bytes).take();
  }
  return message;
}

}  // namespace scrim
