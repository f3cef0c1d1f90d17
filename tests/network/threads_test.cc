#include "network/threads.h"

#include <gtest/gtest.h>

#include <thread>

namespace scrim {
namespace {

TEST(Threads, AreAsManyAsWantedWithoutALimit) { EXPECT_EQ(allowed_threads(7), 7); }

TEST(Threads, AreOneWhileALimitLives) {
  {
    const OneThreadEach outer;
    EXPECT_EQ(allowed_threads(7), 1);
    { const OneThreadEach inner; }
    EXPECT_EQ(allowed_threads(7), 1);
  }
  EXPECT_EQ(allowed_threads(7), 7);
}

TEST(Threads, LimitIsOfItsOwnThread) {
  const OneThreadEach limit;
  int elsewhere = 0;
  std::thread([&elsewhere] { elsewhere = allowed_threads(7); }).join();
  EXPECT_EQ(elsewhere, 7);
}

}  // namespace
}  // namespace scrim
