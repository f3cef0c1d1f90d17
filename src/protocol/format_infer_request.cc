#include "protocol/infer_request.h"

namespace scrim {
namespace {

void write_output(JsonWriter& writer, const RequestedOutput& output) {
  writer.StartObject();
  write_key(writer, "name");
  write_text(writer, output.name);
  Parameters parameters;
  if (output.binary) parameters["binary_data"] = true;
  if (output.classes > 0) parameters["classification"] = output.classes;
  write_parameters(writer, parameters);
  writer.EndObject();
}

}  // namespace

HttpBody format_infer_request(const InferRequest& request) {
  JsonText text(message_room(request.inputs, FloatDigits::kNine));
  JsonWriter writer(text);
  writer.StartObject();
  if (!request.id.empty()) {
    write_key(writer, "id");
    write_text(writer, request.id);
  }
  Parameters parameters = request.parameters;
  if (request.priority > 0) parameters["priority"] = request.priority;
  if (request.timeout_microseconds > 0) parameters["timeout"] = request.timeout_microseconds;
  if (request.binary_outputs) parameters["binary_data_output"] = true;
  write_parameters(writer, parameters);
  write_key(writer, "inputs");
  writer.StartArray();
  for (const TensorMessage& input : request.inputs) {
    write_tensor(writer, input, FloatDigits::kNine);
  }
  writer.EndArray();
  if (!request.outputs.empty()) {
    write_key(writer, "outputs");
    writer.StartArray();
    for (const RequestedOutput& output : request.outputs) write_output(writer, output);
    writer.EndArray();
  }
  writer.EndObject();
  return with_binary(std::move(text).take(), request.inputs);
}

}  // namespace scrim
