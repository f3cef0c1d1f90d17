#include "cluster/pods.h"

#include "kube/api_double.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

struct PodsTest : testing::Test {
  void make(const std::string& name, const std::string& phase, const ApiObject& state = {}) {
    ApiObject pod = {{"metadata", {{"name", name}, {"labels", {{"of", "x"}}}}},
                     {"status", {{"phase", phase}}}};
    if (!state.is_null()) pod["status"]["containerStatuses"] = {{{"state", state}}};
    api.create(kPods, pod);
  }

  ApiDouble server;
  Api api{{.server = server.url()}, {.space = "lab", .manager = "test"}};
  ClusterOptions options{.timeout = std::chrono::milliseconds(200)};
  const ApiSelection selection{.labels = "of=x", .fields = {}};
};

TEST_F(PodsTest, OneThatRunsOrHasEndedHasStarted) {
  make("waits", "Pending");
  make("done", "Succeeded");
  EXPECT_EQ(text_at(started_pod(ClusterWork(api, options), selection, "case 'x'"), "metadata.name"),
            "done");
}

TEST_F(PodsTest, OneThatDoesNotStartSaysWhy) {
  expect_error(ErrorCode::kUnavailable, "case 'x' took more than 0 s",
               [&] { started_pod(ClusterWork(api, options), selection, "case 'x'"); });
  make("waits", "Pending", {{"waiting", {{"reason", "ErrImagePull"}, {"message", "no"}}}});
  expect_error(ErrorCode::kUnavailable, "the cluster says: ErrImagePull: no",
               [&] { started_pod(ClusterWork(api, options), selection, "case 'x'"); });
}

TEST_F(PodsTest, OneThatEndsAgainAndAgainSaysItsLastWord) {
  const ClusterWork work(api, options);
  const ApiObject ended = {{"terminated",
                            {{"reason", "Error"},
                             {"exitCode", 2},
                             {"message", "loading\nscrim-server: no flag --x\n"}}}};
  make("ends", "Running", ended);
  EXPECT_EQ(trouble_of_pod(work, *api.find(kPods, "ends")),
            "the container ended with 2 (Error): scrim-server: no flag --x");
  ApiObject pod = *api.find(kPods, "ends");
  pod["status"]["containerStatuses"] = {
      {{"state",
        {{"waiting", {{"reason", "CrashLoopBackOff"}, {"message", "back-off 10s restarting"}}}}},
       {"lastState", {{"terminated", {{"reason", "OOMKilled"}, {"exitCode", 137}}}}}}};
  EXPECT_EQ(trouble_of_pod(work, pod),
            "CrashLoopBackOff: the container ended with 137 (OOMKilled)");
}

TEST_F(PodsTest, WhatKeepsAPodIsItsOwnReasonOrTheLastEvent) {
  const ClusterWork work(api, options);
  make("creates", "Pending", {{"waiting", {{"reason", "ContainerCreating"}}}});
  const ApiObject pod = *api.find(kPods, "creates");
  EXPECT_EQ(trouble_of_pod(work, pod), "");
  api.create(kEvents, {{"metadata", {{"name", "e"}}},
                       {"type", "Warning"},
                       {"reason", "FailedScheduling"},
                       {"message", "no GPU"}});
  EXPECT_EQ(trouble_of_pod(work, pod), "FailedScheduling: no GPU");
}

TEST_F(PodsTest, AContainerOfManyHasItsOwnBeginningAndEnd) {
  const ApiObject done = {{"terminated", {{"exitCode", 3}}}};
  api.create(
      kPods,
      {{"metadata", {{"name", "many"}, {"labels", {{"of", "x"}}}}},
       {"status",
        {{"phase", "Pending"}, {"initContainerStatuses", {{{"name", "copy"}, {"state", done}}}}}}});
  const ClusterWork work(api, options);
  const ApiObject pod = started_pod(work, selection, "transfer 'x'", "copy");
  EXPECT_EQ(exit_code_of(pod, "copy"), 3);
  EXPECT_EQ(exit_code_of(pod, "verify"), 255) << "nobody knows";
  expect_error(ErrorCode::kUnavailable, "took more than 0 s",
               [&] { started_pod(work, selection, "transfer 'x'", "verify"); });
}

}  // namespace
}  // namespace scrim
