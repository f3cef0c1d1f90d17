#include <scrim/learn.h>

#include "base/files.h"
#include "release/safetensors.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TrainOptions small_detector_run(const std::filesystem::path& output) {
  auto options = TrainOptions::detector();
  options.output = output;
  options.steps = 5;
  options.batch = 2;
  options.window = 128;
  return options;
}

TEST(TrainDetector, StoppedAndResumedWritesTheSameBytesAsUnbroken) {
  TemporaryFolder folder;
  generate_faces(folder / "d", {.pictures = 6, .width = 120, .height = 90, .seed = 2});
  const std::vector<Dataset> datasets = {Dataset::open(folder / "d")};
  train_detector(datasets, small_detector_run(folder / "unbroken.safetensors"));

  TrainOptions options = small_detector_run(folder / "resumed.safetensors");
  std::stop_source stop;
  options.stop = stop.get_token();
  options.progress = [&](const Progress& progress) {
    if (progress.done == 2) stop.request_stop();
  };
  expect_error(ErrorCode::kUnavailable, "after 2 of 5 steps",
               [&] { train_detector(datasets, options); });
  EXPECT_FALSE(std::filesystem::exists(options.output));
  options.stop = {};
  options.progress = {};
  options.resume = true;
  train_detector(datasets, options);
  EXPECT_EQ(read_file(folder / "resumed.safetensors"), read_file(folder / "unbroken.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder / "resumed.safetensors.state"));
  const Safetensors weights = read_safetensors(folder / "resumed.safetensors");
  EXPECT_EQ(weights.at("conv1.bn.num_batches_tracked").values[0], 5);
}

TEST(TrainDetector, RefusesOptionsOutOfRange) {
  TrainOptions options = small_detector_run("w.safetensors");
  expect_error(ErrorCode::kInvalidArgument, "at least 1 dataset",
               [&] { train_detector({}, options); });
  TemporaryFolder folder;
  generate_faces(folder / "d", {.pictures = 2, .width = 64, .height = 64});
  options.window = 100;
  expect_error(ErrorCode::kInvalidArgument, "multiple of 64, got 100",
               [&] { train_detector({Dataset::open(folder / "d")}, options); });
}

}  // namespace
}  // namespace scrim
