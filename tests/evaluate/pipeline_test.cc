#include "evaluate/pipeline.h"

#include "base/check.h"
#include "support/expect_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <semaphore>

namespace scrim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Only for what must never be waited for; a machine that is slow is not that slow.
constexpr std::chrono::seconds kForever{120};

std::vector<Sample> samples(int count) {
  std::vector<Sample> samples(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) samples[static_cast<std::size_t>(i)].name = std::to_string(i);
  return samples;
}

// Stages that square the number in a sample's name, and keep what arrives.
class Squares {
 public:
  explicit Squares(std::size_t count) : results(count, -1) {}

  PipelineStages stages() {
    return {.prepare =
                [](const Sample& sample) {
                  return Tensor{{1}, {std::stof(sample.name)}};
                },
            .process =
                [this](std::size_t index, const Tensor& input) {
                  EXPECT_EQ(results[index], -1) << "picture " << index << " came twice";
                  results[index] = input.values[0] * input.values[0];
                }};
  }
  std::vector<float> results;
};

TEST(Pipeline, EveryPictureArrivesOnceInItsPlaceWhateverTheWorkers) {
  const auto pictures = samples(50);
  for (const int workers : {1, 2, 3, 8, 60}) {
    Squares squares(pictures.size());
    const auto skipped = run_pipeline(pictures, squares.stages(), {.workers = workers});
    EXPECT_THAT(skipped, IsEmpty());
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      EXPECT_EQ(squares.results[i], static_cast<float>(i * i)) << workers << " workers";
    }
  }
}

TEST(Pipeline, EmptyRunIsDoneAtOnce) {
  Squares squares(0);
  EXPECT_THAT(run_pipeline({}, squares.stages(), {}), IsEmpty());
}

TEST(Pipeline, NextPictureIsPreparedWhileOneIsInTheNetwork) {
  const auto pictures = samples(2);
  Squares squares(pictures.size());
  std::counting_semaphore<> prepared(0);
  PipelineStages stages = squares.stages();
  stages.prepare = [&, prepare = stages.prepare](const Sample& sample) {
    prepared.release();
    return prepare(sample);
  };
  std::atomic<bool> is_first = true;
  stages.process = [&, process = stages.process](std::size_t index, const Tensor& input) {
    if (is_first.exchange(false)) {  // stays in the network until both were read
      EXPECT_TRUE(prepared.try_acquire_for(kForever));
      EXPECT_TRUE(prepared.try_acquire_for(kForever));
    }
    process(index, input);
  };
  run_pipeline(pictures, stages, {.workers = 2});
  EXPECT_THAT(squares.results, ElementsAre(0, 1));
}

TEST(Pipeline, UnreadablePicturesAreSkippedAndNamedInOrder) {
  const auto pictures = samples(40);
  Squares squares(pictures.size());
  PipelineStages stages = squares.stages();
  stages.prepare = [prepare = stages.prepare](const Sample& sample) {
    if (sample.name == "31") fail(ErrorCode::kNotFound, "no such file");
    if (sample.name == "7") fail(ErrorCode::kCorrupt, "not a picture");
    return prepare(sample);
  };
  const auto skipped = run_pipeline(pictures, stages, {.workers = 4});
  EXPECT_THAT(skipped, ElementsAre("7: not a picture", "31: no such file"));
  EXPECT_EQ(std::count(squares.results.begin(), squares.results.end(), -1), 2);
  EXPECT_EQ(squares.results[7], -1);
  EXPECT_EQ(squares.results[31], -1);
}

TEST(Pipeline, StrictRunEndsAtAnUnreadablePicture) {
  const auto pictures = samples(4);
  Squares squares(pictures.size());
  PipelineStages stages = squares.stages();
  stages.prepare = [](const Sample&) -> Tensor { fail(ErrorCode::kCorrupt, "not a picture"); };
  expect_error(ErrorCode::kCorrupt, "not a picture",
               [&] { run_pipeline(pictures, stages, {.strict = true}); });
}

TEST(Pipeline, FaultOfTheMachineIsNoSkippedPicture) {
  Squares squares(4);
  PipelineStages stages = squares.stages();
  stages.prepare = [](const Sample&) -> Tensor { fail(ErrorCode::kUnavailable, "disk gone"); };
  expect_error(ErrorCode::kUnavailable, "disk gone", [&] { run_pipeline(samples(4), stages, {}); });
}

TEST(Pipeline, ErrorInTheNetworkEndsTheRun) {
  const auto pictures = samples(1000);
  Squares squares(pictures.size());
  PipelineStages stages = squares.stages();
  stages.process = [](std::size_t, const Tensor&) {
    fail(ErrorCode::kInvalidArgument, "not finite");
  };
  expect_error(ErrorCode::kInvalidArgument, "not finite",
               [&] { run_pipeline(pictures, stages, {.workers = 3}); });
  EXPECT_EQ(std::count(squares.results.begin(), squares.results.end(), -1), 1000);
}

TEST(Pipeline, ExceptionThatIsNotOursArrivesAsItWas) {
  Squares squares(4);
  PipelineStages stages = squares.stages();
  stages.process = [](std::size_t, const Tensor&) { throw std::length_error("elsewhere"); };
  EXPECT_THROW(run_pipeline(samples(4), stages, {}), std::length_error);
}

TEST(Pipeline, StopEndsTheRunAsUnavailable) {
  const auto pictures = samples(1000);
  Squares squares(pictures.size());
  std::stop_source stop;
  const auto stop_at_ten = [&](const Progress& progress) {
    if (progress.done == 10) stop.request_stop();
  };
  expect_error(ErrorCode::kUnavailable, "of 1000 pictures", [&] {
    run_pipeline(pictures, squares.stages(),
                 {.workers = 2, .progress = stop_at_ten, .stop = stop.get_token()});
  });
  EXPECT_GT(std::count(squares.results.begin(), squares.results.end(), -1), 900);
}

TEST(Pipeline, StopAfterTheLastPictureIsTooLate) {
  Squares squares(3);
  std::stop_source stop;
  const auto stop_at_end = [&](const Progress& progress) {
    if (progress.done == progress.total) stop.request_stop();
  };
  EXPECT_NO_THROW(run_pipeline(samples(3), squares.stages(),
                               {.progress = stop_at_end, .stop = stop.get_token()}));
}

TEST(Pipeline, ProgressCountsEveryPictureAndIsNeverCalledTwiceAtOnce) {
  const auto pictures = samples(100);
  Squares squares(pictures.size());
  PipelineStages stages = squares.stages();
  stages.prepare = [prepare = stages.prepare](const Sample& sample) {
    if (sample.name == "50") fail(ErrorCode::kCorrupt, "not a picture");
    return prepare(sample);
  };
  std::vector<std::int64_t> done;
  std::mutex only_one;
  run_pipeline(pictures, stages,
               {.workers = 4, .stage = "evaluate", .progress = [&](const Progress& progress) {
                  const std::unique_lock lock(only_one, std::try_to_lock);
                  ASSERT_TRUE(lock.owns_lock());
                  EXPECT_EQ(progress.stage, "evaluate");
                  EXPECT_EQ(progress.total, 100);
                  done.push_back(progress.done);
                }});
  ASSERT_EQ(done.size(), 100);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.back(), 100);
}

}  // namespace
}  // namespace scrim
