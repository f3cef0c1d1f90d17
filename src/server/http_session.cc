#include "server/http_session.h"

#include "protocol/infer_response.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>

namespace scrim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

// What is left of an unread body is read up to here, so that its sender sees the answer and not a
// reset.
constexpr std::size_t kReadBlock = std::size_t{64} << 10;
constexpr std::size_t kMostDiscarded = std::size_t{256} << 10;

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : static_cast<char>(c);
  });
  return result;
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// What the other side sent is wrong; anything else is a connection that ended.
bool is_fault_of_request(const error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

HttpAnswer plain_error(int status, std::string_view sentence) {
  return {status, "text/plain", {}, format_error(sentence)};
}

template <typename Stream>
class Session : public HttpSession, public std::enable_shared_from_this<Session<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  template <typename... Context>
  Session(std::shared_ptr<HttpShared> shared, asio::ip::tcp::socket socket, Context&... tls)
      : shared_(std::move(shared)), stream_(std::move(socket), tls...) {
    ++shared_->connections;
  }
  ~Session() override { --shared_->connections; }

  void start() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] {
      self->wait_at_most(self->shared_->options.idle_time);
      if constexpr (kTls) {
        self->stream_.async_handshake(asio::ssl::stream_base::server, [self](error_code error) {
          if (!error) self->read_head();
        });
      } else {
        self->read_head();
      }
    });
  }

  void stop() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      if (!self->busy_) self->abort();
    });
  }

  void abort() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      beast::get_lowest_layer(self->stream_).cancel();
      self->shut();
    });
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  void wait_at_most(std::chrono::seconds time) {
    beast::get_lowest_layer(stream_).expires_after(time);
  }

  void shut() {
    error_code ignored;
    auto& socket = beast::get_lowest_layer(stream_).socket();
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    socket.close(ignored);
  }

  void read_head() {
    if (shared_->stopping) return shut();
    busy_ = false;
    chunks_ = 0;
    parser_.emplace();
    parser_->header_limit(shared_->options.max_header_bytes);
    parser_->body_limit(boost::none);  // set once the head says what for
    wait_at_most(shared_->options.idle_time);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
  }

  void on_head(error_code error) {
    if (error && !is_fault_of_request(error)) return shut();
    busy_ = true;
    if (error == http::error::header_limit) {
      return refuse(plain_error(431, "the request's head exceeds " +
                                         std::to_string(shared_->options.max_header_bytes) +
                                         " bytes"));
    }
    if (error) return refuse(plain_error(400, "the request is not HTTP/1.1"));
    if (!take_head()) return;
    HttpHandler::Plan plan = shared_->handler.plan(head_);
    if (plan.refusal) return refuse(std::move(*plan.refusal));
    limit_ = plan.body_limit;
    const auto length = parser_->content_length();
    if (length && *length > limit_) return refuse(shared_->handler.too_large(head_, limit_));
    parser_->body_limit(limit_);
    if (length) parser_->get().body().reserve(static_cast<std::size_t>(*length));
    continue_if_expected();
  }

  // False: it was refused.
  bool take_head() {
    const auto& message = parser_->get();
    head_ = {std::string(view(message.method_string())), std::string(view(message.target())), {}};
    std::size_t count = 0;
    for (const auto& field : message) {
      head_.headers.emplace(lower_case(view(field.name_string())), view(field.value()));
      ++count;
    }
    if (count <= shared_->options.max_headers) return true;
    refuse(plain_error(431, "the request has " + std::to_string(count) + " headers, more than " +
                                std::to_string(shared_->options.max_headers)));
    return false;
  }

  void continue_if_expected() {
    if (head_.header("expect") != "100-continue") return read_body();
    auto answer = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
    http::async_write(stream_, *answer,
                      [self = this->shared_from_this(), answer](error_code error, std::size_t) {
                        if (error) return self->shut();
                        self->read_body();
                      });
  }

  void read_body() {
    wait_at_most(shared_->options.body_time);
    // A read is as large as the buffer; what a head needs is 512 bytes.
    const auto left = parser_->content_length_remaining();
    if (!parser_->is_done() && (!left || *left > kReadBlock)) buffer_.reserve(kReadBlock);
    count_chunks();
    http::async_read(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](error_code error, std::size_t) { self->on_body(error); });
  }

  void count_chunks() {
    if (!parser_->chunked()) return;
    on_chunk_ = [this](std::uint64_t size, beast::string_view, error_code& error) {
      if (size > 0 && ++chunks_ > shared_->options.max_chunks) error = http::error::bad_chunk;
    };
    parser_->on_chunk_header(on_chunk_);
  }

  void on_body(error_code error) {
    if (error == http::error::body_limit) {
      return refuse(shared_->handler.too_large(head_, limit_));
    }
    if (error && chunks_ > shared_->options.max_chunks) {
      return refuse(plain_error(400, "Chunked request body exceeds maximum of " +
                                         std::to_string(shared_->options.max_chunks) +
                                         " non-empty chunks. Send fewer or larger HTTP chunks."));
    }
    if (is_fault_of_request(error)) {
      return refuse(plain_error(400, "the request's body is not HTTP/1.1"));
    }
    if (error) return shut();
    keep_alive_ = parser_->get().keep_alive();
    beast::get_lowest_layer(stream_).expires_never();
    gone_ = std::stop_source();
    watch_for_leaving();
    HttpRequest request{std::move(head_),
                        std::make_shared<const std::string>(std::move(parser_->get().body())),
                        gone_.get_token()};
    const bool close_after = !keep_alive_;
    ++shared_->unanswered;
    shared_->handler.handle(
        std::move(request), [self = this->shared_from_this(), close_after](HttpAnswer answer) {
          asio::dispatch(self->stream_.get_executor(),
                         [self, close_after, answer = std::move(answer)]() mutable {
                           self->write(std::move(answer), close_after);
                         });
          --self->shared_->unanswered;
        });
  }

  // While the answer is made, the caller may close: then the work is dropped. Bytes that come are
  // the next request's, and stay unread.
  void watch_for_leaving() {
    if constexpr (kTls) return;  // a TLS stream cannot be looked at without reading
    auto& socket = beast::get_lowest_layer(stream_).socket();
    socket.async_wait(asio::ip::tcp::socket::wait_read, [self = this->shared_from_this(),
                                                         gone = gone_](error_code error) mutable {
      if (error) return;
      char one = 0;
      error_code peeked;
      auto& waited = beast::get_lowest_layer(self->stream_).socket();
      waited.non_blocking(true, peeked);
      waited.receive(asio::buffer(&one, 1), asio::ip::tcp::socket::message_peek, peeked);
      if (peeked == asio::error::would_block) return;
      if (peeked) gone.request_stop();
    });
  }

  // Answers a request whose body was not read, and closes.
  void refuse(HttpAnswer answer) { write(std::move(answer), /*close_after=*/true); }

  void write(HttpAnswer answer, bool close_after) {
    if (!beast::get_lowest_layer(stream_).socket().is_open()) return;
    if (shared_->stopping) close_after = true;
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::content_type, answer.content_type);
    for (const auto& [name, value] : answer.headers) response_.set(name, value);
    response_.keep_alive(!close_after);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    wait_at_most(shared_->options.body_time);
    http::async_write(
        stream_, response_,
        [self = this->shared_from_this(), close_after](error_code error, std::size_t) {
          if (error) return self->shut();
          if (close_after) return self->say_goodbye();
          self->read_head();
        });
  }

  // Ends our side, and reads a little of what the other still sends.
  void say_goodbye() {
    if constexpr (kTls) {
      stream_.async_shutdown([self = this->shared_from_this()](error_code) { self->shut(); });
    } else {
      error_code ignored;
      stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
      discard(kMostDiscarded);
    }
  }

  void discard(std::size_t left) {
    buffer_.clear();
    wait_at_most(std::chrono::seconds(2));
    stream_.async_read_some(buffer_.prepare(kReadBlock), [self = this->shared_from_this(), left](
                                                             error_code error, std::size_t bytes) {
      if (error || bytes >= left) return self->shut();
      self->discard(left - bytes);
    });
  }

  std::shared_ptr<HttpShared> shared_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::function<void(std::uint64_t, beast::string_view, error_code&)> on_chunk_;
  std::size_t chunks_ = 0;
  HttpHead head_;
  std::uint64_t limit_ = 0;
  bool keep_alive_ = true;
  bool busy_ = false;  // between the head of a request and its answer
  std::stop_source gone_;
  http::response<http::string_body> response_;
};

}  // namespace

std::shared_ptr<HttpSession> make_session(asio::ip::tcp::socket socket, asio::ssl::context* tls,
                                          std::shared_ptr<HttpShared> shared) {
  if (tls != nullptr) {
    return std::make_shared<Session<TlsStream>>(std::move(shared), std::move(socket), *tls);
  }
  return std::make_shared<Session<PlainStream>>(std::move(shared), std::move(socket));
}

}  // namespace scrim
