// What a parser may throw for the bytes of a stranger; anything else ends a fuzz target.
#pragma once

#include <scrim/status.h>

#include "protocol/request_error.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace scrim {

// Runs the parser; true if it took the bytes. An internal error is a finding.
template <typename Parse>
bool takes(const Parse& parse) {
  try {
    parse();
    return true;
  } catch (const RequestError&) {
    return false;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInternal) return false;
    std::fprintf(stderr, "internal error: %s\n", error.what());
    std::abort();
  }
}

// Ends the target: what was read and written again is not what was read.
inline void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace scrim
