#include "protocol/message_json.h"

#include <type_traits>

namespace scrim {
namespace {

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

}  // namespace

void write_text(JsonWriter& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_key(JsonWriter& writer, std::string_view key) {
  writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

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

void write_tensor(JsonWriter& writer, const TensorMessage& tensor, FloatDigits digits) {
  writer.StartObject();
  write_key(writer, "name");
  write_text(writer, tensor.name);
  write_key(writer, "datatype");
  write_text(writer, name(tensor.datatype));
  write_key(writer, "shape");
  writer.StartArray();
  for (const std::int64_t dimension : tensor.shape) writer.Int64(dimension);
  writer.EndArray();
  Parameters parameters = tensor.parameters;
  if (tensor.binary) {
    parameters["binary_data_size"] = std::uint64_t{tensor.bytes.view().size()};
  }
  write_parameters(writer, parameters);
  if (!tensor.binary) {
    write_key(writer, "data");
    tensor_to_json(tensor, writer, digits);
  }
  writer.EndObject();
}

std::size_t message_room(std::span<const TensorMessage> tensors, FloatDigits digits) {
  constexpr std::size_t kOfElement = 21;  // "-0.12345678901234567,"
  constexpr std::size_t kOfNine = 15;     // "-0.00123456789,"
  constexpr std::size_t kOfTensor = 1024;
  std::size_t room = kOfTensor;
  for (const TensorMessage& tensor : tensors) {
    const std::size_t bytes = tensor.bytes.view().size(), element = element_bytes(tensor.datatype);
    const bool nine = tensor.datatype == Datatype::kFp32 && digits == FloatDigits::kNine;
    room += kOfTensor;
    if (tensor.binary) {
      room += bytes;
    } else if (element > 0) {
      room += bytes / element * (nine ? kOfNine : kOfElement);
    }
  }
  return room;
}

HttpBody with_binary(std::string json, std::span<const TensorMessage> tensors) {
  HttpBody body{std::move(json), std::nullopt};
  const std::size_t length = body.bytes.size();
  for (const TensorMessage& tensor : tensors) {
    if (tensor.binary) body.bytes += tensor.bytes.view();
  }
  if (body.bytes.size() > length) body.json_length = length;
  return body;
}

}  // namespace scrim
