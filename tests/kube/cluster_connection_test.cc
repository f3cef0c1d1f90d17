#include "kube/cluster_connection.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/scripted_server.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <atomic>

namespace scrim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr HttpPatience kPatience{seconds(5), seconds(5)};

// Answers the calls one after another with what is on the list, then with 200.
struct ConnectionTest : testing::Test {
  ScriptedServer::Answer next() {
    const std::size_t number = answered++;
    return number < answers.size() ? answers[number] : scripted(200, "ok");
  }
  ClusterConnection connect(ClusterUser user = {}) {
    return ClusterConnection({.server = "http://" + server.address(), .user = std::move(user)},
                             kPatience);
  }
  std::string sent(std::size_t call, const std::string& header) {
    return std::string(server.requests().at(call)[header]);
  }

  std::atomic<std::size_t> answered = 0;
  std::vector<ScriptedServer::Answer> answers;
  ScriptedServer server{[this](const auto&) { return next(); }};
};

TEST_F(ConnectionTest, SendsWhatItIsGivenAndTakesAnyStatus) {
  answers = {scripted(418, "short and stout")};
  ClusterConnection connection = connect({.token = "t0"});
  const ApiReply reply = connection.send(
      {.method = "PATCH", .path = "/api/v1/x?y=z", .body = "{}", .content_type = "a/b"});
  EXPECT_EQ(reply.status, 418);
  EXPECT_EQ(reply.body, "short and stout");
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.method_string(), "PATCH");
  EXPECT_EQ(request.target(), "/api/v1/x?y=z");
  EXPECT_EQ(request.body(), "{}");
  EXPECT_EQ(sent(0, "Content-Type"), "a/b");
  EXPECT_EQ(sent(0, "Authorization"), "Bearer t0");
  connection.send({.method = "DELETE", .path = "/x"});
  EXPECT_EQ(server.requests().at(1).method_string(), "DELETE");
  EXPECT_EQ(server.requests().at(1).body(), "");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ConnectionTest, ActsForSomebodyElseByName) {
  connect({.token = "t", .acts_as = "ann", .acts_as_uid = "7", .acts_as_groups = {"a", "b"}})
      .send({.path = "/"});
  EXPECT_EQ(sent(0, "Impersonate-User"), "ann");
  EXPECT_EQ(sent(0, "Impersonate-Uid"), "7");
  const auto request = server.requests().at(0);
  const auto [first, last] = request.equal_range("Impersonate-Group");
  EXPECT_EQ(std::distance(first, last), 2);
  expect_error(ErrorCode::kInvalidArgument, "the end of a line", [&] {
    connect({.acts_as = "ann\r\nImpersonate-Group: system:masters"}).send({.path = "/"});
  });
}

TEST_F(ConnectionTest, ABusyServerIsAskedAgainWhenItSays) {
  answers = {scripted(429, ""), scripted(429, "")};
  answers[0].set("Retry-After", "1");
  ClusterConnection connection = connect();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(connection.send({.method = "POST", .path = "/", .body = "{}"}).status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - start, seconds(1));
  EXPECT_EQ(answered, 3U);
}

TEST_F(ConnectionTest, AServerThatStaysBusyIsSaidToBe) {
  answers.assign(1, scripted(429, "busy"));
  answers[0].set("Retry-After", "100");
  EXPECT_EQ(connect().send({.path = "/"}).status, 429);
  EXPECT_EQ(answered, 1U);
}

TEST_F(ConnectionTest, OnlyWhatChangesNothingIsSentTwice) {
  answers = {scripted(500, ""), scripted(0, ""), scripted(503, "")};
  ClusterConnection connection = connect();
  EXPECT_EQ(connection.send({.path = "/"}).status, 200);
  EXPECT_EQ(answered, 4U);
  answered = 0;
  EXPECT_EQ(connection.send({.method = "POST", .path = "/", .body = "{}"}).status, 500);
  expect_error(ErrorCode::kUnavailable, "broke the call off",
               [&] { connect().send({.method = "POST", .path = "/", .body = "{}"}); });
  EXPECT_EQ(answered, 2U);
}

TEST_F(ConnectionTest, ATokenThatIsNoLongerKnownIsReadAgain) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "token", "old\n");
  ClusterConnection connection = connect({.token_file = folder / "token"});
  connection.send({.path = "/"});
  write_file_atomically(folder / "token", "new\n");
  answers.resize(answered, scripted(200, ""));
  answers.push_back(scripted(401, ""));
  EXPECT_EQ(connection.send({.path = "/"}).status, 200);
  EXPECT_EQ(sent(1, "Authorization"), "Bearer old");
  EXPECT_EQ(sent(2, "Authorization"), "Bearer new");
  answers.resize(answered, scripted(200, ""));
  answers.push_back(scripted(401, "who?"));
  EXPECT_EQ(connection.send({.path = "/"}).status, 401);  // the token is the same: no second try
  EXPECT_EQ(answered, 4U);
}

TEST_F(ConnectionTest, LinesAreFollowedUntilEnough) {
  answers.assign(3, scripted(200, "one\n\ntwo\nthree\npart"));
  ClusterConnection connection = connect();
  const auto deadline = std::chrono::steady_clock::now() + seconds(5);
  std::vector<std::string> lines;
  const auto all = [&](std::string_view line) {
    lines.emplace_back(line);
    return lines.size() != 5;
  };
  EXPECT_EQ(connection.follow("/", deadline, {}, all).status, 200);
  EXPECT_EQ(lines, std::vector<std::string>({"one", "", "two", "three"}));
  connection.follow("/", deadline, {}, all);
  EXPECT_EQ(lines.size(), 5U);
}

TEST_F(ConnectionTest, WhoTakesLinesMayThrow) {
  answers.assign(1, scripted(200, "one\ntwo\n"));
  ClusterConnection connection = connect();
  const auto deadline = std::chrono::steady_clock::now() + seconds(5);
  EXPECT_THROW(connection.follow("/", deadline, {},
                                 [](std::string_view) -> bool { throw std::logic_error("one"); }),
               std::logic_error);
  EXPECT_EQ(connection.send({.path = "/"}).status, 200);  // it is as good as before
}

TEST_F(ConnectionTest, AFollowedAnswerThatIsNoneIsHandedBack) {
  answers = {scripted(410, "gone\n"), scripted(0, "")};
  ClusterConnection connection = connect();
  const auto deadline = std::chrono::steady_clock::now() + seconds(5);
  const auto none = [](std::string_view) -> bool { throw std::logic_error("no line"); };
  const ApiReply reply = connection.follow("/", deadline, {}, none);
  EXPECT_EQ(reply.status, 410);
  EXPECT_EQ(reply.body, "gone\n");
  EXPECT_EQ(connect().follow("/", deadline, {}, none).status, 0);
}

TEST(ClusterConnection, SecretsDoNotTravelInTheOpen) {
  for (const ClusterUser& user :
       {ClusterUser{.token = "t"}, ClusterUser{.token_file = "f"},
        ClusterUser{.name = "n", .password = "p"},
        ClusterUser{.plugin = CredentialPlugin{.api_version = "v", .command = "c"}}}) {
    expect_error(ErrorCode::kRefused, "cluster cluster.example:80 is another machine", [&] {
      ClusterConnection({.server = "http://cluster.example:80", .user = user}, kPatience);
    });
  }
}

TEST(ClusterConnection, AServerThatIsNotThereIsSaidSoon) {
  const auto start = std::chrono::steady_clock::now();
  ClusterConnection connection({.server = "http://127.0.0.1:1"}, kPatience);
  expect_error(ErrorCode::kUnavailable, "cluster 127.0.0.1:1 cannot be reached",
               [&] { connection.send({.method = "POST", .path = "/", .body = "{}"}); });
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(3));
}

}  // namespace
}  // namespace scrim
