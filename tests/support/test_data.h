// Real photographs, weights and annotations, which are not part of the project: SCRIM_TEST_DATA
// names the folder. A test without them skips, and says what it missed.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace scrim {

// The file or folder `name`, as in "faceboxes/FaceBoxesProd.safetensors", below the test data.
// It need not exist.
inline std::filesystem::path test_data(const std::string& name) {
  const char* folder = std::getenv("SCRIM_TEST_DATA");
  return std::filesystem::path(folder == nullptr ? "SCRIM_TEST_DATA-is-not-set" : folder) / name;
}

}  // namespace scrim

// Skips the test unless the test data holds `name`.
#define SCRIM_NEEDS_TEST_DATA(name)                                          \
  if (!std::filesystem::exists(::scrim::test_data(name)))                    \
  GTEST_SKIP() << "missing test data: " << ::scrim::test_data(name).string() \
               << " (set SCRIM_TEST_DATA to the folder that holds it)"
