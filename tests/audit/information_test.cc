#include "audit/information.h"

#include "base/random.h"

#include <scrim/status.h>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace scrim {
namespace {

// Two of four channels are sent, at one alpha.
NoiseParameters noise(float sigma1, float sigma2) {
  NoiseParameters n;
  n.channels = 4;
  n.directions = 3;
  n.alphas = {0.5};
  n.scale = {{1.0F, 2.0F, 0.0F}};
  n.sigma = {{sigma1, sigma2, 0.0F}};
  return n;
}

// Cells whose two first directions have covariance [[2, 1], [1, 2]] exactly: +-(1, 1) sqrt 3 and
// +-(1, -1). The third, which is not sent, varies most.
Tensor cells() {
  const float a = std::sqrt(3.0F);
  return {{1, 3, 2, 2}, {a, -a, 1, -1, a, -a, -1, 1, 50, -50, 50, -50}};
}

// docs/decisions/0005 and its test vector: S = [[2, 1], [1, 2]], sigma^2 = (1, 4) gives a joint
// capacity of .7234594914681628 and a diagonal one of .7520386983881371 nats per cell. The second
// direction's scale of 2 asks for a sigma of 4 here.
TEST(MeasuredBits, AreTheDiagonalAndTheJointCapacity) {
  const BitsPerElement bits = measured_bits(noise(1, 4), 0, std::vector{cells()});
  EXPECT_NEAR(bits.joint, 0.7234594914681628 / std::numbers::ln2 / 4, 1e-7);
  EXPECT_NEAR(bits.diagonal, 0.7520386983881371 / std::numbers::ln2 / 4, 1e-7);
}

TEST(MeasuredBits, SubtractTheMeanAndPoolPictures) {
  Tensor shifted = cells();
  for (float& value : shifted.values) value += 3;
  const Tensor first{{1, 3, 1, 2},
                     {std::sqrt(3.0F), -std::sqrt(3.0F), std::sqrt(3.0F), -std::sqrt(3.0F), 0, 0}};
  const Tensor second{{1, 3, 1, 2}, {1, -1, -1, 1, 0, 0}};
  const double expected = measured_bits(noise(1, 4), 0, std::vector{cells()}).joint;
  NoiseParameters wide = noise(1, 4);
  wide.clip = 100;
  EXPECT_NEAR(measured_bits(wide, 0, std::vector{shifted}).joint, expected, 1e-6);
  EXPECT_NEAR(measured_bits(noise(1, 4), 0, std::vector{first, second}).joint, expected, 1e-7);
}

TEST(MeasuredBits, JointNeverExceedsDiagonal) {
  Random random(1);
  for (int round = 0; round < 50; ++round) {
    Tensor activation{{1, 3, 3, 4}, {}};
    for (int i = 0; i < 36; ++i) activation.values.push_back(random.betweenf(-3, 3));
    const BitsPerElement bits = measured_bits(
        noise(random.betweenf(0.1, 3), random.betweenf(0.1, 3)), 0, std::vector{activation});
    EXPECT_LE(bits.joint, bits.diagonal + 1e-12);
    EXPECT_GE(bits.joint, 0);
  }
}

TEST(CellNorms, AreInDeviationsOfTheNoise) {
  const Tensor activation{{1, 3, 1, 2}, {3, 0, 2, 0, 9, 9}};
  // (3 / 1, 2 * 2 / 1) is 5 deviations out.
  const std::vector<double> norms = cell_norms(noise(1, 1), 0, activation);
  ASSERT_EQ(norms.size(), 2U);
  EXPECT_DOUBLE_EQ(norms[0], 5);
  EXPECT_EQ(norms[1], 0);
}

TEST(CellNorms, AreBoundedByTheClip) {
  NoiseParameters clipped = noise(1, 1);
  clipped.clip = 1;
  const Tensor activation{{1, 3, 1, 1}, {-70, 70, 0}};
  EXPECT_DOUBLE_EQ(cell_norms(clipped, 0, activation).at(0), std::sqrt(5.0));
}

TEST(ReleaseDistance, IsTheNormOfTheDifferenceInDeviations) {
  const Tensor one{{1, 3, 1, 2}, {1, 1, 1, 1, 0, 0}};
  const Tensor other{{1, 3, 1, 2}, {4, 1, 3, 1, 5, 5}};
  // (3 / 1)^2 + (2 * 2 / 1)^2
  EXPECT_DOUBLE_EQ(release_distance(noise(1, 1), 0, one, other), 5);
  EXPECT_EQ(release_distance(noise(1, 1), 0, one, one), 0);
}

TEST(BestAttacker, OfTwoPicturesIsAtChanceWithoutDistanceAndRightFarAway) {
  EXPECT_DOUBLE_EQ(best_auc(0), 0.5);
  EXPECT_DOUBLE_EQ(best_accuracy(0), 0.5);
  EXPECT_NEAR(best_auc(40), 1, 1e-15);
  // Phi(1) and Phi(sqrt 2)
  EXPECT_NEAR(best_accuracy(2), 0.841344746068543, 1e-14);
  EXPECT_NEAR(best_auc(2), 0.921350396474857, 1e-14);
}

// The likelihood ratio is the projection onto the difference: unit normals d apart.
TEST(BestAttacker, IsWhatTheLikelihoodRatioReachesOnDraws) {
  Random random(2);
  const auto normal = [&random] {  // Box and Muller
    return std::sqrt(-2 * std::log(1 - random.share())) *
           std::cos(2 * std::numbers::pi * random.share());
  };
  constexpr int kDraws = 200'000;
  const double d = 0.8;
  int above = 0, right = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double one = normal(), other = normal() + d;
    above += other > one;
    right += other > d / 2;
  }
  const double five_standard_errors = 5 * 0.5 / std::sqrt(kDraws);
  EXPECT_NEAR(above / static_cast<double>(kDraws), best_auc(d), five_standard_errors);
  EXPECT_NEAR(right / static_cast<double>(kDraws), best_accuracy(d), five_standard_errors);
}

TEST(FanoBound, GoesFromChanceToNothingSaid) {
  for (const double people : {2.0, 20.0, 1e6}) {
    EXPECT_NEAR(fano_bound(0, people), 1 / people, 1e-6);
    EXPECT_EQ(fano_bound(std::log2(people), people), 1);
    EXPECT_EQ(fano_bound(1e4, people), 1);
    double last = 0;
    for (int i = 0; i <= 10; ++i) {
      const double bound = fano_bound(std::log2(people) * i / 10, people);
      EXPECT_GE(bound, last);
      last = bound;
    }
  }
}

// Two people: 1 - I = h(p). At p = .89 the entropy is .499916.
TEST(FanoBound, SolvesTheInequalityForTwoPeople) {
  const double p = 0.89;
  const double bits = 1 + p * std::log2(p) + (1 - p) * std::log2(1 - p);
  EXPECT_NEAR(fano_bound(bits, 2), p, 1e-9);
}

// The weaker, common form: p <= (I + 1) / log2 M.
TEST(FanoBound, IsNeverAboveTheCommonForm) {
  for (const double bits : {0.5, 2.0, 5.0}) {
    EXPECT_LE(fano_bound(bits, 1e6), (bits + 1) / std::log2(1e6));
  }
}

TEST(Information, RefusesWhatDoesNotFit) {
  EXPECT_THROW(measured_bits(noise(1, 1), 0, {}), Error);
  EXPECT_THROW(measured_bits(noise(1, 1), 1, std::vector{cells()}), Error);
  EXPECT_THROW(cell_norms(noise(1, 1), 0, Tensor{{1, 2, 1, 1}, {0, 0}}), Error);
  EXPECT_THROW(release_distance(noise(1, 1), 0, cells(), Tensor{{1, 3, 1, 1}, {0, 0, 0}}), Error);
  EXPECT_THROW(fano_bound(1, 1), Error);
  EXPECT_THROW(fano_bound(-1, 2), Error);
}

}  // namespace
}  // namespace scrim
