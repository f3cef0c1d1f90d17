// Programs of the tests: a few lines for bash.
#pragma once

#include "base/files.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace scrim {

// Writes a program and returns its path.
inline std::string write_script(const std::filesystem::path& path, const std::string& lines) {
  write_file_atomically(path, "#!/bin/bash\n" + lines + "\n");
  ::chmod(path.c_str(), 0755);
  return path.string();
}

}  // namespace scrim
