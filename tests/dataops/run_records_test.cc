#include "dataops/run_records.h"

#include "base/files.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(RunRecords, WhatIsWrittenIsFoundForTheSameCommand) {
  const TemporaryFolder folder;
  const RunRecords records(folder / "");
  const RunCase one{"alpha-0.8", {"evaluate", "--alpha", "0.8"}};
  EXPECT_EQ(records.earlier(one).exit_code, RunRecords::kNotRun);
  RunResult result = records.earlier(one);
  result.exit_code = 3;
  result.seconds = 1.5;
  records.write(one, result);
  EXPECT_EQ(records.earlier(one).exit_code, 3);
  EXPECT_EQ(records.earlier(one).seconds, 1.5);
  EXPECT_FALSE(records.earlier(one).changed);
  const RunCase other{"alpha-0.8", {"evaluate", "--alpha", "0.9"}};
  EXPECT_EQ(records.earlier(other).exit_code, RunRecords::kNotRun);
  EXPECT_EQ(records.earlier(std::vector{one, other}).size(), 2U);
  write_file_atomically(folder / "alpha-0.8.json", "{half");
  EXPECT_EQ(records.earlier(one).exit_code, RunRecords::kNotRun);
}

}  // namespace
}  // namespace scrim
