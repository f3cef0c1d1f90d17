#include "audit/decoder_training.h"

#include "support/expect_error.h"
#include "support/linear_head.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace scrim {
namespace {

std::vector<Lesson> lessons_of(const std::vector<LinearHeadPicture>& pictures) {
  std::vector<Lesson> lessons;
  for (const auto& picture : pictures) {
    Lesson lesson;
    lesson.activation = &picture.activation;
    lesson.target = &picture.target;
    lessons.push_back(lesson);
  }
  return lessons;
}

Decoder fitted_decoder(const std::vector<LinearHeadPicture>& pictures) {
  torch::manual_seed(4);
  Decoder decoder({.channels = 3, .block = kLinearHeadBlock, .width = 8, .upper_width = 0},
                  linear_head_conditions());
  decoder.fit_linear(linear_head_examples(pictures), 1);
  return decoder;
}

DecoderTraining short_training() {
  DecoderTraining training;
  training.name = "test";
  training.steps = 40;
  training.batch = 4;
  training.window = 8;
  return training;
}

// Cells are independent and the colours nearly Gaussian under much noise: nothing can be gained
// over the linear optimum, and training must not lose more than a twentieth of it.
TEST(DecoderTraining, IsNoWorseThanTheLinearAttackerAndAtChanceOnNoise) {
  const auto taught = linear_head_pictures(30, 1), measured = linear_head_pictures(30, 2);
  Decoder decoder = fitted_decoder(taught);
  train_decoder(decoder, lessons_of(taught), {}, nullptr, short_training());
  torch::manual_seed(5);
  for (std::size_t i = 0; i < decoder.conditions().size(); ++i) {
    const double best = linear_head_optimum(decoder.conditions()[i]);
    EXPECT_LT(linear_head_missed(decoder, measured, i, false), 1.05 * best + 0.02) << i;
  }
  EXPECT_NEAR(linear_head_missed(decoder, measured, 1, false), 1.0, 0.05);
}

TEST(DecoderTraining, GivesTheSameWeightsForTheSameSeed) {
  const auto taught = linear_head_pictures(6, 1);
  std::vector<double> sums;
  for (int run = 0; run < 2; ++run) {
    Decoder decoder = fitted_decoder(taught);
    DecoderTraining training = short_training();
    training.steps = 5;
    train_decoder(decoder, lessons_of(taught), {}, nullptr, training);
    double sum = 0;
    for (const auto& parameter : decoder.network()->parameters()) {
      sum += parameter.abs().sum().item<double>();
    }
    sums.push_back(sum);
  }
  EXPECT_EQ(sums[0], sums[1]);
}

TEST(DecoderTraining, StopsWhenToldTo) {
  const auto taught = linear_head_pictures(2, 1);
  Decoder decoder = fitted_decoder(taught);
  std::stop_source stop;
  stop.request_stop();
  DecoderTraining training = short_training();
  training.stop = stop.get_token();
  expect_error(ErrorCode::kUnavailable, "stopped",
               [&] { train_decoder(decoder, lessons_of(taught), {}, nullptr, training); });
  expect_error(ErrorCode::kInvalidArgument, "lessons",
               [&] { train_decoder(decoder, {}, {}, nullptr, short_training()); });
}

}  // namespace
}  // namespace scrim
