// The parts of a message's JSON that requests and answers share.
#pragma once

#include "protocol/message.h"
#include "protocol/tensor_json.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

// JSON, then the bytes of the binary tensors in their order.
struct HttpBody {
  std::string bytes;
  // Of the JSON part; nothing if no byte of binary follows, and then all is JSON.
  std::optional<std::size_t> json_length;
};

void write_text(JsonWriter& writer, std::string_view text);
void write_key(JsonWriter& writer, std::string_view key);

// The member "parameters"; nothing where there are none.
void write_parameters(JsonWriter& writer, const Parameters& parameters);

// One of "inputs" or "outputs". Throws RequestError for a tensor that JSON cannot carry.
void write_tensor(JsonWriter& writer, const TensorMessage& tensor, FloatDigits digits);

// Room for a message of these tensors, so that it need not grow: more than they mostly take.
std::size_t message_room(std::span<const TensorMessage> tensors, FloatDigits digits);

// The JSON with what travels behind it.
HttpBody with_binary(std::string json, std::span<const TensorMessage> tensors);

}  // namespace scrim
