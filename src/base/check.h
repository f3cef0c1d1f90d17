// Guard clauses: check a caller's value, or fail with a code and a sentence.
#pragma once

#include <scrim/status.h>

#include <sstream>

namespace scrim {

// The parts as one sentence, streamed in order.
template <typename... Parts>
std::string sentence(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

template <typename... Parts>
[[noreturn]] void fail(ErrorCode code, const Parts&... parts) {
  throw Error(code, sentence(parts...));
}

// Throws kInvalidArgument with the sentence unless the condition holds. The sentence names the
// thing, the value and the limit.
template <typename... Parts>
void check(bool condition, const Parts&... parts) {
  if (!condition) fail(ErrorCode::kInvalidArgument, parts...);
}

}  // namespace scrim
