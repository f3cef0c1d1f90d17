// An inference's answer as it travels over HTTP.
#pragma once

#include "protocol/message_json.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scrim {

// Compact, in the reference server's order of keys. Throws RequestError for an output that JSON
// cannot carry.
HttpBody format_infer_response(const InferResponse& response,
                               FloatDigits digits = FloatDigits::kOfDouble);

// The body of an error: {"error":"..."}.
std::string format_error(std::string_view message);

// The other end. The answer in `body`, whose first `json_length` bytes are JSON (all without a
// value); binary outputs borrow from it, and it must outlive them. Throws kCorrupt, in a sentence
// without a value of the answer, for what is no answer to an inference.
InferResponse parse_infer_response(std::string_view body, std::optional<std::size_t> json_length);

// What the body of an error says, or nothing if it is no such body.
std::optional<std::string> error_in(std::string_view body);

}  // namespace scrim
