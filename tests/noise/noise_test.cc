#include <scrim/noise.h>

#include "kernels/add_noise.h"
#include "noise/contract.h"
#include "noise/grid.h"
#include "noise/nonce.h"
#include "release/wire_layout.h"
#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace scrim {
namespace {

constexpr float kInfiniteValue = std::numeric_limits<float>::infinity();
constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();

Key test_key(std::uint8_t fill = 1) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(fill);
  return Key::from_bytes(bytes);
}

// Standard normal values, as whitened activations are on average.
Activation random_activation(const Shape& shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Activation activation{{shape, std::vector<float>(element_count(shape))}};
  for (float& value : activation.tensor.values) value = normal(generator);
  return activation;
}

class NoiseTest : public ::testing::Test {
 protected:
  Noise make(NoiseOptions options = {}) const { return Noise(release_, test_key(), options); }

  TemporaryFolder folder_;
  Release release_ = tiny_release(folder_, tiny_noise());
  Activation activation_ = random_activation({2, 3, 5, 7}, 1);
};

TEST_F(NoiseTest, KeepsTheShapeAndSaysWhatItIs) {
  const NoisyActivation noisy = make({.alpha = 0.8 + 1e-10})(activation_);
  EXPECT_EQ(noisy.tensor().shape, activation_.tensor.shape);
  EXPECT_EQ(noisy.tensor().values.size(), activation_.tensor.values.size());
  EXPECT_EQ(noisy.release_id(), release_.id());
  EXPECT_EQ(noisy.alpha(), 0.8);
}

TEST_F(NoiseTest, NoValueLeavesAsItCame) {
  for (const Draw draw : {Draw::kSticky, Draw::kFresh}) {
    const NoisyActivation noisy = make({.draw = draw})(activation_);
    for (std::size_t i = 0; i < activation_.tensor.values.size(); ++i) {
      EXPECT_NE(noisy.tensor().values[i], activation_.tensor.values[i]) << i;
    }
  }
}

TEST_F(NoiseTest, StatesItsBits) {
  const Noise noise = make({.alpha = 0.5});
  EXPECT_DOUBLE_EQ(noise.bits_per_element(), 0.5);
  EXPECT_DOUBLE_EQ(noise.bits_per_cell(), 2.0);
  EXPECT_DOUBLE_EQ(make({.alpha = 0.95}).bits_per_cell(), 4 * std::log2(1 / 0.95) / 2);
}

TEST_F(NoiseTest, StatesTheAlphaOfHeldOutPictures) {
  const Noise noise = make({.alpha = 0.95});
  const double snr = std::pow(0.95, -4.0 / 3.0) - 1.0;
  // Variances 1, 1.03 and .98 as written in the release; sigma is rounded to float32.
  EXPECT_NEAR(noise.realised_alpha(), alpha_of(std::vector{snr, 1.03 * snr, .98 * snr}, 4), 2e-7);
}

TEST_F(NoiseTest, IsTheDocumentedKernelUnderTheDocumentedDraw) {
  const Noise noise = make();
  const auto& parameters = release_.noise();
  const Activation one = random_activation({1, 3, 5, 7}, 2);
  const StickySample sample{release_.id(), 0.8, {3, 5, 7}, one.tensor.values, 8.0F};
  const StreamKey stream{stream_key(test_key(), release_.id()).bytes(),
                         sticky_nonce(nonce_key(test_key(), release_.id()), sample)};
  std::vector<float> expected(one.tensor.values.size());
  const AddNoise op{one.tensor.values, parameters.scale[1], parameters.sigma[1], 8.0F, stream,
                    expected};
  add_noise(Backend::kReference, op, {0, expected.size()});
  round_to_grid(expected, parameters.sigma[1]);
  const NoisyActivation noisy = noise(one);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    // Another back end's last bit can tip a value to the next point of the grid.
    EXPECT_NEAR(noisy.tensor().values[i], expected[i], grid_step(parameters.sigma[1][0])) << i;
  }
}

TEST_F(NoiseTest, LeavesOnTheGrid) {
  const float step = grid_step(release_.noise().sigma[1][0]);
  const NoisyActivation noisy = make()(activation_);
  for (const float value : noisy.tensor().values) {
    EXPECT_EQ(value / step, std::nearbyint(value / step));
  }
}

TEST_F(NoiseTest, ABatchIsItsSamplesOneByOne) {
  const Noise noise = make();
  const NoisyActivation batch = noise(activation_);
  for (std::size_t n = 0; n < 2; ++n) {
    Activation one{{{1, 3, 5, 7}, {}}};
    const auto first = activation_.tensor.values.begin() + static_cast<std::ptrdiff_t>(n * 105);
    one.tensor.values.assign(first, first + 105);
    const NoisyActivation single = noise(one);
    EXPECT_TRUE(std::equal(single.tensor().values.begin(), single.tensor().values.end(),
                           batch.tensor().values.begin() + static_cast<std::ptrdiff_t>(n * 105)));
  }
}

TEST_F(NoiseTest, ThreadsShareOne) {
  const Noise noise = make();
  const auto expected = noise(activation_).tensor().values;
  std::vector<std::vector<float>> results(8);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] { result = noise(activation_).tensor().values; });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST_F(NoiseTest, StickyRepeatsItselfAndFreshNever) {
  EXPECT_EQ(make()(activation_).tensor().values, make()(activation_).tensor().values);
  const Noise fresh = make({.draw = Draw::kFresh});
  EXPECT_NE(fresh(activation_).tensor().values, fresh(activation_).tensor().values);
}

TEST_F(NoiseTest, AnActivationInCallersMemoryIsTheSame) {
  const Noise noise = make({.wire = WireType::kInt8});
  const NoisyActivation noisy = noise(activation_.tensor.shape, activation_.tensor.values);
  const NoisyActivation copied = noise(activation_);
  EXPECT_EQ(noisy.tensor().values, copied.tensor().values);
  EXPECT_EQ(noisy.tensor().shape, activation_.tensor.shape);
  EXPECT_EQ(noisy.contract_digest(), release_.contract_digest());
  EXPECT_EQ(noisy.wire_type(), WireType::kInt8);
  EXPECT_FALSE(make({.draw = Draw::kFresh})(activation_.tensor.shape, activation_.tensor.values)
                   .fresh_nonce()
                   .empty());
}

TEST_F(NoiseTest, InPlaceIsTheSame) {
  std::vector<float> values = activation_.tensor.values;
  make().apply(activation_.tensor.shape, values, values);
  EXPECT_EQ(values, make()(activation_).tensor().values);
}

TEST_F(NoiseTest, HoldsLargeValuesToTheClip) {
  Activation large = activation_;
  Activation held = activation_;
  large.tensor.values[3] = 1e30F;
  held.tensor.values[3] = 8.0F;
  EXPECT_EQ(make()(large).tensor().values, make()(held).tensor().values);
}

TEST_F(NoiseTest, CountsWhatTheClipHolds) {
  Activation activation{{{1, 3, 1, 2}, {8.0F, -8.0F, 8.001F, -9.0F, 0.0F, 1e30F}}};
  EXPECT_EQ(make().count_clipped(activation), 3);
  activation.tensor.values[0] = kNoNumber;
  EXPECT_EQ(make().count_clipped(activation), 4);
}

// What must not leave.

TEST_F(NoiseTest, AValueThatIsNotFiniteIsRefusedWhereverItIs) {
  const Noise noise = make();
  for (const float bad : {kNoNumber, kInfiniteValue, -kInfiniteValue}) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{104}, std::size_t{209}}) {
      Activation activation = activation_;
      activation.tensor.values[place] = bad;
      expect_error(ErrorCode::kInvalidArgument,
                   "value " + std::to_string(place) + " of the activation is not finite",
                   [&] { noise(activation); });
      std::vector<float> out(210, 42.0F);
      EXPECT_THROW(noise.apply(activation.tensor.shape, activation.tensor.values, out), Error);
      EXPECT_EQ(out, std::vector<float>(210, 42.0F)) << "nothing is written";
    }
  }
}

TEST_F(NoiseTest, AnotherShapeIsRefused) {
  const Noise noise = make();
  const auto expect_refused = [&](const Shape& shape, std::size_t count, const char* part) {
    expect_error(ErrorCode::kInvalidArgument, part, [&] {
      noise(Activation{{shape, std::vector<float>(count)}});
    });
  };
  expect_refused({1, 4, 1, 1}, 4, "4 directions, the release 3");
  expect_refused({3, 5, 7}, 105, "N x K x H x W, got 3x5x7");
  expect_refused({1, 1, 3, 5, 7}, 105, "got 1x1x3x5x7");
  expect_refused({}, 1, "N x K x H x W");
  expect_refused({0, 3, 1, 1}, 0, "got 0x3x1x1");
  expect_refused({1, 3, 0, 1}, 0, "got 1x3x0x1");
  expect_refused({-1, 3, -1, 1}, 3, "got -1x3x-1x1");
  expect_refused({1, 3, 5, 7}, 104, "has 105 values, got 104");
  expect_refused({1, 3, 1LL << 40, 1LL << 40}, 3, "");
}

TEST_F(NoiseTest, ASampleLongerThanItsStreamIsRefused) {
  const std::vector<float> few(3);
  std::vector<float> out(3);
  expect_error(ErrorCode::kInvalidArgument, "at most 68719476736 values, got 3298534883328", [&] {
    make().apply({1, 3, 1 << 20, 1 << 20}, few, out);
  });
}

TEST_F(NoiseTest, MemoryThatDoesNotFitIsRefused) {
  const Noise noise = make();
  std::vector<float> memory(212);
  const std::span<float> all(memory);
  const Shape& shape = activation_.tensor.shape;
  expect_error(ErrorCode::kInvalidArgument, "output has 209 values",
               [&] { noise.apply(shape, activation_.tensor.values, all.first(209)); });
  expect_error(ErrorCode::kInvalidArgument, "overlaps",
               [&] { noise.apply(shape, all.first(210), all.last(210)); });
  expect_error(ErrorCode::kInvalidArgument, "overlaps",
               [&] { noise.apply(shape, all.last(210), all.first(210)); });
}

TEST_F(NoiseTest, AnActivationOfAnotherHeadIsRefused) {
  Activation other = activation_;
  other.release_id = std::string(64, 'b');
  expect_error(ErrorCode::kRefused, "of the head of release bbbbbbbbbbbb, the noise of",
               [&] { make()(other); });
  other.release_id = release_.id();
  EXPECT_EQ(make()(other).tensor().values, make()(activation_).tensor().values);
}

TEST_F(NoiseTest, OtherRulesForPicturesAreRefused) {
  const Noise noise = make();
  EXPECT_NO_THROW(noise.require_rules(release_.manifest().input));
  expect_error(ErrorCode::kRefused, "enlarged 2 times) than the release was learned with (3 times",
               [&] { noise.require_rules({.scale = 2}); });
  expect_error(ErrorCode::kRefused, "its own mean", [&] {
    noise.require_rules({.scale = 3, .mean = {0, 0, 0}});
  });
}

TEST_F(NoiseTest, OnlyCalibratedSizesAreReleased) {
  // 90 to 120 pixels, enlarged 3 times, at 32 pixels a cell: 8.4 to 11.25 cells.
  const Release sized = tiny_release(folder_, tiny_noise(), "sized.scrim",
                                     {.smallest_side = 90, .largest_side = 120});
  const Noise noise(sized, test_key());
  for (const auto& [height, width] : {std::pair{8, 12}, {12, 8}, {10, 10}}) {
    EXPECT_NO_THROW(noise(random_activation({1, 3, height, width}, 1))) << height << " " << width;
  }
  for (const auto& [height, width] : {std::pair{7, 10}, {10, 7}, {13, 10}, {10, 13}, {1, 1}}) {
    expect_error(ErrorCode::kRefused, "never calibrated: the release was learned on sides of 90 to",
                 [&] {
                   noise(random_activation({1, 3, height, width}, 1));
                 });
  }
  EXPECT_NO_THROW(make()(random_activation({1, 3, 1, 99}, 1))) << "a release that does not say";
}

TEST_F(NoiseTest, ATensorTakenFromATemporaryOutlivesIt) {
  const Noise noise = make();
  std::size_t count = 0;
  for (const float value : noise(activation_).tensor().values) {
    count += std::isfinite(value) ? 1 : 0;
  }
  EXPECT_EQ(count, activation_.tensor.values.size());
  static_assert(std::is_same_v<decltype(noise(activation_).tensor()), Tensor>);
  static_assert(
      std::is_same_v<decltype(std::declval<const NoisyActivation&>().tensor()), const Tensor&>);
}

TEST_F(NoiseTest, AnUncalibratedAlphaIsRefusedWithTheList) {
  expect_error(ErrorCode::kInvalidArgument, "the release has 0.5, 0.8, 0.95",
               [&] { make({.alpha = 0.6}); });
  expect_error(ErrorCode::kInvalidArgument, "alpha must be in (0, 1), got 1",
               [&] { make({.alpha = 1.0}); });
}

TEST_F(NoiseTest, AReleaseThatBreaksItsAlphaIsRefused) {
  NoiseParameters weak = tiny_noise();
  for (float& sigma : weak.sigma[1]) sigma *= 0.9F;
  const Release release = tiny_release(folder_, weak, "weak.scrim");
  expect_error(ErrorCode::kRefused, "claims alpha 0.8", [&] { Noise(release, test_key()); });
  EXPECT_NO_THROW(Noise(release, test_key(), {.alpha = 0.95})) << "the other rows are sound";
}

TEST_F(NoiseTest, AnOverflowLeavesZeroesAndNoSignal) {
  NoiseParameters huge = tiny_noise();
  const float ratio = huge.sigma[1][0];
  huge.scale[1] = std::vector<float>(3, 3e38F / ratio);
  huge.sigma[1] = std::vector<float>(3, 3e38F);
  const Release release = tiny_release(folder_, huge, "huge.scrim");
  const Noise noise(release, test_key());
  expect_error(ErrorCode::kRefused, "not finite", [&] { noise(activation_); });
  std::vector<float> in_place = activation_.tensor.values;
  EXPECT_THROW(noise.apply(activation_.tensor.shape, in_place, in_place), Error);
  EXPECT_EQ(in_place, std::vector<float>(210, 0.0F));
}

TEST_F(NoiseTest, ADirectionThatCarriesNothingIsPlusZeroThroughout) {
  NoiseParameters two = tiny_noise();
  const double snr = std::pow(0.8, -4.0 / 2.0) - 1.0;
  two.scale[1] = {1.0F, 0.0F, 1.0F};
  two.sigma[1] = {static_cast<float>(1 / std::sqrt(snr)), 0.0F,
                  static_cast<float>(1 / std::sqrt(snr))};
  const Noise noise(tiny_release(folder_, two, "two.scrim"), test_key());
  const Activation large = random_activation({1, 3, 32, 32}, 3);
  const NoisyActivation noisy = noise(large);
  for (std::size_t i = 1024; i < 2048; ++i) {
    EXPECT_EQ(noisy.tensor().values[i], 0.0F);
    EXPECT_FALSE(std::signbit(noisy.tensor().values[i])) << "the sign of a clean value shows";
  }
}

}  // namespace
}  // namespace scrim
