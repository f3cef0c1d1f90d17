// An inference's answer as it leaves over HTTP.
#pragma once

#include "protocol/message.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scrim {

// JSON, then the bytes of the binary outputs in their order.
struct HttpBody {
  std::string bytes;
  // Of the JSON part; nothing if no byte of binary follows, and then all is JSON.
  std::optional<std::size_t> json_length;
};

// Compact, in the reference server's order of keys. Throws RequestError for an output that JSON
// cannot carry.
HttpBody format_infer_response(const InferResponse& response);

// The body of an error: {"error":"..."}.
std::string format_error(std::string_view message);

}  // namespace scrim
