#include "protocol/infer_response.h"

#include "base/check.h"
#include "protocol/message_document.h"
#include "protocol/request_error.h"
#include "protocol/request_json.h"

#include <algorithm>

namespace scrim {
namespace {

using rapidjson::Value;

[[noreturn]] void no_answer(const std::string& why) {
  fail(ErrorCode::kCorrupt, "the server's answer is not one to an inference: ", why);
}

// Reads the outputs; keeps how much of the binary part is taken.
class OutputReader {
 public:
  OutputReader(const MessageDocument& json, std::string_view binary)
      : json_(json), binary_(binary) {}

  TensorMessage read(const Value& output) {
    TensorMessage tensor;
    tensor.name = string_member(output, "name");
    const auto type = datatype_of(string_member(output, "datatype"));
    if (!type) no_answer("output '" + tensor.name + "' has a datatype that there is not");
    tensor.datatype = *type;
    read_shape(output, tensor);
    const Value* parameters = member(output, "parameters");
    const Value* size = parameters == nullptr ? nullptr : member(*parameters, "binary_data_size");
    if (size != nullptr) {
      read_binary(as_unsigned(*size, "Unable to parse 'binary_data_size'"), tensor);
    } else {
      const Value& data = array_member(output, "data");
      tensor.bytes = tensor_from_json(json_, data, tensor.name, tensor.datatype, count_);
    }
    return tensor;
  }

  bool done() const { return binary_.empty(); }

 private:
  void read_shape(const Value& output, TensorMessage& tensor) {
    for (const Value& one : array_member(output, "shape").GetArray()) {
      tensor.shape.push_back(static_cast<std::int64_t>(as_unsigned(one, "shape")));
    }
    const auto count = counted_elements(tensor.shape);
    if (!count) no_answer("output '" + tensor.name + "' has a shape that no tensor has");
    count_ = *count;
  }

  void read_binary(std::uint64_t size, TensorMessage& tensor) {
    const std::size_t element = element_bytes(tensor.datatype);
    const bool fits = element == 0 ||
                      (size % element == 0 && size / element == static_cast<std::uint64_t>(count_));
    if (size > binary_.size() || !fits) {
      no_answer("output '" + tensor.name + "' has another number of bytes than its shape");
    }
    tensor.bytes = TensorBytes::borrow(binary_.substr(0, size));
    tensor.binary = true;
    binary_.remove_prefix(size);
  }

  const MessageDocument& json_;
  std::string_view binary_;
  std::int64_t count_ = 0;  // elements of the output that is being read
};

InferResponse read_response(std::string_view body, std::size_t json_length) {
  const MessageDocument json(body.substr(0, json_length));
  const Value& document = json.root();
  InferResponse response;
  response.model_name = string_member(document, "model_name");
  response.model_version = string_member(document, "model_version");
  if (member(document, "id") != nullptr) response.id = string_member(document, "id");
  OutputReader reader(json, body.substr(json_length));
  for (const Value& output : array_member(document, "outputs").GetArray()) {
    response.outputs.push_back(reader.read(output));
  }
  if (!reader.done()) no_answer("bytes follow its last output");
  return response;
}

}  // namespace

InferResponse parse_infer_response(std::string_view body, std::optional<std::size_t> json_length) {
  if (json_length.value_or(0) > body.size()) no_answer("its JSON is cut off");
  try {
    return read_response(body, json_length.value_or(body.size()));
  } catch (const RequestError& error) {
    no_answer(error.what());
  }
}

std::optional<std::string> error_in(std::string_view body) {
  try {
    const RequestJson document = parse_request_json(body);
    if (member(document, "error") == nullptr) return std::nullopt;
    return string_member(document, "error");
  } catch (const RequestError&) {
    return std::nullopt;
  }
}

}  // namespace scrim
