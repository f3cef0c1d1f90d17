#include "dataops/http_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace scrim {
namespace {

// Listens on a port of this machine, and answers one connection if it is asked to.
class Listener {
 public:
  explicit Listener(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(socket_, 4), 0);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void answer(const std::string& text) const {
    const int peer = ::accept(socket_, nullptr, nullptr);
    char request[512];
    EXPECT_GT(::recv(peer, request, sizeof(request), 0), 0);
    EXPECT_EQ(::send(peer, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    ::close(peer);
  }

 private:
  int socket_;
};

TEST(HttpProbe, TellsTheStatus) {
  const std::uint16_t port = free_port();
  const Listener listener(port);
  for (const auto& [text, status] : {std::pair{"HTTP/1.1 200 OK\r\n\r\n", 200},
                                     {"HTTP/1.1 503 Service Unavailable\r\n\r\n", 503},
                                     {"SSH-2.0-x\r\n", 0},
                                     {"", 0}}) {
    std::thread server([&listener, text = text] { listener.answer(text); });
    EXPECT_EQ(http_status_of(port, "/v2/health/ready"), status) << text;
    server.join();
  }
}

TEST(HttpProbe, NothingAnswersOnAFreePort) {
  const std::uint16_t port = free_port();
  EXPECT_TRUE(is_port_free(port));
  EXPECT_EQ(http_status_of(port, "/"), 0);
  const Listener listener(port);
  EXPECT_FALSE(is_port_free(port));
}

}  // namespace
}  // namespace scrim
