#include "protocol/infer_response.h"

namespace scrim {

HttpBody format_infer_response(const InferResponse& response, FloatDigits digits) {
  JsonText text(message_room(response.outputs, digits));
  JsonWriter writer(text);
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
  for (const TensorMessage& output : response.outputs) write_tensor(writer, output, digits);
  writer.EndArray();
  writer.EndObject();
  return with_binary(std::move(text).take(), response.outputs);
}

std::string format_error(std::string_view message) {
  JsonText text;
  JsonWriter writer(text);
  writer.StartObject();
  write_key(writer, "error");
  write_text(writer, message);
  writer.EndObject();
  return std::move(text).take();
}

}  // namespace scrim
