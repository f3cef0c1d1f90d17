#include "learn/resume.h"

#include "support/expect_error.h"
#include "support/file_size_limit.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace scrim {
namespace {

TEST(Resume, NewRunClearsWhatAnotherLeft) {
  TemporaryFolder folder;
  LearnOptions options;
  options.output = folder / "r";
  const auto state = open_state(options, "data", "weights");
  EXPECT_EQ(state, folder / "r.state");
  std::ofstream(state / "tail.state") << "old";
  open_state(options, "data", "weights");
  EXPECT_FALSE(std::filesystem::exists(state / "tail.state"));
}

TEST(Resume, SameRunFindsItsState) {
  TemporaryFolder folder;
  LearnOptions options;
  options.output = folder / "r";
  std::ofstream(open_state(options, "data", "weights") / "tail.state") << "kept";
  options.resume = true;
  EXPECT_TRUE(std::filesystem::exists(open_state(options, "data", "weights") / "tail.state"));
}

TEST(Resume, AnotherRunIsRefusedByTheNameOfWhatDiffers) {
  TemporaryFolder folder;
  LearnOptions options;
  options.output = folder / "r";
  open_state(options, "data", "weights");
  options.resume = true;
  expect_error(ErrorCode::kInvalidArgument, "data was",
               [&] { open_state(options, "other", "weights"); });
  expect_error(ErrorCode::kInvalidArgument, "subject was",
               [&] { open_state(options, "data", "other"); });
  options.distil = 0.5;
  expect_error(ErrorCode::kInvalidArgument, "distil was 0",
               [&] { open_state(options, "data", "weights"); });
  options.distil = 0;
  options.nuisance = 2;
  expect_error(ErrorCode::kInvalidArgument, "nuisance was 0",
               [&] { open_state(options, "data", "weights"); });
  options.nuisance = 0;
  options.seed = 2;
  expect_error(ErrorCode::kInvalidArgument, "seed was 1 and is 2",
               [&] { open_state(options, "data", "weights"); });
}

TEST(Resume, FolderThatCannotBeMadeIsOneSentence) {
  LearnOptions options;
  options.output = "/dev/null/r";
  expect_error(ErrorCode::kUnavailable, "cannot create the state folder",
               [&] { open_state(options, "data", "weights"); });
}

TEST(Resume, FullDiskLeavesNoFolder) {
  TemporaryFolder folder;
  LearnOptions options;
  options.output = folder / "r";
  const FileSizeLimit full_disk(10);
  EXPECT_THROW(open_state(options, "data", "weights"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "r.state"));
}

}  // namespace
}  // namespace scrim
