// A connection that sends what a test says, byte by byte if it must.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <cstdint>
#include <string>

namespace scrim {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(context_) {
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  }

  // False once the other side has closed.
  bool send(const std::string& bytes) {
    boost::system::error_code error;
    boost::asio::write(socket_, boost::asio::buffer(bytes), error);
    return !error;
  }

  // The next whole answer, by its Content-Length; what was there if the connection ends.
  std::string answer() {
    while (true) {
      const std::size_t head = buffer_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t at = buffer_.find("Content-Length: ");
        const std::size_t body = at < head ? std::stoul(buffer_.substr(at + 16)) : 0;
        if (buffer_.size() >= head + 4 + body) {
          std::string whole = buffer_.substr(0, head + 4 + body);
          buffer_.erase(0, whole.size());
          return whole;
        }
      }
      if (!read_some()) return std::exchange(buffer_, {});
    }
  }

  // Whether the other side closes, with nothing more to say.
  bool is_closed() {
    while (read_some()) {
    }
    return true;
  }

  void close() { socket_.close(); }

 private:
  bool read_some() {
    char block[4096];
    boost::system::error_code error;
    const std::size_t count = socket_.read_some(boost::asio::buffer(block), error);
    buffer_.append(block, count);
    return !error;
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  std::string buffer_;
};

}  // namespace scrim
