#include "protocol/infer_request.h"

#include "protocol/message_document.h"
#include "protocol/request_error.h"
#include "protocol/tensor_json.h"

#include <charconv>
#include <limits>
#include <set>

namespace scrim {
namespace {

using rapidjson::Value;

std::string text_of(const Value& string) { return {string.GetString(), string.GetStringLength()}; }

// A parameter that has no meaning of its own here.
Parameter free_parameter(const std::string& key, const Value& value) {
  if (value.IsBool()) return value.GetBool();
  if (value.IsInt64()) return value.GetInt64();
  if (value.IsUint64()) return value.GetUint64();
  if (value.IsDouble()) return value.GetDouble();
  if (value.IsString()) return text_of(value);
  invalid_request("parameter '" + key +
                  "' has invalid type. It should be either 'int', 'bool', or 'string'.");
}

void read_parameter(const std::string& key, const Value& value, InferRequest& request) {
  const std::string verb = "Unable to parse '" + key + "'";
  if (key == "priority") {
    request.priority = as_unsigned(value, verb);
  } else if (key == "timeout") {
    request.timeout_microseconds = as_unsigned(value, verb);
  } else if (key == "binary_data_output") {
    request.binary_outputs = as_bool(value, verb);
  } else if (key == "sequence_start" || key == "sequence_end") {
    request.parameters[key] = as_bool(value, verb);
  } else if (key == "headers") {
    // For header forwarding, which there is not.
  } else if (key.starts_with("triton_")) {
    refuse_reserved_parameter();
  } else {
    request.parameters[key] = free_parameter(key, value);
  }
}

void read_parameters(const Value& document, InferRequest& request) {
  const Value* parameters = member(document, "parameters");
  if (parameters == nullptr) return;
  if (!parameters->IsObject()) fail_as("Unable to parse 'parameters'", "object", "object");
  for (const auto& one : parameters->GetObject()) {
    read_parameter(text_of(one.name), one.value, request);
  }
}

// Where an input's elements are. Exactly one must be set.
void check_one_source(const Value& input) {
  constexpr const char* kBinary = "binary_data_size";
  constexpr const char* kShared = "shared_memory_region";
  const Value* parameters = member(input, "parameters");
  std::string set;
  if (member(input, "data") != nullptr) set += " 'data'";
  for (const char* key : {kBinary, kShared}) {
    if (parameters != nullptr && member(*parameters, key) != nullptr) {
      set += std::string(" '") + key + "'";
    }
  }
  const bool one = !set.empty() && set.find("' '") == std::string::npos;
  if (!one) {
    invalid_request(
        "Input must set only one of the following fields: 'data', 'binary_data_size' in "
        "'parameters', 'shared_memory_region' in 'parameters'. But " +
        (set.empty() ? "no field is set" : "set" + set));
  }
}

// The shape and how many elements it has: nothing without dimensions, because only the model knows
// whether a batch dimension is missing.
std::optional<std::int64_t> read_shape(const Value& input, TensorMessage& tensor) {
  for (const Value& one : array_member(input, "shape").GetArray()) {
    // Beyond the largest a dimension is negative, as in the reference server's sentence.
    tensor.shape.push_back(static_cast<std::int64_t>(as_unsigned(one, "Unable to parse 'shape'")));
  }
  const std::string shape =
      "invalid shape for input '" + tensor.name + "': shape " + shape_list(tensor.shape);
  for (const std::int64_t dimension : tensor.shape) {
    if (dimension < 0) invalid_request(shape + " contains one or more invalid dimensions");
  }
  const auto count = counted_elements(tensor.shape);
  if (!count) {
    invalid_request(shape + " causes total element count to exceed maximum size of " +
                    std::to_string(std::numeric_limits<std::int64_t>::max()));
  }
  return tensor.shape.empty() ? std::nullopt : count;
}

// Reads one request; keeps how much of the binary part is taken.
class Reader {
 public:
  Reader(const MessageDocument& json, std::string_view binary, std::string_view model)
      : json_(json), binary_(binary), model_(model) {}

  InferRequest read() {
    const Value& document = json_.root();
    if (member(document, "id") != nullptr) request_.id = string_member(document, "id");
    read_parameters(document, request_);
    for (const Value& input : array_member(document, "inputs").GetArray()) read_input(input);
    if (!binary_.empty()) {
      invalid_request("unexpected additional input data for model '" + std::string(model_) + "'");
    }
    if (member(document, "outputs") != nullptr) {
      for (const Value& output : array_member(document, "outputs").GetArray()) read_output(output);
    }
    return std::move(request_);
  }

 private:
  void read_input(const Value& input) {
    check_one_source(input);
    TensorMessage tensor;
    tensor.name = string_member(input, "name");
    const std::string datatype = string_member(input, "datatype");
    const auto type = datatype_of(datatype);
    if (!type) invalid_request("invalid datatype for input " + tensor.name);
    tensor.datatype = *type;
    const auto count = read_shape(input, tensor);
    if (!inputs_.insert(tensor.name).second) {
      refuse_second("input", tensor.name, request_.id);
    }
    if (const Value* data = member(input, "data")) {
      tensor.bytes = tensor_from_json(json_, *data, tensor.name, tensor.datatype, count);
    } else {
      read_binary(*member(input, "parameters"), tensor);
    }
    request_.inputs.push_back(std::move(tensor));
  }

  void read_binary(const Value& parameters, TensorMessage& tensor) {
    const Value* size_value = member(parameters, "binary_data_size");
    if (size_value == nullptr) refuse_shared_memory("input", tensor.name);
    const std::uint64_t size = as_unsigned(*size_value, "Unable to parse 'binary_data_size'");
    if (size > binary_.size()) {
      invalid_request("unexpected size for input '" + tensor.name + "', expecting " +
                      std::to_string(size - binary_.size()) + " additional bytes for model '" +
                      std::string(model_) + "'");
    }
    tensor.bytes = TensorBytes::borrow(binary_.substr(0, size));
    tensor.binary = true;
    binary_.remove_prefix(size);
  }

  void read_output(const Value& output) {
    RequestedOutput wanted;
    wanted.name = string_member(output, "name");
    if (const Value* parameters = member(output, "parameters")) {
      if (const Value* classes = member(*parameters, "classification")) {
        const std::uint64_t count = as_unsigned(*classes, "Unable to set 'classification'");
        wanted.classes = static_cast<std::int64_t>(
            std::min<std::uint64_t>(count, std::numeric_limits<std::int32_t>::max()));
      }
      if (const Value* binary = member(*parameters, "binary_data")) {
        wanted.binary = as_bool(*binary, "Unable to set 'binary_data'");
      }
    }
    if (!outputs_.insert(wanted.name).second) {
      refuse_second("output", wanted.name, request_.id);
    }
    request_.outputs.push_back(std::move(wanted));
  }

  const MessageDocument& json_;
  std::string_view binary_, model_;
  InferRequest request_;
  std::set<std::string> inputs_, outputs_;
};

}  // namespace

std::size_t json_length_of(std::string_view text, std::size_t body) {
  std::int64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    invalid_request("Unable to parse Inference-Header-Content-Length, got: " +
                    (text.empty() ? " " : std::string(text.substr(0, 64))));
  }
  if (error == std::errc::result_out_of_range || length < kLeast || length > kMost) {
    invalid_request("Unable to parse Inference-Header-Content-Length, value is out of range [ " +
                    std::to_string(kLeast) + ", " + std::to_string(kMost) +
                    " ], got: " + std::string(text.substr(0, 64)));
  }
  if (length < 0 || static_cast<std::uint64_t>(length) > body) {
    invalid_request("inference header size should be in range (0, " + std::to_string(body) +
                    "), got: " + std::to_string(length));
  }
  return static_cast<std::size_t>(length);
}

InferRequest parse_infer_request(std::string_view body, std::optional<std::size_t> json_length,
                                 std::string_view model) {
  const std::size_t length = std::min(json_length.value_or(body.size()), body.size());
  const MessageDocument json(body.substr(0, length));
  return Reader(json, body.substr(length), model).read();
}

std::string request_prefix(const std::string& id) {
  return "[request id: " + (id.empty() ? "<id_unknown>" : id) + "] ";
}

void refuse_reserved_parameter() {
  invalid_request(
      "parameter keys starting with 'triton_' are reserved for Triton usage and should not be "
      "specified.");
}

void refuse_second(const char* what, const std::string& name, const std::string& id) {
  invalid_request(request_prefix(id) + what + " '" + name + "' already exists in request");
}

void refuse_shared_memory(const char* what, const std::string& name) {
  throw RequestError(RequestFault::kUnsupported, std::string(what) + " '" + name +
                                                     "' is in shared memory, which is not served");
}

}  // namespace scrim
