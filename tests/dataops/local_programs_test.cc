#include "dataops/local_programs.h"

#include "base/files.h"
#include "dataops/http_probe.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

struct LocalProgramsTest : testing::Test {
  LocalProgramsTest() { fs::create_directory(folder / "staging"); }
  ~LocalProgramsTest() override {
    for (const std::string& name : programs.names()) programs.remove(name);
  }

  TemporaryFolder folder;
  LocalOptions options{.timeout = std::chrono::milliseconds(20'000)};
  LocalPrograms programs{"clock", {folder / "clocks", folder / "staging"}, options};
};

TEST_F(LocalProgramsTest, OneIsKeptStartedStoppedAndRemoved) {
  programs.keep("wall", {{"hands", 2}},
                [](const fs::path& own) { write_new_file(own / "key", "secret"); });
  struct stat status {};
  ASSERT_EQ(::stat((folder / "clocks/wall").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U) << "only its owner looks into it";
  EXPECT_EQ(programs.record("wall")["hands"], 2);
  EXPECT_FALSE(programs.process_of("wall"));
  programs.start("wall",
                 {.command = {"bash", "-c", "echo $TICK $PWD > here; exec sleep 1000"},
                  .environment = {{"TICK", "tock"}},
                  .folder = folder / "clocks/wall"},
                 [&] { return fs::exists(folder / "clocks/wall/here"); });
  EXPECT_TRUE(programs.process_of("wall"));
  EXPECT_TRUE(programs.stop("wall"));
  EXPECT_FALSE(programs.stop("wall"));
  EXPECT_EQ(read_file(folder / "clocks/wall/here"),
            "tock " + fs::canonical(folder / "clocks/wall").string() + "\n");
  programs.remove("wall");
  EXPECT_TRUE(programs.names().empty());
}

TEST_F(LocalProgramsTest, OneThatRestsIsRememberedUntilItStarts) {
  programs.keep("wall", {});
  programs.keep("tower", {});
  const auto start = [&] { programs.start("wall", {{"sleep", "1000"}}, [] { return true; }); };
  start();
  programs.rest("wall");
  EXPECT_FALSE(programs.process_of("wall"));
  EXPECT_EQ(programs.resting(), std::vector<std::string>{"wall"});
  start();
  EXPECT_TRUE(programs.resting().empty());
}

TEST_F(LocalProgramsTest, WhatIsNotReadyInTimeIsStoppedAndItsLastLineSaid) {
  options.timeout = std::chrono::milliseconds(300);
  programs.keep("wall", {});
  expect_error(ErrorCode::kUnavailable,
               "clock 'wall' is not ready after 0.3 s; its last line: tick", [&] {
                 programs.start("wall", {{"bash", "-c", "echo tick; exec sleep 1000"}},
                                [] { return false; });
               });
  EXPECT_FALSE(programs.process_of("wall"));
}

TEST_F(LocalProgramsTest, WhatIsNotThereAndWhatIsTwiceIsNamed) {
  expect_error(ErrorCode::kNotFound, "there is no clock 'wall'", [&] { programs.record("wall"); });
  expect_error(ErrorCode::kInvalidArgument, "clock name", [&] { programs.folder_of("../x"); });
  programs.keep("wall", {});
  expect_error(ErrorCode::kInvalidArgument, "another run makes clock 'wall'",
               [&] { programs.keep("wall", {}); });
  const auto hands = [](const Json& json) { return json.at("hands").get<int>(); };
  expect_error(ErrorCode::kCorrupt, "the record of clock 'wall' is damaged",
               [&] { programs.read_record("wall", hands); });
}

TEST(LocalProgramsPort, OneThatIsTakenIsRefused) {
  const std::uint16_t port = LocalPrograms::port_or_free(0);
  EXPECT_EQ(LocalPrograms::port_or_free(port), port);
}

}  // namespace
}  // namespace scrim
