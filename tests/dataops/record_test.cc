#include "dataops/record.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

TEST(Record, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "v");
  const Volume volume{"v",
                      7,
                      "2026-01-01T00:00:00Z",
                      Origin{ObjectKind::kSnapshot, "s"},
                      {{"team", "vision"}},
                      data_of(folder / "v")};
  write_new_file(record_of(folder / "v"), record_text(volume));
  const Volume read = read_volume(folder / "v");
  EXPECT_EQ(record_text(read), record_text(volume));
  EXPECT_EQ(read.path, folder / "v/data");
  fs::create_directories(folder / "s");
  const Snapshot snapshot{"s", "v", 7, "2026-01-01T00:00:00Z", {}, data_of(folder / "s")};
  write_new_file(record_of(folder / "s"), record_text(snapshot));
  EXPECT_EQ(read_snapshot(folder / "s").volume, "v");
}

TEST(Record, WhatIsNoneIsNamed) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "v");
  expect_error(ErrorCode::kNotFound, "no such file", [&] { read_volume(folder / "v"); });
  for (const char* text :
       {"{", "[]", "{}", R"({"format":"scrim-volume","name":"w"})",
        R"({"format":"scrim-volume","name":"v","format_version":1,"size":"x"})"}) {
    write_file_atomically(record_of(folder / "v"), text);
    expect_error(ErrorCode::kCorrupt, "the record of volume 'v'",
                 [&] { read_volume(folder / "v"); });
  }
  write_file_atomically(record_of(folder / "v"),
                        R"({"format":"scrim-volume","name":"v","format_version":2})");
  expect_error(ErrorCode::kUnsupported, "newer version", [&] { read_volume(folder / "v"); });
}

}  // namespace
}  // namespace scrim
