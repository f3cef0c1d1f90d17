// A request and its answer over HTTP, without sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scrim {

// What is known of a request before its body is read.
struct HttpHead {
  std::string method;  // "GET"
  std::string target;  // as it was sent: "/v2/models/simple?x=1"
  // Names in lower case; of a repeated one the first value.
  std::map<std::string, std::string, std::less<>> headers;

  // The value, or nothing.
  std::optional<std::string_view> header(std::string_view lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }
};

struct HttpRequest {
  HttpHead head;
  std::shared_ptr<const std::string> body;  // never null
  std::stop_token gone;                     // the caller has closed the connection
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

// What answers requests. Its functions are called from any thread.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  // What the body may have, judged by the head; or the answer to a request whose body is not even
  // read.
  struct Plan {
    std::uint64_t body_limit = 0;
    std::optional<HttpAnswer> refusal = {};
  };
  virtual Plan plan(const HttpHead& head) = 0;

  // The answer to a body of more than the limit.
  virtual HttpAnswer too_large(const HttpHead& head, std::uint64_t limit) = 0;

  // Calls `reply` exactly once, from any thread, maybe before it returns.
  virtual void handle(HttpRequest request, std::function<void(HttpAnswer)> reply) = 0;
};

}  // namespace scrim
