#include "dataops/staging.h"

#include "base/files.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace scrim {
namespace {

namespace fs = std::filesystem;

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

struct StagingFolders : testing::Test {
  StagingFolders() {
    fs::create_directory(folder / "staging");
    fs::create_directory(folder / "volumes");
  }

  // A staged object with one file.
  void make(const Staging& staging, const std::string& text) const {
    fs::create_directory(staging.object());
    write_new_file(staging.object() / "file", text);
  }

  TemporaryFolder folder;
  const fs::path staging_folder = folder / "staging";
};

TEST_F(StagingFolders, WhatAppearsIsWholeAndReplacesNothing) {
  {
    Staging staging(staging_folder, "create volume", {"volume 'a'"}, {});
    make(staging, "one");
    EXPECT_TRUE(staging.appear_at(folder / "volumes/a"));
  }
  {
    Staging staging(staging_folder, "create volume", {"volume 'a'"}, {});
    make(staging, "two");
    EXPECT_FALSE(staging.appear_at(folder / "volumes/a"));
  }
  EXPECT_EQ(read_file(folder / "volumes/a/file"), "one");
  EXPECT_EQ(entries_in(staging_folder), 0U);
}

TEST_F(StagingFolders, ExchangesAndTakesAtOnce) {
  fs::create_directory(folder / "volumes/a");
  write_new_file(folder / "volumes/a/file", "old");
  {
    Staging staging(staging_folder, "restore snapshot", {}, {});
    make(staging, "new");
    staging.exchange_with(folder / "volumes/a");
    EXPECT_EQ(read_file(staging.object() / "file"), "old");
  }
  EXPECT_EQ(read_file(folder / "volumes/a/file"), "new");
  Staging staging(staging_folder, "delete volume", {}, {});
  staging.take_from(folder / "volumes/a");
  EXPECT_FALSE(fs::exists(folder / "volumes/a"));
  staging.remove();
  EXPECT_FALSE(fs::exists(staging.object()));
}

TEST_F(StagingFolders, IntentsSayWhoDoesWhat) {
  const Staging staging(staging_folder, "clone volume", {"volume 'b'", "snapshot 's'"}, {});
  const auto found = intents(staging_folder);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verb, "clone volume");
  EXPECT_EQ(found[0].objects, std::vector<std::string>({"volume 'b'", "snapshot 's'"}));
  EXPECT_EQ(found[0].process, ::getpid());
}

TEST_F(StagingFolders, ASweepTakesWhatTheDeadLeftAndNothingElse) {
  const Staging living(staging_folder, "clone volume", {}, {});
  const pid_t child = ::fork();
  if (child == 0) {
    const Staging staging(staging_folder, "clone volume", {}, {});
    make(staging, "half");
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(entries_in(staging_folder), 2U);
  sweep(staging_folder);
  EXPECT_EQ(entries_in(staging_folder), 1U);
  EXPECT_EQ(intents(staging_folder).size(), 1U);
}

TEST_F(StagingFolders, EachStepIsAnnounced) {
  std::vector<std::string> steps;
  const auto note = [&](std::string_view step) { steps.emplace_back(step); };
  Staging staging(staging_folder, "create volume", {}, note);
  make(staging, "one");
  staging.appear_at(folder / "volumes/a");
  EXPECT_EQ(steps, std::vector<std::string>({"stage", "write the intent", "appear", "clean up"}));
}

}  // namespace
}  // namespace scrim
