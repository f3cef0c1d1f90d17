#include "audit/identities.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace scrim {
namespace {

void add_person(const TemporaryFolder& folder, const std::string& name, int pictures) {
  std::filesystem::create_directories(folder / name);
  for (int i = 0; i < pictures; ++i) {
    std::ofstream(folder / (name + "/" + std::to_string(i) + ".pgm")) << "P5";
  }
  std::ofstream(folder / (name + "/notes.txt")) << "no picture";
}

TEST(Identities, NobodyTeachesTheAttackersAndIsSearchedFor) {
  const TemporaryFolder folder;
  for (const char* name : {"d", "a", "c", "b", "e"}) add_person(folder, name, 3);
  const People people = read_people(folder / "");
  ASSERT_EQ(people.attackers.size(), 2U);
  ASSERT_EQ(people.searched.size(), 3U);
  std::set<std::string> names;
  for (const auto* side : {&people.attackers, &people.searched}) {
    for (const Person& person : *side) {
      names.insert(person.name);
      EXPECT_EQ(person.pictures.size(), 3U) << person.name;
    }
  }
  EXPECT_EQ(names.size(), 5U);
}

TEST(Identities, NeedFourPeopleOfTwoPictures) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b", "c"}) add_person(folder, name, 2);
  expect_error(ErrorCode::kInvalidArgument, "4 people", [&] { read_people(folder / ""); });
  add_person(folder, "d", 1);
  expect_error(ErrorCode::kInvalidArgument, "2 pictures", [&] { read_people(folder / ""); });
  expect_error(ErrorCode::kNotFound, "nowhere", [&] { read_people(folder / "nowhere"); });
}

}  // namespace
}  // namespace scrim
