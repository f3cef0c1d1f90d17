// People to be recognised again: a folder that has one folder of pictures a person.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

struct Person {
  std::string name;  // of the folder
  std::vector<std::filesystem::path> pictures;
};

// People who teach the attackers, and others who are searched for: nobody is in both.
struct People {
  std::vector<Person> attackers, searched;
};

// Reads the folders by name, the pictures by name; what is no picture is passed over. The first
// half of the people (rounded down) goes to the attackers. Throws kNotFound (no such folder),
// kInvalidArgument (fewer than four people, or a person with fewer than two pictures: nobody else
// could be found by that picture).
People read_people(const std::filesystem::path& folder);

}  // namespace scrim
