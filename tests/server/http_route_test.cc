#include "server/http_route.h"

#include <gtest/gtest.h>

#include <set>

namespace scrim {
namespace {

TEST(HttpRoute, EveryRouteIsFoundByItsOwnPath) {
  for (const HttpRoute& route : http_routes()) {
    std::string path(route.path);
    for (const auto& [mark, text] : {std::pair{"{model}", "m.1"},
                                     {"{version}", "12"},
                                     {"{region}", "r"},
                                     {"{repository}", "x"}}) {
      if (const auto at = path.find(mark); at != std::string::npos) {
        path.replace(at, std::string(mark).size(), text);
      }
    }
    const RouteMatch match = match_route(route.method, path + "?query=1");
    ASSERT_NE(match.route, nullptr) << path;
    EXPECT_EQ(match.route->call, route.call) << path;
    if (route.path.find("{model}") != std::string_view::npos) {
      EXPECT_EQ(match.model, "m.1") << path;
    }
    if (route.path.find("{version}") != std::string_view::npos) {
      EXPECT_EQ(match.version, "12") << path;
    }
  }
}

TEST(HttpRoute, PathsAreExactAndNothingIsDecoded) {
  for (const char* target :
       {"/v2/", "/", "", "v2", "/v2/models", "/v2/models/", "/v2/models/m/", "/v2//models/m",
        "/v2/models//infer", "/v2/models/m/versions/abc", "/v2/models/m/versions/", "/v2/health",
        "/v1/models/m", "/V2", "/v2/models/m/generate", "*"}) {
    const RouteMatch match = match_route("GET", target);
    EXPECT_EQ(match.route, nullptr) << target;
    EXPECT_FALSE(match.known_path) << target;
  }
  EXPECT_EQ(match_route("GET", "/v2/models/a%20b").model, "a%20b");
  EXPECT_EQ(match_route("POST", "/v2/repository/models/../load").model, "..");
}

TEST(HttpRoute, AllStatisticsAreNotAModel) {
  EXPECT_EQ(match_route("GET", "/v2/models/stats").route->call, HttpCall::kAllStatistics);
  EXPECT_EQ(match_route("GET", "/v2/models/stats/stats").route->call, HttpCall::kModelStatistics);
}

TEST(HttpRoute, AnotherMethodOnAKnownPathIsToldApart) {
  for (const char* method : {"HEAD", "PUT", "DELETE", "OPTIONS", "get"}) {
    const RouteMatch match = match_route(method, "/v2/health/live");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_TRUE(match.known_path);
    EXPECT_TRUE(match.plain_refusal);
  }
  EXPECT_TRUE(match_route("GET", "/v2/models/m/infer").plain_refusal);
  EXPECT_FALSE(match_route("POST", "/v2/models/m/config").plain_refusal);
  EXPECT_FALSE(match_route("DELETE", "/v2").plain_refusal);
}

TEST(HttpRoute, EveryGroupHasARoute) {
  std::set<ApiGroup> groups;
  for (const HttpRoute& route : http_routes()) groups.insert(route.group);
  EXPECT_EQ(groups.size(), std::size(kApiGroups));
}

}  // namespace
}  // namespace scrim
