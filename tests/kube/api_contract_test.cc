// The same questions for the double of an API server and, where SCRIM_TEST_KUBECONFIG names the
// file of one, for a real one: what the faults are tested on answers as the real thing does.
#include "kube/api.h"
#include "kube/api_double.h"
#include "kube/kubeconfig.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>

namespace scrim {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr ApiKind kMaps{"", "ConfigMap", "configmaps"};
const ApiSelection kOurs{.labels = "maker=contract", .fields = {}};  // the cluster has its own

ApiObject map_of(const std::string& name, const std::string& value) {
  return {{"metadata", {{"name", name}, {"labels", {{"tier", value}, {"maker", "contract"}}}}},
          {"data", {{"k", value}}}};
}

class ApiContractTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      const char* file = std::getenv("SCRIM_TEST_KUBECONFIG");
      if (file == nullptr) GTEST_SKIP() << "SCRIM_TEST_KUBECONFIG names no real API server";
      access = read_kubeconfig({file});
    } else {
      access.server = api_double.url();
    }
    api = std::make_unique<Api>(access, ApiOptions{.manager = "contract"});
    for (const ApiObject& one : api->list(kMaps, kOurs)) {
      api->remove(kMaps, text_at(one, "metadata.name"));
    }
  }

  ApiDouble api_double;
  ClusterAccess access;
  std::unique_ptr<Api> api;
};

TEST_P(ApiContractTest, WhatIsMadeIsFoundUntilItIsRemoved) {
  EXPECT_FALSE(api->find(kMaps, "a"));
  const auto made = api->create(kMaps, map_of("a", "1"));
  ASSERT_TRUE(made);
  EXPECT_EQ(text_at(*made, "data.k"), "1");
  EXPECT_FALSE(text_at(*made, "metadata.uid").empty());
  EXPECT_FALSE(text_at(*made, "metadata.resourceVersion").empty());
  EXPECT_FALSE(api->create(kMaps, map_of("a", "2")));
  EXPECT_EQ(text_at(*api->find(kMaps, "a"), "data.k"), "1");
  expect_error(ErrorCode::kUnavailable, "ConfigMap 'a' in namespace 'default' was changed",
               [&] { api->remove(kMaps, "a", "another-uid"); });
  EXPECT_TRUE(api->remove(kMaps, "a", text_at(*made, "metadata.uid")));
  EXPECT_FALSE(api->remove(kMaps, "a"));
  EXPECT_FALSE(api->find(kMaps, "a"));
}

TEST_P(ApiContractTest, ListsAreSortedAndSelected) {
  for (const char* name : {"c", "a", "b"}) api->create(kMaps, map_of(name, name));
  EXPECT_EQ(api->list(kMaps, kOurs).size(), 3U);
  EXPECT_EQ(text_at(api->list(kMaps, kOurs).front(), "metadata.name"), "a");
  EXPECT_EQ(api->list(kMaps, {.labels = "tier=b"}).size(), 1U);
  EXPECT_EQ(text_at(api->list(kMaps, {.fields = "metadata.name=c"}).at(0), "data.k"), "c");
}

TEST_P(ApiContractTest, ApplyingTwiceChangesNothingMore) {
  const ApiObject first = api->apply(kMaps, map_of("a", "1"));
  const ApiObject second = api->apply(kMaps, map_of("a", "1"));
  EXPECT_EQ(text_at(first, "metadata.resourceVersion"),
            text_at(second, "metadata.resourceVersion"));
  EXPECT_EQ(text_at(api->apply(kMaps, map_of("a", "2")), "data.k"), "2");
}

TEST_P(ApiContractTest, AChangeIsMadeAgainOnWhatSomebodyElseMade) {
  api->create(kMaps, map_of("a", "1"));
  Api other(access, ApiOptions{.manager = "other"});
  int tries = 0;
  const ApiObject changed = api->change(kMaps, "a", [&](const ApiObject& there) -> ApiObject {
    if (++tries == 1) {
      other.change(kMaps, "a", [](const ApiObject&) -> ApiObject {
        return {{"data", {{"other", "x"}}}};
      });
    }
    return {{"data", {{"k", text_at(there, "data.other") + "2"}}}};
  });
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(text_at(changed, "data.k"), "x2");
  EXPECT_EQ(text_at(changed, "data.other"), "x");
  expect_error(ErrorCode::kNotFound, "there is no ConfigMap 'b'", [&] {
    api->change(kMaps, "b", [](const ApiObject&) -> ApiObject { return {{"data", {}}}; });
  });
}

TEST_P(ApiContractTest, AWatchSeesEveryChangeInOrder) {
  api->create(kMaps, map_of("a", "1"));
  Api other(access, ApiOptions{.manager = "other"});
  std::vector<std::string> seen;
  std::future<void> changes;
  const auto look = [&](const Api::ByName& objects) {
    std::string state;
    for (const auto& [name, object] : objects) state += name + text_at(object, "data.k") + " ";
    seen.push_back(state);
    if (seen.size() == 1) {
      changes = std::async(std::launch::async, [&other] {
        other.create(kMaps, map_of("b", "1"));
        other.change(kMaps, "a", [](const ApiObject&) -> ApiObject {
          return {{"data", {{"k", "2"}}}};
        });
        other.remove(kMaps, "b");
      });
    }
    return state == "a2 " && seen.size() > 3;
  };
  EXPECT_TRUE(api->watch(kMaps, kOurs, steady_clock::now() + seconds(10), {}, look));
  EXPECT_EQ(seen, std::vector<std::string>({"a1 ", "a1 b1 ", "a2 b1 ", "a2 "}));
}

TEST_P(ApiContractTest, AWatchOfOneSeesThatOneOnly) {
  Api other(access, ApiOptions{.manager = "other"});
  std::future<void> changes;
  int looks = 0;
  const auto look = [&](const Api::ByName& objects) {
    if (++looks == 1) {
      changes = std::async(std::launch::async, [&other] {
        other.create(kMaps, map_of("b", "1"));
        other.create(kMaps, map_of("a", "1"));
      });
    }
    EXPECT_FALSE(objects.contains("b"));
    return objects.contains("a");
  };
  EXPECT_TRUE(api->watch(kMaps, {.fields = "metadata.name=a"}, steady_clock::now() + seconds(10),
                         {}, look));
  EXPECT_EQ(looks, 2);
  EXPECT_FALSE(api->watch(kMaps, {.fields = "metadata.name=c"},
                          steady_clock::now() + std::chrono::milliseconds(100), {},
                          [](const Api::ByName&) { return false; }));
}

INSTANTIATE_TEST_SUITE_P(Double, ApiContractTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Real, ApiContractTest, testing::Values(true));

}  // namespace
}  // namespace scrim
