// Refusing a config: sentences that name the model, the field and its value, and stay one line.
#pragma once

#include "base/check.h"

#include <string>

namespace scrim {

// A text of the config in quotes: what is not printable ASCII as '?', and at most 64 characters.
std::string shown(const std::string& text);

template <typename... Parts>
[[noreturn]] void invalid(const std::string& model, const Parts&... parts) {
  fail(ErrorCode::kInvalidArgument, "model '", model, "': ", parts...);
}

// Of a field that is understood, and would change answers if it were left out.
[[noreturn]] inline void unserved(const std::string& model, const std::string& field) {
  fail(ErrorCode::kUnsupported, "model '", model, "': ", field, " is not served here");
}

}  // namespace scrim
