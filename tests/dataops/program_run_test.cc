#include "dataops/program_run.h"

#include "base/files.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

struct ProgramRunTest : testing::Test {
  int run(const std::string& script, std::stop_token stop = {}) {
    return run_program(
        {"bash", "-c", script}, files, [this](const std::string& line) { lines.push_back(line); },
        stop);
  }

  TemporaryFolder folder;
  ProgramFiles files = {folder / "out", folder / "log"};
  std::vector<std::string> lines;
};

TEST_F(ProgramRunTest, OutputAndLogAreKeptApartAndLinesAreFollowed) {
  EXPECT_EQ(run("echo data; echo one >&2; printf 'two\\rthree\\n\\npart' >&2; exit 3"), 3);
  EXPECT_EQ(read_file(files.output), "data\n");
  EXPECT_EQ(read_file(files.log), "one\ntwo\rthree\n\npart");
  EXPECT_EQ(lines, std::vector<std::string>({"one", "two", "three"}));
}

TEST_F(ProgramRunTest, SignalsAndMissingProgramsHaveTheCodesOfShells) {
  EXPECT_EQ(run("kill -9 $$"), 137);
  EXPECT_EQ(run_program({"/no/such/program"}, files, {}, {}), 127);
  EXPECT_EQ(read_file(files.log), "cannot run /no/such/program: No such file or directory\n");
}

TEST_F(ProgramRunTest, AStopEndsIt) {
  std::stop_source source;
  const auto stop_at_line = [&](const std::string&) { source.request_stop(); };
  EXPECT_EQ(run_program({"bash", "-c", "echo go >&2; exec sleep 1000"}, files, stop_at_line,
                        source.get_token()),
            143);
}

}  // namespace
}  // namespace scrim
