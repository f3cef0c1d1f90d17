// The one exception type of Scrim, its codes, and the version of the library.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace scrim {

// What went wrong, and whose turn it is. docs/errors.md lists what to do about each.
enum class ErrorCode {
  kInvalidArgument,  // the caller's value is wrong; the message names it, the value and the limit
  kNotFound,         // no such file, model, version, module, volume
  kCorrupt,          // the bytes are not what the format says
  kUnsupported,      // valid, but not something we do
  kUnavailable,      // try later: overload, device, full disk, cluster
  kRefused,          // a contract or a policy forbids it
  kInternal,         // a bug; please report
};

// A code and one sentence for a person. The sentence holds no data of a request or a picture.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// The process exit code for an error: 2 to 7, or 70 for kInternal.
int exit_code(ErrorCode code);

// The HTTP status for an error: 400, 404, 422, 500, 501 or 503.
int http_status(ErrorCode code);

// The code as it is written in JSON and logs: "invalid_argument", "not_found", ...
std::string_view name(ErrorCode code);

// The version of the library, as in "0.1.0".
std::string_view version();

}  // namespace scrim
