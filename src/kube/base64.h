// Bytes as the text that YAML and JSON carry them in.
#pragma once

#include <string>
#include <string_view>

namespace scrim {

// The bytes of standard base64 (RFC 4648, 4), which white space may divide into lines. Throws
// kCorrupt, naming `what` and not the text.
std::string from_base64(std::string_view text, const std::string& what);

}  // namespace scrim
