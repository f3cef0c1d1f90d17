// The time of day, as manifests and reports write it.
#pragma once

#include <chrono>
#include <string>

namespace scrim {

// UTC to the second, RFC 3339: "2024-05-01T12:34:56Z".
std::string rfc3339(std::chrono::system_clock::time_point time);
std::string rfc3339_now();

// The moment, to the second; fractions are cut off, and an offset ("+02:00") is taken into account.
// Throws kCorrupt for what is none.
std::chrono::system_clock::time_point parse_rfc3339(const std::string& text);

}  // namespace scrim
