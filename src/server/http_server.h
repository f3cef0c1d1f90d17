// The sockets behind an HttpHandler: HTTP/1.1 with keep-alive, limits on everything that a stranger
// chooses, and TLS.
#pragma once

#include "server/http_message.h"
#include "server/tls_options.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace scrim {

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 for any free one
  int threads = 2;         // that read and write; models have their own
  std::optional<TlsOptions> tls = {};
  // below: limits
  std::size_t max_connections = 1024;
  std::uint32_t max_header_bytes = 16 << 10;
  std::size_t max_headers = 100;
  std::size_t max_chunks = 65'536;
  std::chrono::seconds idle_time{60};  // for the next request's head to be there
  std::chrono::seconds body_time{60};  // for a body, and for an answer to be taken
};

// Threads may share one.
class HttpServer {
 public:
  // Listens from here on. `handler` outlives the server. Throws kInvalidArgument for an address or
  // certificate that is none, kUnavailable for a port that is taken.
  HttpServer(HttpHandler& handler, HttpServerOptions options);
  // As stop(0).
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;

  // Takes no more connections, answers the requests that have been read, each on its last answer of
  // the connection, and returns when all is closed or, after the limit, closes it.
  void stop(std::chrono::milliseconds limit);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scrim
