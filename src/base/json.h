// JSON in and out, with our errors in place of the library's.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace scrim {

using Json = nlohmann::ordered_json;
// Objects sorted by key: an object of n keys takes n log n, where the ordered kind takes n^2. For
// files of strangers, who choose n.
using SortedJson = nlohmann::json;

// Nesting deeper than this is refused, so that brackets alone cannot exhaust memory.
constexpr int kMaxJsonDepth = 64;

// Parses `text`. Throws kCorrupt naming `what` and the byte, never the content, when it is not
// JSON, when an object has a key twice, or when it is nested too deep.
Json parse_json(std::string_view text, const std::string& what);
SortedJson parse_sorted_json(std::string_view text, const std::string& what);

}  // namespace scrim
