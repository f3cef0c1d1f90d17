// What a real Triton answered, recorded: SCRIM_SERVING_GOLDEN names the file, or it lies beside the
// test data. A test without it skips.
#pragma once

#include "support/test_data.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace scrim {

// The recorded lines, each a JSON object; none where the file is not at hand.
inline std::vector<std::string> golden_answers() {
  const char* named = std::getenv("SCRIM_SERVING_GOLDEN");
  std::ifstream file(named != nullptr ? std::filesystem::path(named)
                                      : test_data("../reference/serving-golden.jsonl"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace scrim
