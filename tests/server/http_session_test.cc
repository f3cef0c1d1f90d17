#include "server/http_session.h"

#include "server/echo_handler.h"
#include "server/raw_client.h"

#include <gtest/gtest.h>

#include <thread>

namespace scrim {
namespace {

using std::chrono::milliseconds;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A server with small limits, so that a test reaches them.
struct HttpSessionFixture {
  static HttpServerOptions options() {
    HttpServerOptions result;
    result.max_header_bytes = 2000;
    result.max_headers = 20;
    result.max_chunks = 10;
    result.idle_time = std::chrono::seconds(1);
    result.body_time = std::chrono::seconds(1);
    return result;
  }

  EchoHandler handler;
  HttpServer server{handler, options()};
  RawClient client{server.port()};
};

TEST(HttpSession, AConnectionIsKeptForTheNextRequest) {
  HttpSessionFixture f;
  for (int i = 0; i < 3; ++i) {
    f.client.send("POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
    const std::string answer = f.client.answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    EXPECT_TRUE(holds(answer, "X-Own: 1")) << answer;
    EXPECT_TRUE(answer.ends_with("POST /a body")) << answer;
  }
}

TEST(HttpSession, PipelinedRequestsAreAnsweredInOrder) {
  HttpSessionFixture f;
  f.client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n");
  for (const char* path : {"/1", "/2", "/3"}) {
    EXPECT_TRUE(f.client.answer().ends_with(std::string("GET ") + path + " "));
  }
}

TEST(HttpSession, CloseMeansClose) {
  HttpSessionFixture f;
  f.client.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(holds(f.client.answer(), "Connection: close"));
  EXPECT_TRUE(f.client.is_closed());
}

TEST(HttpSession, AClientThatAsksIsToldToContinue) {
  HttpSessionFixture f;
  f.client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(f.client.answer().starts_with("HTTP/1.1 100"));
  f.client.send("ab");
  EXPECT_TRUE(f.client.answer().ends_with("POST / ab"));
}

TEST(HttpSession, ChunksAreJoinedAndCounted) {
  HttpSessionFixture f;
  const std::string head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  f.client.send(head + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  EXPECT_TRUE(f.client.answer().ends_with("POST / abc"));
  std::string many;
  for (int i = 0; i < 11; ++i) many += "1\r\nx\r\n";
  f.client.send(head + many);
  const std::string answer = f.client.answer();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << answer;
  EXPECT_TRUE(holds(answer, "exceeds maximum of 10 non-empty chunks")) << answer;
}

TEST(HttpSession, ABodyBeyondTheLimitIsRefusedUnread) {
  for (const char* head : {"Content-Length: 1001\r\n\r\n", "Content-Length: 99999999999\r\n\r\n"}) {
    HttpSessionFixture f;
    f.client.send(std::string("POST / HTTP/1.1\r\n") + head);
    EXPECT_TRUE(holds(f.client.answer(), "more than 1000")) << head;
    EXPECT_TRUE(f.client.is_closed());
    EXPECT_EQ(f.handler.handled, 0);
  }
  HttpSessionFixture f;
  f.client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" +
                std::string(0xfff, 'x'));
  EXPECT_TRUE(holds(f.client.answer(), "more than 1000"));
}

TEST(HttpSession, ARefusalByTheHeadComesBeforeTheBody) {
  HttpSessionFixture f;
  f.client.send("POST /refused HTTP/1.1\r\nContent-Length: 500\r\n\r\n");
  EXPECT_TRUE(f.client.answer().starts_with("HTTP/1.1 403"));
  EXPECT_EQ(f.handler.handled, 0);
}

TEST(HttpSession, HeadsHaveASizeAndANumber) {
  {
    HttpSessionFixture f;
    f.client.send("GET / HTTP/1.1\r\nX: " + std::string(3000, 'x') + "\r\n\r\n");
    EXPECT_TRUE(f.client.answer().starts_with("HTTP/1.1 431"));
  }
  HttpSessionFixture f;
  std::string many;
  for (int i = 0; i < 21; ++i) many += "X" + std::to_string(i) + ": 1\r\n";
  f.client.send("GET / HTTP/1.1\r\n" + many + "\r\n");
  EXPECT_TRUE(holds(f.client.answer(), "21 headers, more than 20"));
}

TEST(HttpSession, WhatIsNotHttpIsAnsweredPlainly) {
  const std::string cases[] = {std::string("\x16\x03\x01\x02\x00", 5) + " a TLS hello",
                               "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                               "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                               "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"};
  for (const std::string& bytes : cases) {
    HttpSessionFixture f;
    f.client.send(bytes);
    EXPECT_TRUE(f.client.answer().starts_with("HTTP/1.1 400")) << bytes;
    EXPECT_TRUE(f.client.is_closed());
  }
}

TEST(HttpSession, TwoLengthsAreNoRequest) {
  HttpSessionFixture f;
  f.client.send(
      "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /");
  EXPECT_TRUE(f.client.answer().starts_with("HTTP/1.1 400"));
  EXPECT_EQ(f.handler.handled, 0);
}

TEST(HttpSession, ASlowClientIsDroppedAndOthersAreNot) {
  HttpSessionFixture f;
  RawClient slow(f.server.port());
  const auto start = std::chrono::steady_clock::now();
  slow.send("GET /");
  std::this_thread::sleep_for(milliseconds(600));
  slow.send(" HTTP/1.1\r\n");  // a byte now and then buys no time
  f.client.send("GET /fast HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(holds(f.client.answer(), "GET /fast"));
  EXPECT_TRUE(slow.is_closed());
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1900));
}

TEST(HttpSession, ABodyThatDoesNotComeEndsTheConnection) {
  HttpSessionFixture f;
  f.client.send("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo");
  EXPECT_TRUE(f.client.is_closed());
  EXPECT_EQ(f.handler.handled, 0);
}

TEST(HttpSession, TheHandlerIsToldWhenTheCallerHasGone) {
  HttpSessionFixture f;
  std::atomic<bool> told = false;
  f.handler.on_request = [&](const HttpRequest& request, std::function<void(HttpAnswer)> reply) {
    std::thread([&told, gone = request.gone, reply] {
      for (int i = 0; i < 2000 && !gone.stop_requested(); ++i) {
        std::this_thread::sleep_for(milliseconds(1));
      }
      told = gone.stop_requested();
      reply({});
    }).detach();
  };
  f.client.send("GET / HTTP/1.1\r\n\r\n");
  while (f.handler.handled == 0) std::this_thread::sleep_for(milliseconds(1));
  f.client.close();
  for (int i = 0; i < 2000 && !told; ++i) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_TRUE(told);
}

TEST(HttpSession, AnAnswerMayComeFromAnotherThreadLater) {
  HttpSessionFixture f;
  f.handler.on_request = [](const HttpRequest&, std::function<void(HttpAnswer)> reply) {
    std::thread([reply] {
      std::this_thread::sleep_for(milliseconds(20));
      reply({201, "text/plain", {}, "late"});
    }).detach();
  };
  f.client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(f.client.answer().starts_with("HTTP/1.1 201"));
}

}  // namespace
}  // namespace scrim
