#include "server/http_api.h"

#include "server/fake_service.h"
#include "server/small_models.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

struct HttpApiFixture {
  HttpApiFixture() {
    service.config =
        std::make_shared<const ModelConfig>(parse_model_config(simple_config(), "simple"));
  }

  HttpAnswer ask(const std::string& method, const std::string& target,
                 const std::string& body = "") {
    HttpAnswer answer;
    api.handle({{method, target, {}}, std::make_shared<const std::string>(body), {}},
               [&](HttpAnswer given) { answer = std::move(given); });
    return answer;
  }

  FakeService service;
  HttpApi api{service, {}};
};

TEST(HttpApi, HealthIsAStatusAndNothingElse) {
  HttpApiFixture f;
  for (const bool ready : {true, false}) {
    f.service.is_ready = ready;
    EXPECT_EQ(f.ask("GET", "/v2/health/live").status, 200);
    EXPECT_EQ(f.ask("GET", "/v2/health/ready").status, ready ? 200 : 400);
    EXPECT_EQ(f.ask("GET", "/v2/health/ready").body, "");
    EXPECT_EQ(f.ask("GET", "/v2/models/simple/ready").status, ready ? 200 : 400);
  }
  EXPECT_EQ(f.ask("GET", "/v2/models/simple/ready").body, R"({"error":"Model version not ready"})");
  EXPECT_EQ(f.ask("GET", "/v2/models/nope/ready").content_type, "text/plain");
}

TEST(HttpApi, UnknownPathsAndMethodsAreRefused) {
  HttpApiFixture f;
  EXPECT_EQ(f.ask("GET", "/v2/").status, 404);
  EXPECT_EQ(f.ask("GET", "/v2/").body, R"({"error":"Not Found"})");
  EXPECT_EQ(f.ask("PUT", "/v2").status, 405);
  EXPECT_EQ(f.ask("PUT", "/v2").body, R"({"error":"Method Not Allowed"})");
}

TEST(HttpApi, TheConfigIsTheModelsOwnText) {
  HttpApiFixture f;
  EXPECT_EQ(f.ask("GET", "/v2/models/simple/config").body, f.service.config->json);
  EXPECT_EQ(f.ask("GET", "/v2/models/nope/config").status, 404);
}

TEST(HttpApi, TheIndexMayBeOfReadyModelsOnly) {
  HttpApiFixture f;
  EXPECT_EQ(f.ask("POST", "/v2/repository/index").body, R"([{"name":"simple","version":"1"}])");
  EXPECT_EQ(f.ask("POST", "/v2/repository/any/index", R"({"ready":true})").body,
            R"([{"name":"simple","version":"1","state":"READY"}])");
  EXPECT_EQ(f.ask("POST", "/v2/repository/index", "{").status, 500);
  EXPECT_EQ(f.ask("POST", "/v2/repository/index", R"({"ready":1})").status, 500);
}

TEST(HttpApi, LoadTakesAConfigAndNoFiles) {
  HttpApiFixture f;
  const std::string load = "/v2/repository/models/simple/load";
  EXPECT_EQ(f.ask("POST", load).status, 200);
  EXPECT_EQ(f.service.loaded, "simple (file)");
  EXPECT_EQ(f.ask("POST", load, R"({"parameters":{"config":"{}"}})").status, 200);
  EXPECT_EQ(f.service.loaded, "simple {}");
  f.service.loaded.clear();
  EXPECT_EQ(f.ask("POST", load, R"({"parameters":{"config":"{}","file:1/model.pt":"QQ"}})").status,
            501);
  EXPECT_EQ(f.ask("POST", load, R"({"parameters":{"file:1/model.pt":"QQ"}})").status, 500);
  EXPECT_EQ(f.ask("POST", load, R"({"parameters":{"config":{}}})").status, 500);
  EXPECT_EQ(f.ask("POST", load, R"({"parameters":{"other":"x"}})").body,
            R"({"error":"unexpected error on creating Triton parameter"})");
  EXPECT_EQ(f.ask("POST", load, R"({"parameters":[]})").status, 500);
  EXPECT_EQ(f.ask("POST", "/v2/repository/own/models/simple/load").status, 501);
  EXPECT_EQ(f.service.loaded, "");
}

TEST(HttpApi, AWrongUnloadLeavesTheModel) {
  HttpApiFixture f;
  const std::string unload = "/v2/repository/models/simple/unload";
  EXPECT_EQ(f.ask("POST", unload, R"({"parameters":{"unload_dependents":"yes"}})").status, 500);
  EXPECT_EQ(f.service.unloaded, "");
  EXPECT_EQ(f.ask("POST", unload, R"({"parameters":{"unload_dependents":true}})").status, 200);
  EXPECT_EQ(f.service.unloaded, "simple");
}

TEST(HttpApi, WhatIsLeftOutSaysSo) {
  HttpApiFixture f;
  EXPECT_EQ(f.ask("GET", "/v2/systemsharedmemory/status").body, "[]");
  EXPECT_EQ(f.ask("GET", "/v2/systemsharedmemory/region/zz/status").body,
            R"({"error":"Unable to find system shared memory region: 'zz'"})");
  EXPECT_EQ(f.ask("GET", "/v2/cudasharedmemory/region/zz/status").body,
            R"({"error":"Unable to find cuda shared memory region: 'zz'"})");
  EXPECT_EQ(f.ask("POST", "/v2/systemsharedmemory/region/a/register").status, 501);
  EXPECT_EQ(f.ask("GET", "/v2/models/simple/trace/setting").status, 503);
  EXPECT_EQ(f.ask("GET", "/v2/logging").status, 200);
  EXPECT_EQ(f.ask("POST", "/v2/logging", "{}").status, 501);
}

// A new route without a group does not compile; one that escaped the table would fail here.
TEST(HttpApi, EveryRouteIsClosedWithoutTheHeaderOfItsGroupAndOpenWithIt) {
  HttpApiOptions options;
  for (const ApiGroup group : kApiGroups) {
    options.permissions.restrict_to(std::string(name(group)) + ":K-" + std::string(name(group)) +
                                    "=secret");
  }
  HttpApiFixture f;
  HttpApi api(f.service, options);
  for (const HttpRoute& route : http_routes()) {
    std::string path(route.path);
    if (const auto at = path.find("{version}"); at != std::string::npos) path.replace(at, 9, "1");
    const std::string key = "k-" + std::string(name(route.group));
    HttpHead head{std::string(route.method), path, {}};
    const HttpHandler::Plan closed = api.plan(head);
    ASSERT_TRUE(closed.refusal) << path;
    EXPECT_EQ(closed.refusal->status, 403);
    EXPECT_NE(closed.refusal->body.find("This API is restricted, expecting header 'K-"),
              std::string::npos);
    EXPECT_EQ(closed.body_limit, 0U);
    head.headers[key] = "secret";
    EXPECT_FALSE(api.plan(head).refusal) << path;
  }
}

TEST(HttpApi, BodiesAreLimitedByWhatTheCallNeeds) {
  HttpApiFixture f;
  const auto limit = [&](const std::string& method, const std::string& target) {
    return f.api.plan({method, target, {}}).body_limit;
  };
  EXPECT_EQ(limit("POST", "/v2/models/nope/infer"), HttpApiOptions{}.max_input_bytes);
  EXPECT_LT(limit("POST", "/v2/models/simple/infer"), 200'000U);
  EXPECT_EQ(limit("POST", "/v2/repository/models/simple/load"), 1U << 20);
  EXPECT_EQ(limit("GET", "/v2"), 64U << 10);
  EXPECT_EQ(limit("POST", "/nowhere"), 64U << 10);
  const HttpAnswer answer = f.api.too_large({}, 7);
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("exceeds the maximum allowed value of 7 bytes"), std::string::npos);
}

}  // namespace
}  // namespace scrim
