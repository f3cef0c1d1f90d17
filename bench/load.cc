#include "load.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <deque>
#include <memory>
#include <random>

namespace scrim {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;

class Loader;

// One connection, one call after the other.
class Caller {
 public:
  Caller(Loader& loader, asio::io_context& context, std::uint16_t port)
      : loader_(loader), socket_(context) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    socket_.set_option(asio::ip::tcp::no_delay(true));
  }

  void call(Clock::time_point due);

 private:
  void read();
  bool is_whole();

  Loader& loader_;
  asio::ip::tcp::socket socket_;
  Clock::time_point due_;
  std::string buffer_;
  std::size_t filled_ = 0;
  std::size_t wanted_ = 0;  // of the answer that is being read; 0 until its head is there
};

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options), timer_(context_) {
    for (int i = 0; i < options.connections; ++i) {
      callers_.push_back(std::make_unique<Caller>(*this, context_, options.port));
      idle_.push_back(callers_.back().get());
    }
  }

  LoadResult run() {
    const auto start = Clock::now();
    end_ = start + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(options_.seconds));
    if (options_.rate > 0) {
      next_ = start;
      arrive();
    } else {
      while (!idle_.empty()) start_call(Clock::now());
    }
    context_.run();
    result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::ranges::sort(result_.latencies);
    return std::move(result_);
  }

  const std::string& request() const { return options_.request; }

  void answered(Caller& caller, Clock::time_point due, bool good) {
    const auto now = Clock::now();
    ++(good ? result_.answers : result_.errors);
    result_.latencies.push_back(std::chrono::duration<double, std::milli>(now - due).count());
    idle_.push_back(&caller);
    if (options_.rate > 0) {
      if (!waiting_.empty()) {
        const auto first = waiting_.front();
        waiting_.pop_front();
        start_call(first);
      }
    } else if (now < end_) {
      start_call(now);
    }
  }

  void lost() { ++result_.errors; }

 private:
  void start_call(Clock::time_point due) {
    Caller* caller = idle_.front();
    idle_.pop_front();
    caller->call(due);
  }

  // The next call that is due; the times between are exponential.
  void arrive() {
    while (next_ <= Clock::now()) {
      if (next_ >= end_) return;
      if (idle_.empty()) {
        waiting_.push_back(next_);
      } else {
        start_call(next_);
      }
      next_ += std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(gap_(random_) / options_.rate));
    }
    timer_.expires_at(next_);
    timer_.async_wait([this](const error_code& error) {
      if (!error) arrive();
    });
  }

  const LoadOptions& options_;
  asio::io_context context_{1};
  asio::steady_timer timer_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::deque<Caller*> idle_;
  std::deque<Clock::time_point> waiting_;  // due, with no connection free
  Clock::time_point next_, end_;
  std::mt19937_64 random_{1};
  std::exponential_distribution<double> gap_{1};
  LoadResult result_;
};

void Caller::call(Clock::time_point due) {
  due_ = due;
  asio::async_write(socket_, asio::buffer(loader_.request()),
                    [this](const error_code& error, std::size_t) {
                      if (error) return loader_.lost();
                      read();
                    });
}

void Caller::read() {
  if (buffer_.size() < filled_ + 65'536) buffer_.resize(filled_ + 262'144);
  socket_.async_read_some(asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_),
                          [this](const error_code& error, std::size_t count) {
                            if (error) return loader_.lost();
                            filled_ += count;
                            if (!is_whole()) return read();
                            const bool good = buffer_.compare(0, 12, "HTTP/1.1 200") == 0;
                            filled_ = wanted_ = 0;
                            loader_.answered(*this, due_, good);
                          });
}

bool Caller::is_whole() {
  if (wanted_ == 0) {
    const std::string_view text(buffer_.data(), filled_);
    const std::size_t head = text.find("\r\n\r\n");
    if (head == std::string_view::npos) return false;
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = text.find(kLength);
    std::size_t length = 0;
    if (at < head) std::from_chars(text.data() + at + kLength.size(), text.data() + head, length);
    wanted_ = head + 4 + length;
  }
  return filled_ >= wanted_;
}

}  // namespace

double LoadResult::quantile(double q) const {
  if (latencies.empty()) return 0;
  return latencies[std::min(latencies.size() - 1,
                            static_cast<std::size_t>(q * static_cast<double>(latencies.size())))];
}

LoadResult load(const LoadOptions& options) { return Loader(options).run(); }

}  // namespace scrim
