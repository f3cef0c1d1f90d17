#include <scrim/noise.h>

#include "noise/contract.h"
#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace scrim {
namespace {

// Cells that are mix * (independent standard normal draws): covariance mix mix^T.
using Mix = std::array<std::array<double, 3>, 3>;
constexpr Mix kIdentity = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

Activation cells_of(const Mix& mix, std::int64_t side, unsigned seed, std::int64_t samples = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  const std::int64_t cells = side * side;
  Activation activation{{{samples, 3, side, side}, {}}};
  activation.tensor.values.resize(static_cast<std::size_t>(samples * 3 * cells));
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t c = 0; c < cells; ++c) {
      const std::array<double, 3> z = {normal(generator), normal(generator), normal(generator)};
      for (std::int64_t k = 0; k < 3; ++k) {
        double value = 0;
        for (std::size_t i = 0; i < 3; ++i) value += mix[static_cast<std::size_t>(k)][i] * z[i];
        activation.tensor.values[static_cast<std::size_t>((n * 3 + k) * cells + c)] =
            static_cast<float>(value);
      }
    }
  }
  return activation;
}

class AlphaMeterTest : public ::testing::Test {
 protected:
  std::vector<MeasuredAlpha> measure(const Mix& mix, unsigned seed = 1) const {
    AlphaMeter meter(release_);
    meter.add(cells_of(mix, kSide, seed));
    return meter.measure();
  }

  static constexpr std::int64_t kSide = 100;
  // A variance from n normal values is off by sqrt(2/n); alpha moves by at most a quarter of that.
  static constexpr double kSampling = 5 * 0.0142 / 4;
  TemporaryFolder folder_;
  Release release_ = tiny_release(folder_, tiny_noise());
};

TEST_F(AlphaMeterTest, UnitVariancesShowThePromisedAlphas) {
  const std::vector<MeasuredAlpha> measured = measure(kIdentity);
  ASSERT_EQ(measured.size(), 3U);
  for (const MeasuredAlpha& one : measured) {
    EXPECT_NEAR(one.diagonal, one.alpha, kSampling);
    EXPECT_NEAR(one.joint, one.alpha, kSampling);
    EXPECT_TRUE(one.within_margin);
  }
}

TEST_F(AlphaMeterTest, IsExactForTheVariancesThatItSaw) {
  AlphaMeter meter(release_);
  meter.add(cells_of(kIdentity, 20, 3));
  const std::vector<double> covariance = meter.covariance();
  const double snr = std::pow(0.8, -4.0 / 3.0) - 1.0;
  const std::vector<double> ratios = {snr * covariance[0], snr * covariance[4],
                                      snr * covariance[8]};
  EXPECT_NEAR(meter.measure()[1].diagonal, alpha_of(ratios, 4), 1e-6);  // sigma is a float32
  const std::vector<double> noise(3, 1 / snr);
  EXPECT_NEAR(meter.measure()[1].joint, joint_alpha(covariance, noise, 4), 1e-6);
}

TEST_F(AlphaMeterTest, CorrelationRaisesTheJointAlphaAlone) {
  const double r = std::sqrt(0.5);
  for (const MeasuredAlpha& one : measure({{{1, 0, 0}, {r, r, 0}, {r, 0, r}}})) {
    EXPECT_NEAR(one.diagonal, one.alpha, kSampling);
    EXPECT_GT(one.joint, one.diagonal);
  }
}

TEST_F(AlphaMeterTest, WiderActivationsBreakThePromise) {
  for (const MeasuredAlpha& one : measure({{{1.5, 0, 0}, {0, 1.5, 0}, {0, 0, 1.5}}})) {
    EXPECT_LT(one.diagonal, one.alpha);
    EXPECT_FALSE(one.within_margin) << one.alpha;
  }
}

TEST_F(AlphaMeterTest, DoesNotCountWhatTheClipHolds) {
  AlphaMeter meter(release_);
  Activation far = cells_of(kIdentity, 10, 1);
  for (float& value : far.tensor.values) value = value > 0 ? 1e6F : -1e6F;
  meter.add(far);
  EXPECT_NEAR(meter.covariance()[0], 64, 6);  // clip 8, half of the values on either side
}

TEST_F(AlphaMeterTest, OneCellInAThousandLiesBeyondTheNorm) {
  AlphaMeter meter(release_);
  Activation flat{{{1, 3, 1, 10000}, std::vector<float>(30000, 0.0F)}};
  for (std::size_t c = 0; c < 10; ++c) flat.tensor.values[c] = 5;
  meter.add(flat);
  const double ratio = std::sqrt(std::pow(0.8, -4.0 / 3.0) - 1.0);
  EXPECT_EQ(meter.measure()[1].cell_norm, 0) << "ten of ten thousand: 99.9 % are at or below 0";
  flat.tensor.values[10] = 5;
  AlphaMeter more(release_);
  more.add(flat);
  EXPECT_NEAR(more.measure()[1].cell_norm, 5 * ratio, 1e-5);
}

TEST_F(AlphaMeterTest, ABatchIsItsSamplesOneByOne) {
  const Activation batch = cells_of(kIdentity, 6, 5, 2);
  AlphaMeter together(release_), apart(release_);
  together.add(batch);
  for (std::ptrdiff_t n = 0; n < 2; ++n) {
    const auto first = batch.tensor.values.begin() + n * 108;
    apart.add(Activation{{{1, 3, 6, 6}, {first, first + 108}}});
  }
  EXPECT_EQ(together.cells(), apart.cells());
  EXPECT_EQ(together.covariance(), apart.covariance());
  EXPECT_EQ(together.measure()[0].cell_norm, apart.measure()[0].cell_norm);
}

TEST_F(AlphaMeterTest, RefusesWhatANoiseWould) {
  AlphaMeter meter(release_);
  expect_error(ErrorCode::kInvalidArgument, "at least 2 cells", [&] { meter.measure(); });
  expect_error(ErrorCode::kInvalidArgument, "4 directions", [&] {
    meter.add(Activation{{{1, 4, 1, 1}, std::vector<float>(4)}});
  });
  expect_error(ErrorCode::kInvalidArgument, "not finite", [&] {
    meter.add(Activation{{{1, 3, 1, 1}, {0, std::numeric_limits<float>::quiet_NaN(), 0}}});
  });
  NoiseParameters weak = tiny_noise();
  for (float& sigma : weak.sigma[1]) sigma *= 0.5F;
  const Release release = tiny_release(folder_, weak, "weak.scrim");
  expect_error(ErrorCode::kRefused, "claims alpha 0.8", [&] { AlphaMeter{release}; });
}

}  // namespace
}  // namespace scrim
