#include <scrim/release.h>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/release_parts.h"
#include "support/temporary_folder.h"

namespace scrim {
namespace {

namespace fs = std::filesystem;

// A folder with a valid release at "faces.scrim".
class ReleaseTest : public testing::Test {
 protected:
  ReleaseTest() : parts(example_parts(folder.path())), target(folder / "faces.scrim") {}

  void expect_corrupt(const std::string& part) {
    expect_error(ErrorCode::kCorrupt, part, [this] { Release::open(target); });
  }
  // The names beside the release: nothing may be left there.
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
  }

  TemporaryFolder folder;
  ReleaseParts parts;
  fs::path target;
};

TEST_F(ReleaseTest, WhatIsWrittenOpensWithTheSameNumbers) {
  const Release written = Release::write(target, parts);
  const Release opened = Release::open(target);
  EXPECT_EQ(opened.id(), written.id());
  EXPECT_EQ(opened.id().size(), 64U);
  EXPECT_EQ(opened.noise().basis, parts.noise.basis);
  EXPECT_EQ(opened.noise().sigma, parts.noise.sigma);
  EXPECT_EQ(opened.manifest().alphas, parts.noise.alphas);
  EXPECT_EQ(opened.manifest().split_point, "inception3");
  EXPECT_EQ(opened.manifest().tool_version, version());
  EXPECT_EQ(read_file(opened.head()), "the head");
  EXPECT_EQ(read_file(opened.tail()), "the tail");
  EXPECT_EQ(read_file(target / "evidence" / "evaluation.json"), "{}\n");
  EXPECT_EQ(names(), (std::vector<std::string>{"faces.scrim", "head.pt", "tail.pt"}));
}

TEST_F(ReleaseTest, SamePartsGiveTheSameIdAndOtherPartsAnother) {
  const std::string id = Release::write(target, parts).id();
  EXPECT_EQ(Release::write(folder / "again", parts).id(), id);
  parts.noise.sigma[0][0] = 1.5F;
  EXPECT_NE(Release::write(folder / "other", parts).id(), id);
}

TEST_F(ReleaseTest, WithoutEvidenceItIsARelease) {
  parts.evidence.clear();
  Release::write(target, parts);
  EXPECT_EQ(Release::open(target).manifest().files.size(), 4U);
}

TEST_F(ReleaseTest, AnotherReleaseIsReplaced) {
  const std::string first = Release::write(target, parts).id();
  parts.evidence = {{"audit.json", "[]"}};
  const std::string second = Release::write(target, parts).id();
  EXPECT_NE(first, second);
  EXPECT_EQ(Release::open(target).id(), second);
  EXPECT_FALSE(fs::exists(target / "evidence" / "evaluation.json"));
  EXPECT_EQ(names().size(), 3U);
}

TEST_F(ReleaseTest, ADamagedReleaseIsReplacedToo) {
  Release::write(target, parts);
  fs::remove(target / "client" / "head.pt");
  Release::write(target, parts);
  EXPECT_NO_THROW(Release::open(target));
}

TEST_F(ReleaseTest, WhatIsNoReleaseIsLeftAsItIs) {
  fs::create_directory(target);
  expect_error(ErrorCode::kInvalidArgument, "not a release",
               [&] { Release::write(target, parts); });
  write_file_atomically(target / "thesis.txt", "years of work");
  expect_error(ErrorCode::kInvalidArgument, "not a release",
               [&] { Release::write(target, parts); });
  write_file_atomically(target / "manifest.json", R"({"format": "other"})");
  expect_error(ErrorCode::kInvalidArgument, "not a release",
               [&] { Release::write(target, parts); });
  EXPECT_EQ(read_file(target / "thesis.txt"), "years of work");
  expect_error(ErrorCode::kInvalidArgument, "not a release",
               [&] { Release::write(folder / "head.pt", parts); });
  EXPECT_EQ(names().size(), 3U);
}

TEST_F(ReleaseTest, MissingOrOtherThingsDoNotOpen) {
  expect_error(ErrorCode::kNotFound, "nothing.scrim",
               [&] { Release::open(folder / "nothing.scrim"); });
  expect_error(ErrorCode::kInvalidArgument, "is a file",
               [&] { Release::open(folder / "head.pt"); });
  expect_error(ErrorCode::kCorrupt, "manifest.json", [&] { Release::open(folder.path()); });
}

TEST_F(ReleaseTest, EachMissingPartIsRefused) {
  const Release release = Release::write(target, parts);
  for (const auto& [path, digest] : release.manifest().files) {
    Release::write(target, parts);
    fs::remove(target / path);
    expect_corrupt(path + " is missing");
  }
  Release::write(target, parts);
  fs::remove(target / "manifest.json");
  expect_corrupt("manifest.json");
}

TEST_F(ReleaseTest, EachChangedOrHalfWrittenPartIsRefused) {
  const Release release = Release::write(target, parts);
  for (const auto& [path, digest] : release.manifest().files) {
    const std::string bytes = read_file(target / path);
    std::string changed = bytes;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    for (const std::string& damaged : {changed, bytes.substr(0, bytes.size() / 2), bytes + "x"}) {
      write_file_atomically(target / path, damaged);
      expect_corrupt(path + " was changed");
    }
    write_file_atomically(target / path, bytes);
  }
  EXPECT_NO_THROW(Release::open(target));
}

TEST_F(ReleaseTest, ExtraFilesFoldersAndLinksAreRefused) {
  for (const char* extra : {"client/key", "notes.txt", "evidence/more.json", "server/head.pt"}) {
    Release::write(target, parts);
    write_file_atomically(target / extra, "x");
    expect_corrupt("does not list");
  }
  Release::write(target, parts);
  fs::create_directory(target / "client" / "folder");
  expect_corrupt("no release has");
  Release::write(target, parts);
  fs::create_symlink("/etc/passwd", target / "evidence" / "link");
  expect_corrupt("no release has");
}

TEST_F(ReleaseTest, PartsBehindLinksAreRefusedEvenWithTheRightBytes) {
  Release::write(target, parts);
  fs::rename(target / "client" / "head.pt", folder / "moved.pt");
  fs::create_symlink(folder / "moved.pt", target / "client" / "head.pt");
  expect_corrupt("no release has");

  Release::write(target, parts);
  fs::rename(target / "server", folder / "moved");
  fs::create_directory_symlink(folder / "moved", target / "server");
  expect_corrupt("no release has");

  Release::write(target, parts);
  fs::remove(target / "client" / "head.pt");
  ASSERT_EQ(::mkfifo((target / "client" / "head.pt").c_str(), 0600), 0);
  expect_corrupt("no release has");
}

TEST_F(ReleaseTest, AReleaseMayItselfBeBehindALink) {
  Release::write(target, parts);
  fs::create_directory_symlink("faces.scrim", folder / "current");
  EXPECT_EQ(Release::open(folder / "current").id(), Release::open(target).id());
  parts.evidence.clear();
  const std::string id = Release::write(folder / "current", parts).id();
  EXPECT_TRUE(fs::is_symlink(folder / "current"));
  EXPECT_EQ(Release::open(target).id(), id);
}

TEST_F(ReleaseTest, PartsOfTwoReleasesDoNotMix) {
  Release::write(target, parts);
  parts.noise.sigma[0][0] = 3.0F;
  Release::write(folder / "other", parts);
  for (const char* part : {"client", "server", "manifest.json"}) {
    fs::remove_all(folder / "mixed");
    fs::copy(target, folder / "mixed", fs::copy_options::recursive);
    fs::remove_all(folder / "mixed" / part);
    fs::copy(folder / "other" / part, folder / "mixed" / part, fs::copy_options::recursive);
    expect_error(ErrorCode::kCorrupt, "was changed", [&] { Release::open(folder / "mixed"); });
  }
}

TEST_F(ReleaseTest, NoiseThatMakesNoSenseIsNotWritten) {
  parts.noise.sigma[0][0] = 0;
  expect_error(ErrorCode::kInvalidArgument, "above 0 together",
               [&] { Release::write(target, parts); });
  EXPECT_FALSE(fs::exists(target));
}

TEST_F(ReleaseTest, EvidenceStaysInItsFolder) {
  for (const char* name : {"../escape", "/tmp/escape", "..", "", "a/b", ".hidden"}) {
    parts.evidence = {{name, "x"}};
    expect_error(ErrorCode::kInvalidArgument, "plain file name",
                 [&] { Release::write(target, parts); });
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"head.pt", "tail.pt"}));
}

TEST_F(ReleaseTest, MissingOrEmptyHeadLeavesNothing) {
  parts.head = folder / "nothing.pt";
  expect_error(ErrorCode::kNotFound, "nothing.pt", [&] { Release::write(target, parts); });
  write_file_atomically(folder / "nothing.pt", "");
  expect_error(ErrorCode::kInvalidArgument, "is empty", [&] { Release::write(target, parts); });
  EXPECT_EQ(names(), (std::vector<std::string>{"head.pt", "nothing.pt", "tail.pt"}));
}

// Root may write to read-only folders; below a file, and in /proc, nobody may.
TEST_F(ReleaseTest, WhereNothingCanBeWrittenTheReasonIsSaid) {
  expect_error(ErrorCode::kUnavailable, "cannot write",
               [&] { Release::write(folder / "head.pt" / "faces.scrim", parts); });
  expect_error(ErrorCode::kUnavailable, "cannot write",
               [&] { Release::write("/proc/faces.scrim", parts); });
  expect_error(ErrorCode::kNotFound, "no folder",
               [&] { Release::write(folder / "missing" / "faces.scrim", parts); });
}

// Writes releases at `target` until it is killed.
[[noreturn]] void write_for_ever(const fs::path& target, ReleaseParts parts) {
  for (int i = 0;; ++i) {
    parts.evidence = {{"count.txt", std::to_string(i)}};
    Release::write(target, parts);
  }
}

// Starts a writer and kills it after that time. Returns its wait status.
int run_and_kill(const fs::path& target, const ReleaseParts& parts,
                 std::chrono::microseconds after) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no second process");
  if (child == 0) {
    try {
      write_for_ever(target, parts);
    } catch (...) {
      ::_exit(1);
    }
  }
  std::this_thread::sleep_for(after);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST_F(ReleaseTest, KilledAtAnyMomentItIsAbsentOrWhole) {
  constexpr int kKills = 30;
  // Kills fall anywhere in the first writes, however slow the disk is.
  const auto start = std::chrono::steady_clock::now();
  Release::write(target, parts);
  const auto one_write = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  fs::remove_all(target);

  std::mt19937 random(1);
  bool was_there = false;
  for (int i = 0; i < kKills; ++i) {
    const auto after = one_write * (random() % 300) / 100;
    const int status = run_and_kill(target, parts, after);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
    const bool is_there = fs::exists(target);
    EXPECT_TRUE(is_there || !was_there) << "a release went away";
    if (is_there) Release::open(target);  // throws if it is not whole
    was_there = is_there;
  }
  // What the killed ones left goes with the next write.
  Release::write(target, parts);
  EXPECT_EQ(names(), (std::vector<std::string>{"faces.scrim", "head.pt", "tail.pt"}));
}

}  // namespace
}  // namespace scrim
