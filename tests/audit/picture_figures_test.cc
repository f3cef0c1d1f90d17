#include "audit/picture_figures.h"

#include "base/random.h"

#include <scrim/status.h>

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

Image plain(int width, int height, int level) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3),
                                    static_cast<std::uint8_t>(level))};
}

Image noise_picture(int width, int height, std::uint64_t seed) {
  Image image = plain(width, height, 0);
  Random random(seed);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(random.below(256));
  return image;
}

// Grey, so that the luminance is the level itself.
Image grey_noise(int width, int height, std::uint64_t seed) {
  Image image = noise_picture(width, height, seed);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = image.pixels[i / 3 * 3];
  return image;
}

TEST(Psnr, IsTheDecibelsOfTheMeanSquaredError) {
  EXPECT_NEAR(psnr(plain(8, 4, 100), plain(8, 4, 110)), 20 * std::log10(25.5), 1e-12);
  EXPECT_NEAR(psnr(plain(8, 4, 0), plain(8, 4, 255)), 0, 1e-12);
}

TEST(Psnr, OfEqualPicturesStaysFinite) {
  EXPECT_EQ(psnr(noise_picture(9, 9, 1), noise_picture(9, 9, 1)), 99);
}

TEST(Ssim, OfEqualPicturesIsOne) {
  EXPECT_NEAR(ssim(noise_picture(40, 30, 1), noise_picture(40, 30, 1)), 1, 1e-9);
}

// Without variance only the comparison of the means is left: (2ab + C1) / (a^2 + b^2 + C1).
TEST(Ssim, OfPlainPicturesComparesTheirMeans) {
  const double c1 = 2.55 * 2.55;
  for (const auto& [a, b] : {std::pair{100, 150}, {0, 255}, {10, 12}}) {
    EXPECT_NEAR(ssim(plain(20, 16, a), plain(20, 16, b)),
                (2.0 * a * b + c1) / (1.0 * a * a + b * b + c1), 1e-7);
  }
}

// One window of 11 x 11 fits 11 x 11 pixels: the paper's formula, written out.
TEST(Ssim, FollowsThePapersFormulaForOneWindow) {
  const Image x = grey_noise(11, 11, 1), y = grey_noise(11, 11, 2);
  double total = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (int i = 0; i < 121; ++i) {
    const int dx = i % 11 - 5, dy = i / 11 - 5;
    const double weight = std::exp(-(dx * dx + dy * dy) / (2 * 1.5 * 1.5));
    const double a = x.pixels[3 * static_cast<std::size_t>(i)];
    const double b = y.pixels[3 * static_cast<std::size_t>(i)];
    total += weight;
    mx += weight * a;
    my += weight * b;
    xx += weight * a * a;
    yy += weight * b * b;
    xy += weight * a * b;
  }
  mx /= total;
  my /= total;
  const double vx = xx / total - mx * mx, vy = yy / total - my * my, vxy = xy / total - mx * my;
  const double c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
  const double expected =
      (2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
  EXPECT_NEAR(ssim(x, y), expected, 1e-9);
}

TEST(Ssim, IsSymmetricAndNegativeForTheOppositePicture) {
  const Image x = grey_noise(40, 40, 3);
  Image opposite = x;
  for (std::uint8_t& value : opposite.pixels) value = static_cast<std::uint8_t>(255 - value);
  EXPECT_LT(ssim(x, opposite), -0.8);
  const Image y = grey_noise(40, 40, 4);
  EXPECT_NEAR(ssim(x, y), ssim(y, x), 1e-12);
}

// Independent noise: covariances are those of a window's few pixels, means alike by chance.
TEST(Ssim, OfUnrelatedNoiseIsNearZero) {
  EXPECT_NEAR(ssim(grey_noise(120, 120, 5), grey_noise(120, 120, 6)), 0, 0.02);
}

TEST(UnexplainedVariance, IsZeroForACopyAndOneForTheMeanColour) {
  const Image dark = plain(4, 4, 60), bright = plain(4, 4, 140), mean = plain(4, 4, 100);
  EXPECT_EQ(
      unexplained_variance(std::vector{squared_error(dark, dark), squared_error(bright, bright)}),
      0);
  EXPECT_DOUBLE_EQ(
      unexplained_variance(std::vector{squared_error(dark, mean), squared_error(bright, mean)}), 1);
}

// Errors and variance are summed before they are divided: a plain picture has a share of its own
// in neither, and still counts with its distance to the common mean.
TEST(UnexplainedVariance, IsPooledOverPicturesOfAnySize) {
  const Image small = plain(2, 1, 0), large = plain(3, 2, 80);
  const auto pictures =
      std::vector{squared_error(small, plain(2, 1, 10)), squared_error(large, plain(3, 2, 80))};
  // 8 pixels of mean 60: 3 colours * (2 * 60^2 + 6 * 20^2); error 3 * 2 * 100.
  EXPECT_DOUBLE_EQ(unexplained_variance(pictures), 600.0 / (3 * (7200 + 2400)));
}

TEST(UnexplainedVariance, WeightsStandForRepeatedPictures) {
  const auto a = squared_error(plain(2, 2, 0), plain(2, 2, 30));
  const auto b = squared_error(plain(2, 2, 90), plain(2, 2, 70));
  EXPECT_DOUBLE_EQ(unexplained_variance(std::vector{a, b}, std::vector{2.0, 1.0}),
                   unexplained_variance(std::vector{a, a, b}));
  EXPECT_TRUE(std::isnan(unexplained_variance(std::vector{a, b}, std::vector{2.0, 0.0})));
}

TEST(UnexplainedVariance, HasAnIntervalAroundIt) {
  std::vector<SquaredError> pictures;
  for (std::uint64_t i = 0; i < 30; ++i) {
    Image guess = noise_picture(8, 8, i);
    for (std::uint8_t& value : guess.pixels) value = static_cast<std::uint8_t>(value / 2 + 64);
    pictures.push_back(squared_error(noise_picture(8, 8, i), guess));
  }
  const Measured e = unexplained_variance_estimate(pictures);
  EXPECT_LT(e.low, e.value);
  EXPECT_GT(e.high, e.value);
  // Halving the distance to the middle misses a quarter of the variance.
  EXPECT_NEAR(e.value, 0.25, 0.01);
}

TEST(SquaredErrorWithinBoxes, CountsEveryPixelOnceAndStaysInside) {
  const Image picture = noise_picture(10, 8, 1), guess = noise_picture(10, 8, 2);
  const std::vector<Box> halves = {{-5, -5, 6, 20}, {4, 0, 30, 8}};  // overlap, cross the edge
  const SquaredError whole = squared_error(picture, guess);
  const SquaredError boxed = squared_error(picture, guess, halves);
  EXPECT_EQ(boxed.pixels, 80);
  EXPECT_EQ(boxed.error, whole.error);
  EXPECT_EQ(squared_error(picture, guess, std::vector<Box>{{1.2F, 2.0F, 2.8F, 4.0F}}).pixels, 4);
  EXPECT_EQ(squared_error(picture, guess, std::vector<Box>{}).pixels, 0);
}

TEST(PictureFigures, RefuseUnequalSizesAndPicturesUnderTheWindow) {
  EXPECT_THROW(psnr(plain(4, 4, 0), plain(4, 5, 0)), Error);
  EXPECT_THROW(psnr({2, 2, {1, 2}}, {2, 2, {1, 2}}), Error);
  EXPECT_THROW(ssim(plain(10, 30, 0), plain(10, 30, 0)), Error);
  EXPECT_THROW(squared_error({}, {}), Error);
}

}  // namespace
}  // namespace scrim
