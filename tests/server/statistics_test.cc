#include "server/statistics.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

using std::chrono::microseconds;

TEST(Statistics, ARunCountsItsRequestsItsBatchAndItself) {
  StatisticsRecord record("m", "1");
  const SteadyTime start = std::chrono::steady_clock::now();
  StatisticsRecord::Run run;
  run.batch = 3;
  run.arrived = {start, start + microseconds(10)};
  run.taken = start + microseconds(20);
  run.ready = start + microseconds(25);
  run.ran = start + microseconds(65);
  run.done = start + microseconds(70);
  record.ran(run);
  const ModelStatistics numbers = record.read();
  EXPECT_EQ(numbers.success.count, 2U);
  EXPECT_EQ(numbers.success.ns, 70'000U + 60'000U);
  EXPECT_EQ(numbers.queue.ns, 20'000U + 10'000U);
  EXPECT_EQ(numbers.compute_input.ns, 2U * 5'000U);
  EXPECT_EQ(numbers.compute_infer.ns, 2U * 40'000U);
  EXPECT_EQ(numbers.compute_output.ns, 2U * 5'000U);
  EXPECT_EQ(numbers.inference_count, 3U);
  EXPECT_EQ(numbers.execution_count, 1U);
  ASSERT_EQ(numbers.batches.size(), 1U);
  EXPECT_EQ(numbers.batches[0].compute_infer.ns, 40'000U);
  EXPECT_GT(numbers.last_inference_ms, 0U);
}

TEST(Statistics, BatchesAreSortedBySize) {
  StatisticsRecord record("m", "1");
  for (const std::int64_t batch : {4, 1, 2, 4}) {
    StatisticsRecord::Run run;
    run.batch = batch;
    record.ran(run);
  }
  const auto batches = record.read().batches;
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].batch_size, 1U);
  EXPECT_EQ(batches[1].batch_size, 2U);
  EXPECT_EQ(batches[2].batch_size, 4U);
  EXPECT_EQ(batches[2].compute_infer.count, 2U);
}

TEST(Statistics, EveryReasonIsThereFromTheStart) {
  StatisticsRecord record("m", "1");
  EXPECT_EQ(record.read().failures.size(), 4U);
  record.failed(FailureReason::kCancelled, std::chrono::steady_clock::now());
  EXPECT_EQ(record.read().failures.at("CANCELED"), 1U);
  EXPECT_EQ(record.read().failures.at("REJECTED"), 0U);
  EXPECT_EQ(record.read().fail.count, 1U);
}

}  // namespace
}  // namespace scrim
