// Calls over HTTP to one server: connections that are kept, limits, TLS.
#pragma once

#include <scrim/client.h>

#include "transfer/server_url.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace scrim {

struct HttpReply {
  long status = 0;
  std::optional<std::string> json_length;  // Inference-Header-Content-Length
  std::string body;
};

// Threads may share one.
class HttpCaller {
 public:
  // Throws kRefused for plain HTTP beyond this machine without permission.
  HttpCaller(ServerUrl url, const ClientOptions& options);
  ~HttpCaller();
  HttpCaller(const HttpCaller&) = delete;
  HttpCaller& operator=(const HttpCaller&) = delete;

  // Whatever the status is. Throws kUnavailable, kRefused (TLS) or kCorrupt (an answer beyond the
  // limit). A connection that fails is tried again as often as the options say.
  HttpReply get(const std::string& path);

  // The same, and sent once. `json_length` is of the JSON part; nothing where all of it is JSON.
  HttpReply post(const std::string& path, const std::string& body,
                 std::optional<std::size_t> json_length);

  const std::string& host() const { return url_.host; }

 private:
  class Connection;
  HttpReply call(const std::string& path, const std::string* body,
                 std::optional<std::size_t> json_length);
  std::unique_ptr<Connection> take();

  const ServerUrl url_;
  const ClientOptions& options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace scrim
