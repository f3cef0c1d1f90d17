// A server that answers what a test says, and keeps what it was asked.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace scrim {

class ScriptedServer {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  using Answer = boost::beast::http::response<boost::beast::http::string_body>;
  // What a call is answered; status 0 closes the connection without a byte.
  using Script = std::function<Answer(const Request&)>;

  explicit ScriptedServer(Script script)
      : script_(std::move(script)),
        acceptor_(context_, {boost::asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this] { run(); }) {}
  ~ScriptedServer() {
    stopping_ = true;
    boost::system::error_code error;
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket(context).connect(acceptor_.local_endpoint(), error);
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  int connections() const { return connections_; }

 private:
  void run() {
    std::vector<std::jthread> threads;
    while (true) {
      boost::asio::ip::tcp::socket socket(context_);
      acceptor_.accept(socket);
      if (stopping_) return;
      ++connections_;
      threads.emplace_back([this, own = std::move(socket)]() mutable { serve(own); });
    }
  }

  void serve(boost::asio::ip::tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    while (true) {
      Request request;
      boost::beast::http::read(socket, buffer, request, error);
      if (error) return;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      Answer answer = script_(request);
      if (answer.result_int() == 0) return;
      answer.keep_alive(true);
      answer.prepare_payload();
      boost::beast::http::write(socket, answer, error);
      if (error) return;
    }
  }

  Script script_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

inline ScriptedServer::Answer scripted(unsigned status, const std::string& body) {
  ScriptedServer::Answer answer;
  answer.result(status);
  answer.body() = body;
  return answer;
}

}  // namespace scrim
