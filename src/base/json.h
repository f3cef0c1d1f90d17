// JSON in and out, with our errors in place of the library's.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace scrim {

using Json = nlohmann::ordered_json;

// Parses `text`. Throws kCorrupt naming `what` and the byte, never the content.
Json parse_json(std::string_view text, const std::string& what);

}  // namespace scrim
