// Bytes of a connection: heads, chunks and bodies, as many requests as there are, over a pair of
// sockets.
#include "refusals.h"
#include "server/http_session.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <sys/socket.h>
#include <unistd.h>

using namespace scrim;

namespace {

class LengthHandler : public HttpHandler {
 public:
  Plan plan(const HttpHead& head) override {
    if (head.target == "/refused") return {0, HttpAnswer{403, "text/plain", {}, "refused"}};
    return {4096, {}};
  }
  HttpAnswer too_large(const HttpHead&, std::uint64_t) override {
    return {400, "text/plain", {}, "too large"};
  }
  void handle(HttpRequest request, std::function<void(HttpAnswer)> reply) override {
    must(request.body->size() <= 4096, "a body's limit");
    must(request.head.headers.size() <= 100, "the limit of headers");
    reply({200, "text/plain", {}, std::to_string(request.body->size())});
  }
};

void write_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static LengthHandler handler;
  int ends[2];
  must(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a socket pair");
  boost::asio::io_context context(1);
  const std::shared_ptr<HttpShared> shared(new HttpShared{handler, {}});
  {
    boost::asio::ip::tcp::socket socket(boost::asio::make_strand(context),
                                        boost::asio::ip::tcp::v4(), ends[0]);
    make_session(std::move(socket), nullptr, shared)->start();
  }
  write_all(ends[1], text_of(data, size));
  ::shutdown(ends[1], SHUT_WR);
  context.run();
  must(shared->connections == 0, "a connection that ends");
  ::close(ends[1]);
  return 0;
}
