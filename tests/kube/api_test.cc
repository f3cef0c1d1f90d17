#include "kube/api.h"

#include "kube/api_double.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <future>

namespace scrim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr ApiKind kThings{"", "Thing", "things"};

struct ApiTest : testing::Test {
  static ApiObject thing(const std::string& name) { return {{"metadata", {{"name", name}}}}; }
  static ApiObject marked(const ApiObject&) { return {{"data", {{"mark", "x"}}}}; }

  // Watches until there is a thing "late", which is made once `break_it` has had its way with the
  // first watch. Returns whether it was seen.
  bool sees_late(const std::function<void()>& break_it) {
    Api other({.server = server.url()}, {.space = "lab", .manager = "other"});
    auto making = std::async(std::launch::async, [&] {
      while (server.watches() == 0) std::this_thread::sleep_for(milliseconds(5));
      break_it();
      other.create(kThings, thing("late"));
    });
    return api.watch(kThings, {}, steady_clock::now() + seconds(10), {},
                     [](const Api::ByName& things) { return things.contains("late"); });
  }

  ApiDouble server;
  Api api{{.server = server.url(), .space = "lab"}, {.manager = "test"}};
};

TEST_F(ApiTest, CallsAreForTheNamespaceAndNameTheirManager) {
  api.create(kThings, thing("a"));
  const auto request = server.requests().at(0);
  EXPECT_EQ(request.target(), "/api/v1/namespaces/lab/things?fieldManager=test");
  const SortedJson body = parse_sorted_json(request.body(), "a body");
  EXPECT_EQ(body["apiVersion"], "v1");
  EXPECT_EQ(body["kind"], "Thing");
  EXPECT_EQ(body["metadata"]["namespace"], "lab");
}

TEST_F(ApiTest, ADryRunIsTheClustersOwn) {
  Api dry({.server = server.url()}, {.space = "lab", .manager = "test", .dry_run = true});
  dry.create(kThings, thing("a"));
  dry.remove(kThings, "a");
  EXPECT_TRUE(server.requests().at(0).target().ends_with("&dryRun=All"));
  EXPECT_NE(server.requests().at(1).body().find("\"dryRun\":[\"All\"]"), std::string::npos);
}

TEST_F(ApiTest, NamesAndSelectorsAreEscaped) {
  api.find(kThings, "../../x y");
  api.list(kThings, {.labels = "a=b,c!=d&e"});
  EXPECT_EQ(server.requests().at(0).target(), "/api/v1/namespaces/lab/things/..%2F..%2Fx%20y");
  EXPECT_TRUE(server.requests().at(1).target().ends_with("labelSelector=a%3Db%2Cc%21%3Dd%26e"));
}

TEST_F(ApiTest, AGroupThatTheClusterLacksIsNamed) {
  EXPECT_EQ(api.version_of("group.example"), std::nullopt);
  constexpr ApiKind kUnknown{"group.example", "Thing", "things"};
  expect_error(ErrorCode::kUnsupported,
               "this cluster has no API group 'group.example', which things are of",
               [&] { api.list(kUnknown); });
  EXPECT_EQ(server.requests().size(), 1U);  // asked once
}

TEST_F(ApiTest, OnlyA404MeansThatThereIsNone) {
  EXPECT_FALSE(api.find(kThings, "a"));
  for (const int status : {401, 403}) {
    server.fail_next({.method = "GET", .status = status});
    expect_error(ErrorCode::kRefused, "Thing 'a' in namespace 'lab'",
                 [&] { api.find(kThings, "a"); });
  }
  for (int tries = 0; tries < 4; ++tries) server.fail_next({.method = "GET", .status = 500});
  expect_error(ErrorCode::kUnavailable, "500", [&] { api.find(kThings, "a"); });
  for (int tries = 0; tries < 8; ++tries) server.fail_next({.method = "GET"});
  expect_error(ErrorCode::kUnavailable, "broke the call off", [&] { api.find(kThings, "a"); });
}

TEST_F(ApiTest, AnAnswerThatBreaksOffHalfWayIsAskedForAgain) {
  api.create(kThings, thing("a"));
  server.fail_next({.method = "GET", .half = true});
  EXPECT_TRUE(api.find(kThings, "a"));
  server.fail_next({.method = "GET", .slow = milliseconds(300)});
  EXPECT_TRUE(api.find(kThings, "a"));
}

TEST_F(ApiTest, ABusyServerIsAskedAgainForChangesToo) {
  server.fail_next({.method = "POST", .status = 429, .head = "Retry-After: 0\r\n"});
  EXPECT_TRUE(api.create(kThings, thing("a")));
}

TEST_F(ApiTest, AChangeWhoseAnswerIsLostIsNotMadeTwice) {
  server.fail_next({.method = "POST", .does_it = true});  // the first call of a connection
  expect_error(ErrorCode::kUnavailable, "broke the call off",
               [&] { api.create(kThings, thing("a")); });
  EXPECT_FALSE(api.create(kThings, thing("a")));  // it is there
}

TEST_F(ApiTest, AConflictIsTriedAgainAndNotForEver) {
  api.create(kThings, thing("a"));
  server.fail_next({.method = "PATCH", .status = 409});
  EXPECT_EQ(text_at(api.change(kThings, "a", marked), "data.mark"), "x");
  for (int tries = 0; tries < 30; ++tries) server.fail_next({.method = "PATCH", .status = 409});
  expect_error(ErrorCode::kUnavailable, "changed by somebody else",
               [&] { api.change(kThings, "a", marked); });
}

TEST_F(ApiTest, NothingToChangeIsNotSent) {
  api.create(kThings, thing("a"));
  const std::size_t before = server.requests().size();
  api.change(kThings, "a", [](const ApiObject&) { return ApiObject(); });
  EXPECT_EQ(server.requests().size(), before + 1);
}

TEST_F(ApiTest, AWatchThatIsDroppedGoesOn) {
  EXPECT_TRUE(sees_late([&] { server.drop_watches(); }));
}

TEST_F(ApiTest, AWatchFromAVersionThatIsTooOldListsAgain) {
  EXPECT_TRUE(sees_late([&] {
    api.version_of("");  // nothing is sent for it
    Api other({.server = server.url()}, {.space = "lab", .manager = "other"});
    other.create(kThings, thing("early"));
    server.forget_history();
    server.drop_watches();
  }));
}

TEST_F(ApiTest, AWatchThatIsRefusedAsTooOldListsAgain) {
  server.fail_next({.method = "GET", .status = 410, .watch_only = true});
  EXPECT_TRUE(sees_late([] {}));
}

TEST_F(ApiTest, AWatchEndsAtItsDeadlineAndAtAStop) {
  const auto never = [](const Api::ByName&) { return false; };
  const auto start = steady_clock::now();
  EXPECT_FALSE(api.watch(kThings, {}, start + milliseconds(300), {}, never));
  EXPECT_LT(steady_clock::now() - start, seconds(3));
  std::stop_source source;
  auto stopping = std::async(std::launch::async, [&] {
    while (server.watches() == 0) std::this_thread::sleep_for(milliseconds(5));
    source.request_stop();
  });
  expect_error(ErrorCode::kUnavailable, "stopped while waiting",
               [&] { api.watch(kThings, {}, start + seconds(60), source.get_token(), never); });
}

TEST_F(ApiTest, TextsOnTheWayToAValue) {
  const ApiObject object = {{"a", {{"b", {{"c", "x"}}}}}, {"n", 1}};
  EXPECT_EQ(text_at(object, "a.b.c"), "x");
  for (const char* none : {"a", "a.b", "a.x.c", "n", "a.b.c.d", ""}) {
    EXPECT_EQ(text_at(object, none), "");
  }
}

}  // namespace
}  // namespace scrim
