#include "client/http_caller.h"

#include "support/scripted_server.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(HttpCaller, KeepsItsConnectionAndHandsOverWhatCame) {
  ScriptedServer server([](const ScriptedServer::Request& request) {
    auto answer = scripted(418, request.body());
    answer.set("inference-HEADER-content-length", " 7 ");
    return answer;
  });
  const ClientOptions options;
  HttpCaller caller(parse_server_url(server.address()), options);
  for (int i = 0; i < 3; ++i) {
    const HttpReply reply = caller.post("/a", "body", 2);
    EXPECT_EQ(reply.status, 418);
    EXPECT_EQ(reply.body, "body");
    EXPECT_EQ(reply.json_length, "7");
  }
  EXPECT_EQ(caller.get("/b").body, "");
  EXPECT_EQ(server.connections(), 1);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0]["Inference-Header-Content-Length"], "2");
  EXPECT_EQ(requests[0]["Content-Type"], "application/octet-stream");
  EXPECT_EQ(requests[0].count("Expect"), 0U);
  EXPECT_EQ(requests[3].method_string(), "GET");
  EXPECT_EQ(requests[3].count("Inference-Header-Content-Length"), 0U);
}

TEST(HttpCaller, ARedirectIsAnAnswerAndNotFollowed) {
  ScriptedServer server([](const ScriptedServer::Request&) {
    auto answer = scripted(302, "");
    answer.set("Location", "http://192.0.2.1/");
    return answer;
  });
  const ClientOptions options;
  HttpCaller caller(parse_server_url(server.address()), options);
  EXPECT_EQ(caller.post("/a", "body", std::nullopt).status, 302);
}

}  // namespace
}  // namespace scrim
