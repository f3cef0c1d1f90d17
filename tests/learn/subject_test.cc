#include "learn/subject.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace scrim {
namespace {

TEST(Subject, MissingFileIsNotFound) {
  expect_error(ErrorCode::kNotFound, "missing.safetensors",
               [] { Subject::open("/tmp/missing.safetensors", "pool2", "face-detection"); });
}

TEST(Subject, OtherFormatsAreRefused) {
  TemporaryFolder folder;
  std::ofstream(folder / "weights.pth") << "pickle";
  expect_error(ErrorCode::kUnsupported, "weights.pth",
               [&] { Subject::open(folder / "weights.pth", "pool2", "face-detection"); });
}

TEST(Subject, DamagedWeightsAreCorrupt) {
  TemporaryFolder folder;
  std::ofstream(folder / "w.safetensors") << "short";
  expect_error(ErrorCode::kCorrupt, "",
               [&] { Subject::open(folder / "w.safetensors", "pool2", "face-detection"); });
  std::ofstream(folder / "w.pt") << "short";
  expect_error(ErrorCode::kCorrupt, "",
               [&] { Subject::open(folder / "w.pt", "pool2", "face-detection"); });
}

}  // namespace
}  // namespace scrim
