#include "server/api_group.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace scrim {
namespace {

TEST(ApiGroup, NamesAreToldApartAndReadBack) {
  std::set<std::string> names;
  for (const ApiGroup group : kApiGroups) {
    EXPECT_EQ(api_group_of(name(group)), group);
    names.emplace(name(group));
  }
  EXPECT_EQ(names.size(), std::size(kApiGroups));
  EXPECT_FALSE(api_group_of(""));
  EXPECT_FALSE(api_group_of("Health"));
}

}  // namespace
}  // namespace scrim
