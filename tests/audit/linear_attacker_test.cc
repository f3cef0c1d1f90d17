#include <scrim/audit.h>
#include <scrim/status.h>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

namespace scrim {
namespace {

constexpr int kStride =
    8;  // picture pixels a cell: two of them average to one the attacker rebuilds
constexpr int kGridCells = 24;  // each way

struct Pairs {
  std::vector<Tensor> activations;
  std::vector<Image> pictures;
};

// Pictures whose cells have one random colour each, independent of all others: levels far enough
// from 0 and 255 that an estimate is hardly ever clipped.
Image random_cells(std::mt19937& generator) {
  std::uniform_int_distribution<int> level(64, 191);
  Image image{kGridCells * kStride, kGridCells * kStride, {}};
  image.pixels.resize(static_cast<std::size_t>(image.width) * image.height * 3);
  for (int row = 0; row < kGridCells; ++row) {
    for (int column = 0; column < kGridCells; ++column) {
      for (int colour = 0; colour < 3; ++colour) {
        const auto value = static_cast<std::uint8_t>(level(generator));
        for (int i = 0; i < kStride * kStride; ++i) {
          const int y = row * kStride + i / kStride, x = column * kStride + i % kStride;
          image.pixels[static_cast<std::size_t>((y * image.width + x) * 3 + colour)] = value;
        }
      }
    }
  }
  return image;
}

// Standard deviation of a colour that is uniform over 64..191.
const double kDeviation = std::sqrt((128.0 * 128.0 - 1) / 12);

// An activation of three channels: the cells' colours in units of their deviation, plus noise.
Tensor colours(const Image& image, double sigma, std::mt19937& generator) {
  std::normal_distribution<double> normal;
  Tensor activation{{1, 3, kGridCells, kGridCells}, {}};
  for (int colour = 0; colour < 3; ++colour) {
    for (int cell = 0; cell < kGridCells * kGridCells; ++cell) {
      const int y = cell / kGridCells * kStride, x = cell % kGridCells * kStride;
      const double value =
          image.pixels[static_cast<std::size_t>((y * image.width + x) * 3 + colour)];
      activation.values.push_back(
          static_cast<float>((value - 127.5) / kDeviation + sigma * normal(generator)));
    }
  }
  return activation;
}

Pairs noisy_pairs(double sigma, int count, unsigned seed) {
  std::mt19937 generator(seed);
  Pairs pairs;
  for (int i = 0; i < count; ++i) {
    pairs.pictures.push_back(random_cells(generator));
    pairs.activations.push_back(colours(pairs.pictures.back(), sigma, generator));
  }
  return pairs;
}

Leakage attacked(double sigma) {
  const Pairs train = noisy_pairs(sigma, 20, 1);
  const Pairs test = noisy_pairs(sigma, 20, 2);
  return LinearAttacker::fit(train.activations, train.pictures, kStride)
      .measure(test.activations, test.pictures);
}

TEST(LinearAttacker, RebuildsEverythingFromAHeadThatHidesNothing) {
  const Leakage leakage = attacked(0);
  EXPECT_LT(leakage.unexplained_variance, 1e-5);
  EXPECT_GT(leakage.psnr, 50);
  EXPECT_EQ(leakage.pictures, 20);
}

// A unit-variance signal under noise of variance s^2, all cells independent: the best linear
// estimate misses s^2 / (1 + s^2). 28 weights from 11,520 samples miss .25 % more, and the mean
// square of 34,560 test values has a standard error of sqrt(2/34560) = .76 %.
TEST(LinearAttacker, ReachesTheClosedFormOptimum) {
  for (const double sigma : {0.1, 0.3, 0.6}) {
    const double optimum = sigma * sigma / (1 + sigma * sigma);
    const Leakage leakage = attacked(sigma);
    EXPECT_NEAR(leakage.unexplained_variance, optimum, 0.02 * optimum) << "sigma " << sigma;
    const double psnr = 10 * std::log10(255 * 255 / (optimum * kDeviation * kDeviation));
    EXPECT_NEAR(leakage.psnr, psnr, 0.1) << "sigma " << sigma;
  }
}

TEST(LinearAttacker, IsAtChanceOnPureNoise) {
  Pairs train = noisy_pairs(0, 20, 1), test = noisy_pairs(0, 20, 2);
  std::mt19937 generator(3);
  std::normal_distribution<float> normal;
  for (Pairs* pairs : {&train, &test}) {
    for (Tensor& activation : pairs->activations) {
      for (float& value : activation.values) value = normal(generator);
    }
  }
  const Leakage leakage = LinearAttacker::fit(train.activations, train.pictures, kStride)
                              .measure(test.activations, test.pictures);
  EXPECT_GT(leakage.unexplained_variance, 0.98);
  EXPECT_LT(leakage.unexplained_variance, 1.05);
}

TEST(LinearAttacker, MissesMoreTheMoreNoiseThereIs) {
  double last = -1;
  for (const double sigma : {0.0, 0.2, 0.5, 1.0, 2.0, 8.0}) {
    const double unexplained = attacked(sigma).unexplained_variance;
    EXPECT_GT(unexplained, last) << "sigma " << sigma;
    last = unexplained;
  }
}

// The colour of a cell is shown by its right neighbour alone: an attacker that saw single cells
// would be at chance. The last column of 24 has no such neighbour and gets the colour of another
// cell, which misses twice the variance.
TEST(LinearAttacker, SeesTheNeighbours) {
  Pairs pairs = noisy_pairs(0, 20, 1);
  for (Tensor& activation : pairs.activations) {
    const std::vector<float> values = activation.values;
    for (std::size_t i = 0; i < values.size(); ++i)
      activation.values[i] = values[i > 0 ? i - 1 : 0];
  }
  const Leakage leakage = LinearAttacker::fit(pairs.activations, pairs.pictures, kStride)
                              .measure(pairs.activations, pairs.pictures);
  EXPECT_LT(leakage.unexplained_variance, 2.1 / kGridCells);
}

TEST(LinearAttacker, DoesNotCareAboutTheScaleOfAChannelNorAboutDeadOnes) {
  Pairs pairs = noisy_pairs(0.3, 10, 1);
  const double plain = LinearAttacker::fit(pairs.activations, pairs.pictures, kStride)
                           .measure(pairs.activations, pairs.pictures)
                           .unexplained_variance;
  for (Tensor& activation : pairs.activations) {
    for (int i = 0; i < kGridCells * kGridCells; ++i) {
      activation.values[static_cast<std::size_t>(i)] *= 1e4F;
      activation.values.push_back(7.0F);
    }
    activation.shape[1] = 4;
  }
  const double scaled = LinearAttacker::fit(pairs.activations, pairs.pictures, kStride)
                            .measure(pairs.activations, pairs.pictures)
                            .unexplained_variance;
  EXPECT_NEAR(scaled, plain, 1e-4);
}

TEST(LinearAttacker, ReconstructionHasFourPixelsACellAndTheColoursOfThePicture) {
  const Pairs pairs = noisy_pairs(0, 10, 1);
  const auto attacker = LinearAttacker::fit(pairs.activations, pairs.pictures, kStride);
  const Image rebuilt = attacker.reconstruction(pairs.activations[0]);
  const Image target = attacker.target(pairs.pictures[0], pairs.activations[0]);
  EXPECT_EQ(rebuilt.width, 4 * kGridCells);
  EXPECT_EQ(rebuilt.height, 4 * kGridCells);
  ASSERT_EQ(rebuilt.pixels.size(), target.pixels.size());
  for (std::size_t i = 0; i < rebuilt.pixels.size(); ++i) {
    ASSERT_NEAR(rebuilt.pixels[i], target.pixels[i], 1) << "at " << i;
  }
}

TEST(LinearAttacker, TakesAPictureThatEndsWithinItsLastCell) {
  Pairs pairs = noisy_pairs(0, 4, 1);
  for (Image& picture : pairs.pictures) {
    const Image whole = picture;
    picture.width -= 3;
    picture.pixels.clear();
    for (int y = 0; y < whole.height; ++y) {
      const auto line = whole.pixels.begin() + y * whole.width * 3;
      picture.pixels.insert(picture.pixels.end(), line, line + picture.width * 3);
    }
  }
  const Leakage leakage = LinearAttacker::fit(pairs.activations, pairs.pictures, kStride)
                              .measure(pairs.activations, pairs.pictures);
  EXPECT_LT(leakage.unexplained_variance, 1e-5);
}

TEST(LinearAttacker, RefusesWhatDoesNotFit) {
  const Pairs pairs = noisy_pairs(0, 2, 1);
  const auto attacker = LinearAttacker::fit(pairs.activations, pairs.pictures, kStride);
  EXPECT_THROW(LinearAttacker::fit({}, {}, kStride), Error);
  EXPECT_THROW(LinearAttacker::fit(pairs.activations, {pairs.pictures[0]}, kStride), Error);
  EXPECT_THROW(LinearAttacker::fit(pairs.activations, pairs.pictures, 32), Error);
  EXPECT_THROW(LinearAttacker::fit(pairs.activations, pairs.pictures, 0), Error);
  EXPECT_THROW(attacker.reconstruction(Tensor{{1, 2, 1, 1}, {0, 0}}), Error);
  EXPECT_THROW(attacker.reconstruction(Tensor{{3, 1, 1}, {0, 0, 0}}), Error);
  EXPECT_THROW(attacker.reconstruction(Tensor{{1, 3, 2, 2}, {0, 0}}), Error);
  EXPECT_THROW(attacker.measure({}, {}), Error);
}

TEST(LinearAttacker, CannotMeasureOnOneEvenColour) {
  const Image grey{kStride, kStride, std::vector<std::uint8_t>(kStride * kStride * 3, 90)};
  const Tensor activation{{1, 1, 1, 1}, {1.0F}};
  const auto attacker = LinearAttacker::fit({activation}, {grey}, kStride);
  EXPECT_THROW(attacker.measure({activation}, {grey}), Error);
}

}  // namespace
}  // namespace scrim
