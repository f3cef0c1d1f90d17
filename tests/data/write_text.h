// A small file, written in sight of the test that reads it.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace scrim {

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace scrim
