// The draws as a distribution: 2^27 values of one seeded stream against the closed forms.
//
// Every tolerance is five standard errors of its statistic for independent N(0, 1) draws (chance of
// a false alarm: 6e-7 each; the stream is fixed, so the outcome is too).
#include "kernels/add_noise.h"
#include "kernels/kernel_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace scrim {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr std::size_t kChunks = 128;
constexpr double kDraws = static_cast<double>(kChunk * kChunks);
// Neighbours of a pair, of a block, of a row of 128, of a group.
constexpr std::array<std::size_t, 8> kLags = {1, 2, 3, 4, 16, 64, 128, 512};
constexpr double kBinsPerUnit = 32;
constexpr std::size_t kBins = 14 * 32;  // over [-7, 7)

double phi(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double bin_edge(std::size_t bin) { return static_cast<double>(bin) / kBinsPerUnit - 7; }

struct Statistics {
  std::array<double, 4> powers = {};  // sums of z, z^2, z^3, z^4
  std::array<double, kLags.size()> products = {}, square_products = {};
  std::array<std::uint64_t, kBins> bins = {};
  float largest = 0;

  double moment(int power) const { return powers[static_cast<std::size_t>(power - 1)] / kDraws; }
};

void add_chunk(std::span<const float> z, Statistics& sums) {
  for (const float value : z) {
    const double x = value, square = x * x;
    sums.powers[0] += x;
    sums.powers[1] += square;
    sums.powers[2] += x * square;
    sums.powers[3] += square * square;
    ++sums.bins[static_cast<std::size_t>((x + 7) * kBinsPerUnit)];
    sums.largest = std::max(sums.largest, std::abs(value));
  }
  for (std::size_t k = 0; k < kLags.size(); ++k) {
    float products = 0, squares = 0;  // of short runs, so float32 loses nothing that matters
    for (std::size_t i = 0; i + kLags[k] < z.size(); ++i) {
      const float product = z[i] * z[i + kLags[k]];
      products += product;
      squares += (z[i] * z[i] - 1) * (z[i + kLags[k]] * z[i + kLags[k]] - 1);
      if (i % 256 != 255 && i + kLags[k] + 1 < z.size()) continue;
      sums.products[k] += products;
      sums.square_products[k] += squares;
      products = squares = 0;
    }
  }
}

const Statistics& statistics() {
  static const Statistics result = [] {
    Statistics sums;
    std::vector<float> z(kChunk);
    for (std::size_t chunk = 0; chunk < kChunks; ++chunk) {
      draw_normals(counting_stream_key(), chunk * kChunk, z);
      add_chunk(z, sums);
    }
    return sums;
  }();
  return result;
}

TEST(Distribution, MomentsAreThoseOfTheStandardNormal) {
  const Statistics& s = statistics();
  EXPECT_NEAR(s.moment(1), 0, 5 * std::sqrt(1 / kDraws));
  EXPECT_NEAR(s.moment(2), 1, 5 * std::sqrt(2 / kDraws));
  EXPECT_NEAR(s.moment(3), 0, 5 * std::sqrt(15 / kDraws));  // E z^6 = 15
  EXPECT_NEAR(s.moment(4), 3, 5 * std::sqrt(96 / kDraws));  // E z^8 - 9 = 96
}

TEST(Distribution, SkewAndExcessKurtosisAreZero) {
  const Statistics& s = statistics();
  const double mean = s.moment(1), variance = s.moment(2) - mean * mean;
  const double third = s.moment(3) - 3 * mean * s.moment(2) + 2 * std::pow(mean, 3);
  const double fourth =
      s.moment(4) - 4 * mean * s.moment(3) + 6 * mean * mean * s.moment(2) - 3 * std::pow(mean, 4);
  EXPECT_NEAR(third / std::pow(variance, 1.5), 0, 5 * std::sqrt(6 / kDraws));
  EXPECT_NEAR(fourth / (variance * variance) - 3, 0, 5 * std::sqrt(24 / kDraws));
}

TEST(Distribution, KolmogorovSmirnovDistanceIsThatOfASample) {
  double below = 0, distance = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    below += static_cast<double>(statistics().bins[bin]);
    distance = std::max(distance, std::abs(below / kDraws - phi(bin_edge(bin + 1))));
  }
  // P(sqrt(n) D > x) = 2 exp(-2 x^2): one in a million at 2.7.
  EXPECT_LT(distance * std::sqrt(kDraws), 2.7);
}

TEST(Distribution, ChiSquareOverBinsIsNearItsDegreesOfFreedom) {
  double chi_square = 0, freedom = -1;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const double expected = kDraws * (phi(bin_edge(bin + 1)) - phi(bin_edge(bin)));
    if (expected < 10) continue;
    chi_square += std::pow(static_cast<double>(statistics().bins[bin]) - expected, 2) / expected;
    ++freedom;
  }
  EXPECT_GT(freedom, 300);
  EXPECT_NEAR(chi_square, freedom, 5 * std::sqrt(2 * freedom));
}

TEST(Distribution, TailsHoldWhatTheyShould) {
  for (const double edge : {3.0, 4.0, 4.5, 5.0}) {
    double beyond = 0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      if (bin_edge(bin) >= edge || bin_edge(bin + 1) <= -edge) {
        beyond += static_cast<double>(statistics().bins[bin]);
      }
    }
    const double expected = kDraws * 2 * phi(-edge);
    EXPECT_NEAR(beyond, expected, 5 * std::sqrt(expected)) << edge;
  }
}

TEST(Distribution, LargestDrawIsInTheRangeOfItsLaw) {
  // P(max < x) = (1 - 2 phi(-x))^n: under 5.1 one in 1e19; the mapping itself ends at 6.764.
  EXPECT_GT(statistics().largest, 5.1F);
  EXPECT_LE(statistics().largest, 6.764F);
}

TEST(Distribution, NeighboursAreUncorrelated) {
  for (std::size_t k = 0; k < kLags.size(); ++k) {
    const double pairs = kDraws - static_cast<double>(kChunks * kLags[k]);
    EXPECT_NEAR(statistics().products[k] / pairs, 0, 5 / std::sqrt(pairs)) << "lag " << kLags[k];
  }
}

// The two values of a pair share their radius: their squares must be uncorrelated all the same.
TEST(Distribution, SquaresOfNeighboursAreUncorrelated) {
  for (std::size_t k = 0; k < kLags.size(); ++k) {
    const double pairs = kDraws - static_cast<double>(kChunks * kLags[k]);
    EXPECT_NEAR(statistics().square_products[k] / pairs, 0, 5 * 2 / std::sqrt(pairs))
        << "lag " << kLags[k];
  }
}

}  // namespace
}  // namespace scrim
