#include "base/text.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Text, PartsAreJoined) {
  EXPECT_EQ(joined({}), "");
  EXPECT_EQ(joined({"a"}), "a");
  EXPECT_EQ(joined({"a", "", "c"}), "a, , c");
  EXPECT_EQ(joined({"a", "b"}, " or "), "a or b");
}

TEST(Text, EveryPlaceIsReplacedOnce) {
  EXPECT_EQ(replaced("{data}/x:{data}", "{data}", "/d"), "/d/x:/d");
  EXPECT_EQ(replaced("{data}", "{data}", "{data}{data}"), "{data}{data}");
  EXPECT_EQ(replaced("data", "{data}", "x"), "data");
}

}  // namespace
}  // namespace scrim
