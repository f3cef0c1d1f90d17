#include "server/http_server.h"

#include "base/check.h"
#include "server/http_session.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace scrim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::unique_ptr<asio::ssl::context> tls_context(const std::optional<TlsOptions>& options) {
  if (!options) return nullptr;
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                       asio::ssl::context::no_tlsv1_1);
  error_code error;
  context->use_certificate_chain(asio::buffer(options->certificate), error);
  check(!error, "the server's certificate is no PEM text of a certificate");
  context->use_private_key(asio::buffer(options->private_key), asio::ssl::context::pem, error);
  check(!error, "the server's private key is no PEM text of the certificate's key");
  if (options->client_authority.empty()) return context;
  context->add_certificate_authority(asio::buffer(options->client_authority), error);
  check(!error, "the clients' authority is no PEM text of a certificate");
  context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  return context;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpHandler& handler, HttpServerOptions options)
      : shared_(new HttpShared{handler, std::move(options)}),
        tls_(tls_context(shared_->options.tls)),
        acceptor_(strand_) {
    listen();
    accept();
    for (int i = 0; i < std::max(shared_->options.threads, 1); ++i) {
      threads_.emplace_back([this] { context_.run(); });
    }
  }

  ~Impl() {
    stop(std::chrono::milliseconds(0));
    // A late answer still goes to the context, which must be there.
    while (shared_->unanswered > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::uint16_t port() const { return port_; }

  void stop(std::chrono::milliseconds limit) {
    if (threads_.empty()) return;
    shared_->stopping = true;
    asio::post(strand_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
    });
    each_session([](HttpSession& session) { session.stop(); });
    const auto end = std::chrono::steady_clock::now() + limit;
    while (shared_->connections > 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    each_session([](HttpSession& session) { session.abort(); });
    work_.reset();
    threads_.clear();
  }

 private:
  void listen() {
    error_code error;
    const auto address = asio::ip::make_address(shared_->options.address, error);
    check(!error, "'", shared_->options.address, "' is no address to listen on");
    const tcp::endpoint endpoint(address, shared_->options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      fail(ErrorCode::kUnavailable, "cannot listen on ", shared_->options.address, ":",
           shared_->options.port, ": ", error.message());
    }
    port_ = acceptor_.local_endpoint().port();
  }

  void accept() {
    acceptor_.async_accept(
        asio::make_strand(context_), [this](error_code error, tcp::socket socket) {
          if (!acceptor_.is_open() || shared_->stopping) return;
          // Out of descriptors: those that close make room.
          if (error) std::this_thread::sleep_for(std::chrono::milliseconds(10));
          if (!error && shared_->connections < shared_->options.max_connections) {
            open(std::move(socket));
          }
          accept();
        });
  }

  void open(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto session = make_session(std::move(socket), tls_.get(), shared_);
    {
      const std::lock_guard lock(sessions_mutex_);
      std::erase_if(sessions_, [](const auto& one) { return one.expired(); });
      sessions_.push_back(session);
    }
    session->start();
  }

  template <typename Act>
  void each_session(const Act& act) {
    std::vector<std::shared_ptr<HttpSession>> living;
    {
      const std::lock_guard lock(sessions_mutex_);
      for (const auto& one : sessions_) {
        if (auto session = one.lock()) living.push_back(std::move(session));
      }
    }
    for (const auto& session : living) act(*session);
  }

  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ =
      asio::make_work_guard(context_);
  asio::strand<asio::io_context::executor_type> strand_ = asio::make_strand(context_);
  std::shared_ptr<HttpShared> shared_;
  std::unique_ptr<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::mutex sessions_mutex_;
  std::list<std::weak_ptr<HttpSession>> sessions_;
  std::vector<std::jthread> threads_;
};

HttpServer::HttpServer(HttpHandler& handler, HttpServerOptions options)
    : impl_(std::make_unique<Impl>(handler, std::move(options))) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return impl_->port(); }

void HttpServer::stop(std::chrono::milliseconds limit) { impl_->stop(limit); }

}  // namespace scrim
