#include "network/average.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Average, SwapShowsItAndTakesItBack) {
  auto live = torch::zeros({2});
  Average average({live}, 0.5);
  live.fill_(1);
  average.update(1000);
  average.swap();
  EXPECT_NEAR(live[0].item<double>(), 0.5, 1e-6);
  average.swap();
  EXPECT_EQ(live[0].item<double>(), 1);
}

TEST(Average, FollowsBuffersAndCopiesCounters) {
  auto buffer = torch::zeros({2});
  auto counter = torch::zeros({}, torch::kInt64);
  Average average({buffer, counter}, 0.5);
  buffer.fill_(1);
  counter.fill_(9);
  average.update(1000);  // decay .5
  average.install();
  EXPECT_NEAR(buffer[0].item<double>(), 0.5, 1e-6);
  EXPECT_EQ(counter.item<int>(), 9);
}

}  // namespace
}  // namespace scrim
