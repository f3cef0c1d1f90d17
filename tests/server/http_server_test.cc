#include "server/http_server.h"

#include "server/echo_handler.h"
#include "server/raw_client.h"
#include "support/certificate.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <thread>

namespace scrim {
namespace {

using std::chrono::milliseconds;

// One request over TLS, with a certificate of the client's own or none; empty if it is turned away.
std::string ask_over_tls(std::uint16_t port, const Certificate& server, const Certificate* own) {
  namespace asio = boost::asio;
  asio::io_context context;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_verify_mode(asio::ssl::verify_peer);
  tls.add_certificate_authority(asio::buffer(server.pem));
  if (own != nullptr) {
    tls.use_certificate_chain(asio::buffer(own->pem));
    tls.use_private_key(asio::buffer(own->key_pem), asio::ssl::context::pem);
  }
  asio::ssl::stream<asio::ip::tcp::socket> stream(context, tls);
  stream.lowest_layer().connect({asio::ip::make_address("127.0.0.1"), port});
  boost::system::error_code error;
  stream.handshake(asio::ssl::stream_base::client, error);
  if (error) return "";
  asio::write(stream, asio::buffer(std::string("GET /tls HTTP/1.1\r\nConnection: close\r\n\r\n")),
              error);
  std::string answer(4096, '\0');
  const std::size_t count = asio::read(stream, asio::buffer(answer), error);
  return answer.substr(0, count);
}

TEST(HttpServer, APortThatIsTakenIsNamed) {
  EchoHandler handler;
  const HttpServer first(handler, {});
  HttpServerOptions options;
  options.port = first.port();
  expect_error(ErrorCode::kUnavailable,
               "cannot listen on 127.0.0.1:" + std::to_string(first.port()),
               [&] { HttpServer(handler, options); });
  options.address = "nowhere";
  expect_error(ErrorCode::kInvalidArgument, "'nowhere' is no address",
               [&] { HttpServer(handler, options); });
}

TEST(HttpServer, ManyConnectionsAreServedAtOnceAndLeaveNothing) {
  EchoHandler handler;
  HttpServer server(handler, {});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
  for (auto& client : clients) client->send("GET / HTTP/1.1\r\n\r\n");
  for (auto& client : clients) EXPECT_TRUE(client->answer().starts_with("HTTP/1.1 200"));
  clients.clear();
  server.stop(milliseconds(5000));
}

TEST(HttpServer, MoreConnectionsThanTheLimitAreTurnedAway) {
  EchoHandler handler;
  HttpServerOptions options;
  options.max_connections = 2;
  const HttpServer server(handler, options);
  RawClient a(server.port()), b(server.port());
  a.send("GET / HTTP/1.1\r\n\r\n");
  b.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(a.answer().starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(b.answer().starts_with("HTTP/1.1 200"));
  RawClient c(server.port());
  EXPECT_TRUE(c.is_closed());
}

TEST(HttpServer, StoppingAnswersWhatWasReadAndClosesWhatIsIdle) {
  EchoHandler handler;
  std::atomic<bool> release = false;
  handler.on_request = [&](const HttpRequest&, std::function<void(HttpAnswer)> reply) {
    std::thread([&release, reply] {
      while (!release) std::this_thread::sleep_for(milliseconds(1));
      reply({200, "text/plain", {}, "answered"});
    }).detach();
  };
  HttpServer server(handler, {});
  RawClient idle(server.port()), busy(server.port());
  busy.send("GET / HTTP/1.1\r\n\r\n");
  while (handler.handled == 0) std::this_thread::sleep_for(milliseconds(1));
  std::jthread stopper([&] { server.stop(milliseconds(10'000)); });
  EXPECT_TRUE(idle.is_closed());
  release = true;
  const std::string answer = busy.answer();
  EXPECT_NE(answer.find("answered"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(busy.is_closed());
}

TEST(HttpServer, TlsAsksForCertificatesWhereItIsTold) {
  EchoHandler handler;
  const Certificate own, client, stranger;
  HttpServerOptions options;
  options.tls = TlsOptions{own.pem, own.key_pem};
  const HttpServer open(handler, options);
  EXPECT_NE(ask_over_tls(open.port(), own, nullptr).find("GET /tls"), std::string::npos);
  options.tls->client_authority = client.pem;
  const HttpServer closed(handler, options);
  EXPECT_NE(ask_over_tls(closed.port(), own, &client).find("GET /tls"), std::string::npos);
  EXPECT_EQ(ask_over_tls(closed.port(), own, nullptr), "");
  EXPECT_EQ(ask_over_tls(closed.port(), own, &stranger), "");
}

TEST(HttpServer, KeysAndCertificatesThatAreNoneAreRefused) {
  EchoHandler handler;
  const Certificate own, other;
  const auto refuse = [&](TlsOptions tls, const char* part) {
    HttpServerOptions options;
    options.tls = std::move(tls);
    expect_error(ErrorCode::kInvalidArgument, part, [&] { HttpServer(handler, options); });
  };
  refuse({"junk", own.key_pem}, "certificate is no PEM");
  refuse({own.pem, other.key_pem}, "private key is no PEM text of the certificate's key");
  refuse({own.pem, own.key_pem, "junk"}, "clients' authority");
}

}  // namespace
}  // namespace scrim
