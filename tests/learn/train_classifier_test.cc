#include <scrim/learn.h>

#include <scrim/network.h>

#include "base/files.h"
#include "base/random.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TrainOptions small_classifier_run(const std::filesystem::path& output, int steps) {
  auto options = TrainOptions::classifier();
  options.output = output;
  options.steps = steps;
  options.batch = 8;
  options.threads = 1;
  return options;
}

// Two classes that differ in colour: bluish and reddish noise.
void write_colours(const std::filesystem::path& folder, int pictures, std::uint64_t seed) {
  Random random(seed);
  for (int i = 0; i < pictures; ++i) {
    Image image{64, 64, std::vector<std::uint8_t>(64 * 64 * 3)};
    for (std::size_t p = 0; p < image.pixels.size(); ++p) {
      const bool strong = p % 3 == (i % 2 == 0 ? 0U : 2U);
      image.pixels[p] = static_cast<std::uint8_t>(random.below(128) + (strong ? 100 : 0));
    }
    const auto name = folder / (i % 2 == 0 ? "blue" : "red") / (std::to_string(i) + ".png");
    std::filesystem::create_directories(name.parent_path());
    write_png(name, image);
  }
}

TEST(TrainClassifier, LearnsClassesOfPicturesThatItHasNotSeen) {
  const TemporaryFolder folder;
  write_colours(folder / "train", 16, 1);
  write_colours(folder / "test", 20, 2);
  train_classifier(Dataset::open(folder / "train", {.layout = "classes"}),
                   small_classifier_run(folder / "c.safetensors", 60));
  const Network network = Network::load(folder / "c.safetensors");
  EXPECT_EQ(network.classes(), (std::vector<std::string>{"blue", "red"}));
  const Dataset test = Dataset::open(folder / "test", {.layout = "classes"});
  int correct = 0;
  for (const Sample& sample : test.samples()) {
    const auto logits = network(to_input(read_image(sample.path), {.scale = 1}))[0].values;
    correct += (logits[1] > logits[0] ? 1 : 0) == sample.label.value();
  }
  // By chance, 18 of 20 or more come right in 1 of 5000 runs.
  EXPECT_GE(correct, 18);
}

TEST(TrainClassifier, StoppedAndResumedWritesTheSameBytesAsUnbroken) {
  const TemporaryFolder folder;
  generate_shapes(folder / "d", {.pictures = 24});
  const Dataset dataset = Dataset::open(folder / "d");
  train_classifier(dataset, small_classifier_run(folder / "unbroken.safetensors", 5));

  TrainOptions options = small_classifier_run(folder / "resumed.safetensors", 5);
  std::stop_source stop;
  options.stop = stop.get_token();
  options.progress = [&](const Progress& progress) {
    if (progress.done == 2) stop.request_stop();
  };
  expect_error(ErrorCode::kUnavailable, "after 2 of 5 steps",
               [&] { train_classifier(dataset, options); });
  EXPECT_FALSE(std::filesystem::exists(options.output));
  options.stop = {};
  options.progress = {};
  options.resume = true;
  train_classifier(dataset, options);
  EXPECT_EQ(read_file(folder / "resumed.safetensors"), read_file(folder / "unbroken.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder / "resumed.safetensors.state"));
}

TEST(TrainClassifier, RefusesFacesAndOptionsOutOfRange) {
  const TemporaryFolder folder;
  generate_faces(folder / "faces", {.pictures = 2, .width = 64, .height = 64});
  expect_error(ErrorCode::kInvalidArgument, "at least 2 classes", [&] {
    train_classifier(Dataset::open(folder / "faces"), small_classifier_run("w", 1));
  });
  generate_shapes(folder / "shapes", {.pictures = 8});
  expect_error(ErrorCode::kInvalidArgument, "steps must be at least 1", [&] {
    train_classifier(Dataset::open(folder / "shapes"), small_classifier_run("w", 0));
  });
}

}  // namespace
}  // namespace scrim
