#include "base/program.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Program, ProgramsAreFoundAsAShellFindsThem) {
  EXPECT_TRUE(found_program("bash").ends_with("/bash"));
  EXPECT_EQ(found_program("/bin/sh"), "/bin/sh");
  expect_error(ErrorCode::kNotFound, "no program 'no-such' on the PATH",
               [] { found_program("no-such"); });
  expect_error(ErrorCode::kNotFound, "no program './no-such'", [] { found_program("./no-such"); });
}

TEST(Program, BecomingOneTakesTheEnvironmentAlong) {
  EXPECT_EXIT(become_program({"bash", "-c", "[[ $SCRIM_WORD == 'a b' && -n $PATH ]] && exit 3"},
                             {{"SCRIM_WORD", "a b"}}),
              testing::ExitedWithCode(3), "");
  EXPECT_EXIT(become_program({"/no/such/program"}), testing::ExitedWithCode(127),
              "cannot run /no/such/program: No such file or directory");
}

}  // namespace
}  // namespace scrim
