// What is answered to a request that cannot be served, in the protocol's own terms.
#pragma once

#include <stdexcept>
#include <string>

namespace scrim {

// The protocol's codes. They do not map one to one onto ErrorCode: a body that is no JSON is the
// protocol's kInternal, and a client's tests ask for it.
enum class RequestFault {
  kInvalid,        // HTTP 400, gRPC INVALID_ARGUMENT
  kNotFound,       // 404, NOT_FOUND
  kRestricted,     // 403, UNAVAILABLE
  kUnprocessable,  // 422, FAILED_PRECONDITION: the obfuscation contract
  kInternal,       // 500, INTERNAL
  kUnsupported,    // 501, UNIMPLEMENTED
  kUnavailable,    // 503, UNAVAILABLE
};

int http_status(RequestFault fault);
// The number of grpc::StatusCode, which this library does not include.
int grpc_code(RequestFault fault);

// One sentence for the client. It holds no value of a tensor, no path and no address.
class RequestError : public std::runtime_error {
 public:
  RequestError(RequestFault fault, const std::string& message)
      : std::runtime_error(message), fault_(fault) {}
  RequestFault fault() const { return fault_; }

 private:
  RequestFault fault_;
};

[[noreturn]] void invalid_request(const std::string& message);

}  // namespace scrim
