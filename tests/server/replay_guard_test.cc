#include "server/replay_guard.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(ReplayGuard, TakesEachNonceOnce) {
  ReplayGuard guard;
  EXPECT_TRUE(guard.take("a"));
  EXPECT_TRUE(guard.take("b"));
  EXPECT_FALSE(guard.take("a"));
  guard.give_back("a");
  EXPECT_TRUE(guard.take("a"));
}

TEST(ReplayGuard, RemembersOneGenerationAtLeastAndTwoAtMost) {
  constexpr int kGeneration = 4;
  ReplayGuard guard(kGeneration);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(guard.take(std::to_string(i)));
    for (int j = std::max(0, i - kGeneration + 1); j <= i; ++j) {
      EXPECT_FALSE(guard.take(std::to_string(j))) << j << " at " << i;
    }
  }
  EXPECT_TRUE(guard.take("0"));
}

}  // namespace
}  // namespace scrim
