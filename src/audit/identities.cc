#include "audit/identities.h"

#include "base/check.h"
#include "data/layouts.h"

#include <algorithm>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFewestPeople = 4;
constexpr std::size_t kFewestPictures = 2;

Person read_person(const fs::path& folder) {
  Person person{folder.filename().string(), {}};
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_picture(entry.path())) {
      person.pictures.push_back(entry.path());
    }
  }
  check(person.pictures.size() >= kFewestPictures, "a person needs at least ", kFewestPictures,
        " pictures to be found again, ", folder.string(), " has ", person.pictures.size());
  std::sort(person.pictures.begin(), person.pictures.end());
  return person;
}

}  // namespace

People read_people(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    fail(ErrorCode::kNotFound, "no folder of people ", folder.string());
  }
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  check(folders.size() >= kFewestPeople, "an audit needs at least ", kFewestPeople,
        " people, each in a folder of their own; ", folder.string(), " has ", folders.size());
  std::sort(folders.begin(), folders.end());
  People people;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    auto& side = i < folders.size() / 2 ? people.attackers : people.searched;
    side.push_back(read_person(folders[i]));
  }
  return people;
}

}  // namespace scrim
