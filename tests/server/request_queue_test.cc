#include "server/request_queue.h"

#include "protocol/expect_request_error.h"
#include "server/small_models.h"

#include <gtest/gtest.h>

#include <thread>

namespace scrim {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

ModelConfig config_with(const std::string& batching) {
  return parse_model_config(identity_config(batching, 8), "m");
}

QueuedRequest request_of(std::int64_t batch, std::int64_t length = 1) {
  QueuedRequest request;
  request.checked.batch = batch;
  request.checked.inputs.resize(1);
  request.checked.inputs[0].name = "INPUT0";
  request.checked.inputs[0].shape = {batch, length};
  request.done = [](const InferResult&) {};
  return request;
}

// A queue that notes what it lost.
struct RequestQueueFixture {
  explicit RequestQueueFixture(const std::string& batching)
      : config(config_with(batching)), queue(config, [this](QueuedRequest request, QueueLoss loss) {
          lost.emplace_back(request.call.request.id, loss);
        }) {}

  std::vector<std::int64_t> take() {
    std::vector<std::int64_t> batches;
    for (const QueuedRequest& one : queue.take()) batches.push_back(one.checked.batch);
    return batches;
  }

  ModelConfig config;
  std::vector<std::pair<std::string, QueueLoss>> lost;
  RequestQueue queue;
};

using Batches = std::vector<std::int64_t>;

TEST(RequestQueue, WithoutBatchingEveryRequestRunsAloneInOrder) {
  RequestQueueFixture f("");
  for (const std::int64_t batch : {1, 2, 3}) f.queue.push(request_of(batch));
  EXPECT_EQ(f.queue.waiting(), 3U);
  EXPECT_EQ(f.take(), Batches({1}));
  EXPECT_EQ(f.take(), Batches({2}));
  EXPECT_EQ(f.take(), Batches({3}));
  EXPECT_EQ(f.queue.waiting(), 0U);
}

TEST(RequestQueue, WithBatchingWhatWaitsRunsTogetherUpToTheLargestBatch) {
  RequestQueueFixture f("dynamic_batching {}");
  for (const std::int64_t batch : {3, 3, 3, 1}) f.queue.push(request_of(batch));
  EXPECT_EQ(f.take(), Batches({3, 3}));
  EXPECT_EQ(f.take(), Batches({3, 1}));
}

TEST(RequestQueue, OtherShapesDoNotRunTogether) {
  RequestQueueFixture f("dynamic_batching {}");
  f.queue.push(request_of(1, 4));
  f.queue.push(request_of(2, 5));
  f.queue.push(request_of(1, 4));
  EXPECT_EQ(f.take(), Batches({1}));
  EXPECT_EQ(f.take(), Batches({2}));
  EXPECT_EQ(f.take(), Batches({1}));
}

TEST(RequestQueue, ASmallBatchWaitsForCompanyAndAPreferredOneDoesNot) {
  RequestQueueFixture f(
      "dynamic_batching { preferred_batch_size: 4 max_queue_delay_microseconds: 60000 }");
  const auto start = steady_clock::now();
  f.queue.push(request_of(4));
  EXPECT_EQ(f.take(), Batches({4}));
  EXPECT_LT(steady_clock::now() - start, milliseconds(50));
  f.queue.push(request_of(1));
  const auto alone = steady_clock::now();
  EXPECT_EQ(f.take(), Batches({1}));
  EXPECT_GE(steady_clock::now() - alone, milliseconds(40));
}

TEST(RequestQueue, CompanyThatComesInTimeRunsAlong) {
  RequestQueueFixture f(
      "dynamic_batching { preferred_batch_size: 2 max_queue_delay_microseconds: 10000000 }");
  f.queue.push(request_of(1));
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(20));
    f.queue.push(request_of(1));
  });
  EXPECT_EQ(f.take(), Batches({1, 1}));
}

TEST(RequestQueue, TheMostThatMayWaitIsTheMostThatIsTaken) {
  RequestQueueFixture f("dynamic_batching { default_queue_policy { max_queue_size: 2 } }");
  f.queue.push(request_of(8));
  f.queue.push(request_of(8));
  expect_request_error(RequestFault::kUnavailable, "Exceeds maximum queue size",
                       [&] { f.queue.push(request_of(8)); });
  f.take();
  EXPECT_NO_THROW(f.queue.push(request_of(8)));
}

TEST(RequestQueue, LowerLevelsGoFirst) {
  RequestQueueFixture f("dynamic_batching { priority_levels: 2 default_priority_level: 2 }");
  const auto push = [&](std::int64_t batch, std::uint64_t priority) {
    QueuedRequest request = request_of(batch);
    request.call.request.priority = priority;
    f.queue.push(std::move(request));
  };
  push(8, 0);
  push(7, 1);
  push(6, 9);  // no such level: the default
  EXPECT_EQ(f.take(), Batches({7}));
  EXPECT_EQ(f.take(), Batches({8}));
  EXPECT_EQ(f.take(), Batches({6}));
}

TEST(RequestQueue, AnExpiredRequestIsLostAndTheNextRuns) {
  RequestQueueFixture f(
      "dynamic_batching { default_queue_policy { default_timeout_microseconds: 50000000 "
      "allow_timeout_override: true } }");
  QueuedRequest hurried = request_of(8);
  hurried.call.request.id = "hurried";
  hurried.call.request.timeout_microseconds = 1;
  f.queue.push(std::move(hurried));
  f.queue.push(request_of(7));
  std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(f.take(), Batches({7}));
  ASSERT_EQ(f.lost.size(), 1U);
  EXPECT_EQ(f.lost[0].first, "hurried");
  EXPECT_EQ(f.lost[0].second, QueueLoss::kExpired);
}

TEST(RequestQueue, WithoutLeaveARequestCannotChangeItsTime) {
  RequestQueueFixture f("dynamic_batching {}");
  QueuedRequest hurried = request_of(8);
  hurried.call.request.timeout_microseconds = 1;
  f.queue.push(std::move(hurried));
  std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(f.take(), Batches({8}));
}

TEST(RequestQueue, UnderDelayAnExpiredRequestGoesLast) {
  RequestQueueFixture f(
      "dynamic_batching { default_queue_policy { timeout_action: DELAY "
      "default_timeout_microseconds: 20000 } }");
  f.queue.push(request_of(8));
  std::this_thread::sleep_for(milliseconds(30));
  f.queue.push(request_of(7));
  EXPECT_EQ(f.take(), Batches({7}));
  EXPECT_EQ(f.take(), Batches({8}));
  EXPECT_TRUE(f.lost.empty());
}

TEST(RequestQueue, WhatNobodyWaitsForIsDropped) {
  RequestQueueFixture f("");
  std::stop_source gone;
  QueuedRequest left = request_of(1);
  left.call.request.id = "left";
  left.call.gone = gone.get_token();
  f.queue.push(std::move(left));
  f.queue.push(request_of(2));
  gone.request_stop();
  EXPECT_EQ(f.take(), Batches({2}));
  ASSERT_EQ(f.lost.size(), 1U);
  EXPECT_EQ(f.lost[0].second, QueueLoss::kGone);
}

TEST(RequestQueue, AClosedQueueGivesWhatItHasAndTakesNoMore) {
  RequestQueueFixture f("dynamic_batching { max_queue_delay_microseconds: 60000000 }");
  f.queue.push(request_of(1));
  f.queue.close();
  EXPECT_EQ(f.take(), Batches({1}));
  EXPECT_EQ(f.take(), Batches());
  expect_request_error(RequestFault::kUnavailable, "is being unloaded",
                       [&] { f.queue.push(request_of(1)); });
}

}  // namespace
}  // namespace scrim
