// A handler that answers with method, path and body.
#pragma once

#include "server/http_message.h"

#include <atomic>
#include <string>

namespace scrim {

class EchoHandler : public HttpHandler {
 public:
  Plan plan(const HttpHead& head) override {
    if (head.target == "/refused") return {0, HttpAnswer{403, "text/plain", {}, "refused"}};
    return {body_limit, {}};
  }
  HttpAnswer too_large(const HttpHead&, std::uint64_t limit) override {
    return {400, "text/plain", {}, "more than " + std::to_string(limit)};
  }
  void handle(HttpRequest request, std::function<void(HttpAnswer)> reply) override {
    ++handled;
    if (on_request) return on_request(std::move(request), std::move(reply));
    reply({200,
           "text/plain",
           {{"X-Own", "1"}},
           request.head.method + " " + request.head.target + " " + *request.body});
  }

  std::uint64_t body_limit = 1000;
  std::atomic<int> handled = 0;
  std::function<void(HttpRequest, std::function<void(HttpAnswer)>)> on_request;
};

}  // namespace scrim
