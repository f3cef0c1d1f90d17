// Bytes as the text that YAML and JSON carry them in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

// Standard base64 (RFC 4648, 4), in one line.
std::string to_base64(std::span<const std::uint8_t> bytes);
std::string to_base64(std::string_view bytes);

// The bytes of standard base64 (RFC 4648, 4), which white space may divide into lines. Throws
// kCorrupt, naming `what` and not the text.
std::string from_base64(std::string_view text, const std::string& what);

}  // namespace scrim
