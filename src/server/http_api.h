// The protocol over HTTP: every route, answered by the service.
#pragma once

#include "server/http_message.h"
#include "server/http_route.h"
#include "server/permissions.h"
#include "server/service.h"

#include <cstdint>

namespace scrim {

struct HttpApiOptions {
  std::uint64_t max_input_bytes = std::uint64_t{64} << 20;  // of a body, and decompressed
  Permissions permissions = {};
};

// Calls that may take long (load, unload) are answered in the thread that asks.
class HttpApi : public HttpHandler {
 public:
  // `service` outlives this.
  HttpApi(Service& service, HttpApiOptions options) : service_(service), options_(options) {}

  Plan plan(const HttpHead& head) override;
  HttpAnswer too_large(const HttpHead& head, std::uint64_t limit) override;
  void handle(HttpRequest request, std::function<void(HttpAnswer)> reply) override;

 private:
  HttpAnswer answer(const RouteMatch& match, const HttpRequest& request);

  Service& service_;
  const HttpApiOptions options_;
};

}  // namespace scrim
