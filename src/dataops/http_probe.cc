#include "dataops/http_probe.h"

#include "base/check.h"
#include "base/descriptor.h"
#include "base/hash.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>

namespace scrim {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A socket that is bound to the port, or an invalid descriptor.
Descriptor bound_to(std::uint16_t port) {
  const int number = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;  // as servers do: a port whose last connection just ended is free
  ::setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const sockaddr_in address = loopback(port);
  if (number >= 0 &&
      ::bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(number);
    return Descriptor(-1);
  }
  return Descriptor(number);
}

}  // namespace

int http_status_of(std::uint16_t port, const std::string& path) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval second{1, 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    ::setsockopt(socket.get(), SOL_SOCKET, option, &second, sizeof(second));
  }
  const sockaddr_in address = loopback(port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return 0;
  }
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return 0;
  std::array<char, 64> answer{};
  const ssize_t size = ::recv(socket.get(), answer.data(), answer.size(), MSG_WAITALL);
  constexpr std::string_view kBegin = "HTTP/1.", kVersion = "HTTP/1.1 ";
  const std::string_view text(answer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (!text.starts_with(kBegin) || text.size() < kVersion.size()) return 0;
  int status = 0;
  std::from_chars(text.data() + kVersion.size(), text.data() + text.size(), status);
  return status;
}

std::uint16_t free_port() {
  // Below those that the system gives to clients, which would take it while a server rests.
  constexpr int kFirst = 20'000, kCount = 12'000, kTries = 200;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    std::array<std::uint8_t, 2> drawn{};
    random_bytes(drawn);
    const auto port = static_cast<std::uint16_t>(kFirst + (drawn[0] * 256 + drawn[1]) % kCount);
    if (is_port_free(port)) return port;
  }
  fail(ErrorCode::kUnavailable, "no port of this machine is free");
}

bool is_port_free(std::uint16_t port) { return bound_to(port).valid(); }

}  // namespace scrim
