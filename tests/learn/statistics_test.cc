#include "learn/statistics.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Moments, OfPartsAreTheMomentsOfTheWhole) {
  torch::manual_seed(1);
  const auto activation = torch::randn({6, 5, 4, 3}) * 3 + 1;
  Moments parts;
  parts.add(activation.narrow(0, 0, 2));
  parts.add(activation.narrow(0, 2, 4));
  const auto cells = activation.permute({0, 2, 3, 1}).reshape({-1, 5}).to(torch::kFloat64);
  EXPECT_EQ(parts.cells(), 6 * 4 * 3);
  // Sums of 72 values of size 10 in float64.
  EXPECT_TRUE(torch::allclose(parts.mean(), cells.mean(0), 0, 1e-12));
  const auto centred = cells - cells.mean(0);
  EXPECT_TRUE(torch::allclose(parts.covariance(), centred.t().mm(centred) / 72, 0, 1e-11));
  EXPECT_TRUE(torch::allclose(parts.second_moment(), cells.t().mm(cells) / 72, 0, 1e-11));
}

}  // namespace
}  // namespace scrim
