#include "cluster/work.h"

#include "kube/api_double.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <future>

namespace scrim {
namespace {

struct WorkTest : testing::Test {
  static bool is_marked(const ApiObject& object) { return !text_at(object, "data.mark").empty(); }

  ApiDouble server;
  Api api{{.server = server.url()}, {.space = "lab", .manager = "test"}};
  Api other{{.server = server.url()}, {.space = "lab", .manager = "other"}};
  ClusterOptions options{.timeout = std::chrono::milliseconds(300)};
};

TEST_F(WorkTest, WaitsUntilAnObjectIsAsWanted) {
  api.create(kPods, {{"metadata", {{"name", "a"}}}});
  options.timeout = std::chrono::seconds(10);
  auto changing = std::async(std::launch::async, [&] {
    other.change(kPods, "a", [](const ApiObject&) -> ApiObject {
      return {{"data", {{"mark", "x"}}}};
    });
  });
  const ClusterWork work(api, options);
  EXPECT_EQ(text_at(work.wait_for(kPods, "a", "pod 'a'", is_marked), "data.mark"), "x");
}

TEST_F(WorkTest, AnEndOfPatienceRepeatsWhatTheClusterSaysLast) {
  const auto made = api.create(kPods, {{"metadata", {{"name", "a"}}}});
  const auto say = [&](const char* name, const char* type, const char* time) {
    api.create(kEvents, {{"metadata", {{"name", name}}},
                         {"type", type},
                         {"reason", name},
                         {"message", "said"},
                         {"lastTimestamp", time}});
  };
  say("early", "Warning", "2026-01-01T00:00:00Z");
  say("late", "Warning", "2026-01-02T00:00:00Z");
  say("latest", "Normal", "2026-01-03T00:00:00Z");
  expect_error(ErrorCode::kUnavailable, "pod 'a' took more than 0 s; the cluster says: late: said",
               [&] { ClusterWork(api, options).wait_for(kPods, "a", "pod 'a'", is_marked); });
}

TEST_F(WorkTest, WhatSomebodyDeletesIsNotWaitedFor) {
  expect_error(ErrorCode::kNotFound, "pod 'a': somebody has deleted Pod 'a'",
               [&] { ClusterWork(api, options).wait_for(kPods, "a", "pod 'a'", is_marked); });
}

TEST_F(WorkTest, AnotherOfTheSameNameIsNotTheOneThatWas) {
  const auto first = api.create(kPods, {{"metadata", {{"name", "a"}}}});
  expect_error(ErrorCode::kUnavailable, "the end of 'a' took more than 0 s",
               [&] { ClusterWork(api, options).wait_gone(kPods, *first, "the end of 'a'"); });
  api.remove(kPods, "a");
  ClusterWork(api, options).wait_gone(kPods, *first, "the end of 'a'");
  api.create(kPods, {{"metadata", {{"name", "a"}}}});
  ClusterWork(api, options).wait_gone(kPods, *first, "the end of 'a'");
}

TEST_F(WorkTest, StepsAreTold) {
  std::string told;
  options.on_step = [&](std::string_view step) { told += step; };
  ClusterWork(api, options).step("one");
  options.on_step = nullptr;
  ClusterWork(api, options).step("two");
  EXPECT_EQ(told, "one");
}

}  // namespace
}  // namespace scrim
