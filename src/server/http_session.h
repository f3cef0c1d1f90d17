// One connection: its requests one after the other.
#pragma once

#include "server/http_message.h"
#include "server/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <memory>

namespace scrim {

// What the connections of a server share.
struct HttpShared {
  HttpHandler& handler;
  const HttpServerOptions options;
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::size_t> unanswered = 0;  // requests that the handler still has
};

// A connection that closes when stop() is called, after the answer to what it has read.
class HttpSession {
 public:
  virtual ~HttpSession() = default;
  virtual void start() = 0;
  virtual void stop() = 0;
  virtual void abort() = 0;
};

// `tls` may be null. The socket's executor is a strand.
std::shared_ptr<HttpSession> make_session(boost::asio::ip::tcp::socket socket,
                                          boost::asio::ssl::context* tls,
                                          std::shared_ptr<HttpShared> shared);

}  // namespace scrim
