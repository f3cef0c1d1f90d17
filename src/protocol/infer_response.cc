#include "protocol/infer_response.h"

#include "protocol/tensor_json.h"

#include <type_traits>

namespace scrim {
namespace {

void write_text(JsonWriter& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_key(JsonWriter& writer, std::string_view key) {
  writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

void write_parameter(JsonWriter& writer, const Parameter& parameter) {
  std::visit(
      [&writer](const auto& value) {
        using Type = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Type, bool>) {
          writer.Bool(value);
        } else if constexpr (std::is_same_v<Type, std::int64_t>) {
          writer.Int64(value);
        } else if constexpr (std::is_same_v<Type, std::uint64_t>) {
          writer.Uint64(value);
        } else if constexpr (std::is_same_v<Type, double>) {
          writer.Double(value);
        } else {
          write_text(writer, value);
        }
      },
      parameter);
}

// Nothing where there are none.
void write_parameters(JsonWriter& writer, const Parameters& parameters) {
  if (parameters.empty()) return;
  write_key(writer, "parameters");
  writer.StartObject();
  for (const auto& [key, value] : parameters) {
    write_key(writer, key);
    write_parameter(writer, value);
  }
  writer.EndObject();
}

void write_output(JsonWriter& writer, const TensorMessage& output) {
  writer.StartObject();
  write_key(writer, "name");
  write_text(writer, output.name);
  write_key(writer, "datatype");
  write_text(writer, name(output.datatype));
  write_key(writer, "shape");
  writer.StartArray();
  for (const std::int64_t dimension : output.shape) writer.Int64(dimension);
  writer.EndArray();
  Parameters parameters = output.parameters;
  if (output.binary) {
    parameters["binary_data_size"] = std::uint64_t{output.bytes.view().size()};
  }
  write_parameters(writer, parameters);
  if (!output.binary) {
    write_key(writer, "data");
    tensor_to_json(output, writer);
  }
  writer.EndObject();
}

}  // namespace

HttpBody format_infer_response(const InferResponse& response) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  if (!response.id.empty()) {
    write_key(writer, "id");
    write_text(writer, response.id);
  }
  write_key(writer, "model_name");
  write_text(writer, response.model_name);
  write_key(writer, "model_version");
  write_text(writer, response.model_version);
  write_parameters(writer, response.parameters);
  write_key(writer, "outputs");
  writer.StartArray();
  for (const TensorMessage& output : response.outputs) write_output(writer, output);
  writer.EndArray();
  writer.EndObject();

  std::size_t binary = 0;
  for (const TensorMessage& output : response.outputs) {
    if (output.binary) binary += output.bytes.view().size();
  }
  HttpBody body;
  if (binary > 0) body.json_length = buffer.GetSize();
  body.bytes.reserve(buffer.GetSize() + binary);
  body.bytes.assign(buffer.GetString(), buffer.GetSize());
  for (const TensorMessage& output : response.outputs) {
    if (output.binary) body.bytes += output.bytes.view();
  }
  return body;
}

std::string format_error(std::string_view message) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "error");
  write_text(writer, message);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace scrim
